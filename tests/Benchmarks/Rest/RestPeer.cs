namespace Benchmarks.Rest;

/// <summary>Debian's package jupyterhub, to be measured beside the hub.</summary>
internal static class RestPeer
{
    /// <summary>Not started yet; null when it is not installed.</summary>
    public static MeasuredServer? Find()
    {
        const string program = "/usr/bin/jupyterhub";
        return !File.Exists(program)
            ? null
            : new MeasuredServer("jupyterhub", "bench-peer-", (port, _) => new(program, ["-f", Path.Combine(Repository.Root, "tests", "Benchmarks", "Rest", "jupyterhub_config.py")])
            {
                Environment = { ["BENCH_PORT"] = $"{port}", ["BENCH_TOKEN"] = MeasuredServer.Token },
            }, "/hub/api/info");
    }
}
