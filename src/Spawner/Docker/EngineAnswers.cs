using System.Text.Json;

namespace Spawner.Docker;

/// <summary>The parts of the engine's answers that are read; names are those of the wire, and all may be missing.</summary>
internal static class EngineAnswers
{
    internal sealed record Created(string? Id);

    internal sealed record Volume(string? Name, string? Mountpoint, IReadOnlyDictionary<string, string>? Labels);

    internal sealed record VolumeList(IReadOnlyList<Volume>? Volumes);

    internal sealed record Listed(string? Id, string? State, IReadOnlyDictionary<string, string>? Labels);

    internal sealed record Container(string? Id, ContainerState? State, IReadOnlyList<Mount>? Mounts = null);

    internal sealed record Mount(string? Type, string? Name);

    internal sealed record ContainerState(string? Status, bool Running, bool Paused, bool OOMKilled, int ExitCode, string? FinishedAt = null);

    /// <summary>Of <c>GET /info</c>.</summary>
    internal sealed record Info(bool? LiveRestoreEnabled);

    /// <summary>Of <c>GET /containers/{id}/stats</c>; a container that has ended answers zeros or nothing.</summary>
    internal sealed record Stats(MemoryStats? memory_stats, CpuStats? cpu_stats);

    internal sealed record MemoryStats(long usage, IReadOnlyDictionary<string, JsonElement>? stats);

    internal sealed record CpuStats(CpuUsage? cpu_usage);

    /// <param name="total_usage">Nanoseconds since the container began.</param>
    internal sealed record CpuUsage(long total_usage);

    internal sealed record Image(string? Id, ImageConfig? Config, IReadOnlyList<string>? RepoTags = null);

    internal sealed record ImageConfig(IReadOnlyDictionary<string, string>? Labels);

    internal sealed record Network(
        string? Id, string? Name, string? Driver, bool Internal, bool EnableIPv6, AddressManagement? IPAM, IReadOnlyDictionary<string, JsonElement>? Containers,
        IReadOnlyDictionary<string, string>? Options, IReadOnlyDictionary<string, string>? Labels);

    internal sealed record AddressManagement(IReadOnlyList<AddressRange>? Config);

    internal sealed record AddressRange(string? Subnet);

    /// <summary>One line of <c>GET /events</c>.</summary>
    internal sealed record Event(string? Type, string? Action, EventActor? Actor, long timeNano);

    internal sealed record EventActor(string? ID, IReadOnlyDictionary<string, string>? Attributes);
}
