using Microsoft.Extensions.Logging.Abstractions;
using Spawner.Docker;

namespace Spawner.Tests.Docker;

/// <summary>
/// The real Docker engine the tests run on: socket <c>HUB_TEST_DOCKER</c>, else where an engine usually is. A missing engine fails the tests. With
/// <c>HUB_TEST_ENGINE=podman</c> it is Podman's, with the settings of docs/guides/docker.md.
/// </summary>
internal static class TestEngine
{
    public const string Image = "notebook-hub/python";

    public static string SocketPath { get; } = EngineSocket.Find(Environment.GetEnvironmentVariable("HUB_TEST_DOCKER"), Environment.GetEnvironmentVariable("DOCKER_HOST")).Path;

    public static bool IsPodman { get; } = Environment.GetEnvironmentVariable("HUB_TEST_ENGINE") == "podman";

    public static DockerOptions Options { get; } = new() { Socket = SocketPath, Channels = IsPodman ? "directory" : "auto", TemporaryFiles = IsPodman ? 0 : 100_000 };

    public static DockerSpawner Open(SpawnSite site, DockerOptions options) =>
        new(site, Microsoft.Extensions.Options.Options.Create(options), TimeProvider.System, NullLogger<DockerSpawner>.Instance);

    public static EngineCalls Calls() => new(Client(SocketPath));

    public static EngineClient Client(string socket) => new(new EngineSocket(socket, null), TimeSpan.FromSeconds(30), TimeProvider.System);
}
