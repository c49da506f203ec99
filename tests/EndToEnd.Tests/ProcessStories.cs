using System.Diagnostics;
using EndToEnd.Tests.Browser;
using Xunit;

namespace EndToEnd.Tests;

/// <summary>The stories with kernels as local processes.</summary>
public sealed class ProcessStories(ProcessStories.Fixture lab) : Stories(lab), IClassFixture<ProcessStories.Fixture>
{
    protected override async Task KillKernelAsync(string kernelId, int pid)
    {
        using Process kill = Process.Start("kill", ["-KILL", $"{pid}"]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    public sealed class Fixture() : LabFixture("process");
}
