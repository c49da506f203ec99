using System.Diagnostics;
using EndToEnd.Tests.Browser;
using Spawner;
using Xunit;

namespace EndToEnd.Tests;

/// <summary>The stories with every kernel in a container of its own.</summary>
public sealed class DockerStories(DockerStories.Fixture lab) : Stories(lab), IClassFixture<DockerStories.Fixture>
{
    protected override async Task KillKernelAsync(string kernelId, int pid)
    {
        string container = (await DockerAsync("ps", "-q", "--filter", $"label={SpawnLabels.KernelId}={kernelId}")).Trim();
        Assert.NotEmpty(container);
        await DockerAsync("kill", container);
    }

    private static async Task<string> DockerAsync(params string[] arguments)
    {
        using Process docker = Process.Start(new ProcessStartInfo("docker", arguments) { RedirectStandardOutput = true })!;
        string output = await docker.StandardOutput.ReadToEndAsync();
        await docker.WaitForExitAsync();
        Assert.Equal(0, docker.ExitCode);
        return output;
    }

    public sealed class Fixture() : LabFixture("docker");
}
