using System.Text.Json.Nodes;
using Spawner;

namespace Hub.KernelSpecs;

/// <summary>An environment people can start a kernel in: a Jupyter kernelspec, plus image and limits where kernels run in containers.</summary>
public sealed record KernelSpec
{
    public required string Name { get; init; }

    public required string DisplayName { get; init; }

    public required string Language { get; init; }

    public required IReadOnlyList<string> Argv { get; init; }

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public InterruptMode InterruptMode { get; init; }

    public JsonObject Metadata { get; init; } = [];

    public string? ProtocolVersion { get; init; }

    /// <summary>Container image; null for local processes.</summary>
    public string? Image { get; init; }

    public ResourceLimits Limits { get; init; } = new();

    /// <summary>After this time without use its kernels are stopped; zero never, null as the hub says.</summary>
    public TimeSpan? IdleAfter { get; init; }

    /// <summary>After this time its kernels are stopped even when they are at work; zero never, null as the hub says.</summary>
    public TimeSpan? LongestRun { get; init; }

    /// <summary>Id or digest of the image kernels are started from, wherever its tag points; null follows the tag.</summary>
    public string? Pinned { get; init; }

    /// <summary>Who may use it, by group; nobody is left out when empty. Administrators always may.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>Directories of the machine its kernels see beside the home.</summary>
    public IReadOnlyList<KernelMount> Mounts { get; init; } = [];

    /// <summary>Network of the engine its kernels are on; null as <c>Docker:Network</c> says.</summary>
    public string? Network { get; init; }

    /// <summary>How many GPUs each kernel gets, <c>all</c>, or null for none.</summary>
    public string? Gpus { get; init; }

    public KernelSpecOrigin Origin { get; init; } = KernelSpecOrigin.Configuration;
    /// <summary>How many of its kernels are kept ready for whoever comes.</summary>
    public int Pool { get; init; }

    /// <summary>Directory with logos and <c>kernel.js</c>, or null.</summary>
    public string? ResourceDirectory { get; init; }
}
