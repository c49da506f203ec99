namespace Spawner.Docker;

/// <summary>Where the engine listens: option <c>Docker:Socket</c>, else <c>DOCKER_HOST</c>, else <c>/var/run/docker.sock</c>.</summary>
/// <param name="Path">Absolute path of the Unix socket; empty when <paramref name="Problem"/> says why there is none.</param>
/// <param name="Problem">Null, or what is wrong with the setting.</param>
public sealed record EngineSocket(string Path, string? Problem)
{
    public static EngineSocket Find(DockerOptions options) =>
        Find(options.Socket, Environment.GetEnvironmentVariable("DOCKER_HOST"));

    /// <summary>The same, decided from values (pure).</summary>
    public static EngineSocket Find(string? option, string? dockerHost)
    {
        string said = !string.IsNullOrWhiteSpace(option) ? option.Trim()
            : !string.IsNullOrWhiteSpace(dockerHost) ? dockerHost.Trim()
            : "/var/run/docker.sock";
        string path = said.StartsWith("unix://", StringComparison.OrdinalIgnoreCase) ? said["unix://".Length..] : said;
        return path.StartsWith('/')
            ? new EngineSocket(path, null)
            : new EngineSocket("", $"\"{said}\" is no Unix socket; the hub and its kernels share one machine, so set Docker:Socket to a path");
    }
}
