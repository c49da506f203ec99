using EndToEnd.Tests.Browser;
using Xunit;

namespace EndToEnd.Tests;

/// <summary>The stories with kernels as local processes.</summary>
public sealed class ProcessStories(ProcessStories.Fixture lab) : Stories(lab), IClassFixture<ProcessStories.Fixture>
{
    /// <summary>The connection file in its arguments names the kernel.</summary>
    protected override async Task KillKernelAsync(string kernelId)
    {
        int[] kernels = Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), out int pid) ? pid : 0)
            .Where(pid => pid > 0 && CommandLine(pid) is { } line && line.Contains("ipykernel", StringComparison.Ordinal) && line.Contains(kernelId[..8], StringComparison.Ordinal))
            .ToArray();
        Assert.NotEmpty(kernels);
        foreach (int pid in kernels)
            using (System.Diagnostics.Process kill = System.Diagnostics.Process.Start("kill", ["-KILL", $"{pid}"]))
                await kill.WaitForExitAsync();
    }

    private static string? CommandLine(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline");
        }
        catch (IOException)
        {
            return null;
        }
    }

    public sealed class Fixture() : LabFixture("process");
}
