using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Spawner;
using Spawner.Docker;

namespace Benchmarks.Spawn;

/// <summary>A spawner of containers without a hub around it, and a home for what it starts; Docker as <c>DOCKER_HOST</c> says.</summary>
internal sealed class SpawnGround : IAsyncDisposable
{
    /// <summary>Who nobody else is.</summary>
    private const int UserId = 397_531;

    private readonly DirectoryInfo _place = Directory.CreateTempSubdirectory("spawn-");
    private readonly string _home;

    public SpawnGround()
    {
        _home = Directory.CreateDirectory(Path.Combine(_place.FullName, "home")).FullName;
        using (Process chown = Process.Start("chown", [$"{UserId}:{UserId}", _home]))
            chown.WaitForExit();
        Spawner = new DockerSpawner(SpawnSite.Open(Path.Combine(_place.FullName, "run")), Options.Create(new DockerOptions()), TimeProvider.System, NullLogger<DockerSpawner>.Instance);
    }

    public static IReadOnlyList<string> Ipykernel { get; } = ["python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"];

    public DockerSpawner Spawner { get; }

    public SpawnRequest Request(IReadOnlyList<string> command) => new()
    {
        KernelId = Guid.NewGuid().ToString(),
        UserName = "measured",
        KernelSpecName = "python3",
        Command = command,
        HomeDirectory = _home,
        UserId = UserId,
        GroupId = UserId,
        Key = RandomNumberGenerator.GetHexString(64, lowercase: true),
        Image = "notebook-hub/python",
    };

    public async ValueTask DisposeAsync()
    {
        await Spawner.DisposeAsync();
        _place.Delete(recursive: true);
    }
}
