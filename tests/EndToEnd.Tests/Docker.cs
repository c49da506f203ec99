using System.Diagnostics;
using Xunit;

namespace EndToEnd.Tests;

/// <summary>The engine's own command, beside the hub.</summary>
internal static class Docker
{
    /// <summary>What it printed; a failure is the test's.</summary>
    public static async Task<string> RunAsync(params string[] arguments)
    {
        using Process docker = Process.Start(new ProcessStartInfo("docker", arguments) { RedirectStandardOutput = true })!;
        string output = await docker.StandardOutput.ReadToEndAsync();
        await docker.WaitForExitAsync();
        Assert.Equal(0, docker.ExitCode);
        return output;
    }
}
