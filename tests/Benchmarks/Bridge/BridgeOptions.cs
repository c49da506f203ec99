using System.Globalization;

namespace Benchmarks.Bridge;

/// <summary>What <see cref="BridgeBenchmark"/> is asked to measure.</summary>
internal sealed record BridgeOptions
{
    /// <summary>Parts to measure.</summary>
    public required IReadOnlySet<string> Parts { get; init; }

    public int Rounds { get; init; } = 1;

    /// <summary>Floods so many times as long: for profiling.</summary>
    public int Scale { get; init; } = 1;

    public bool WithPeer { get; init; } = true;

    public bool WithDirect { get; init; } = true;

    /// <summary>Idle tabs opened at the hub; the peer gets a tenth.</summary>
    public int Tabs { get; init; } = 5_000;

    /// <summary>Idle kernels started at the hub; the peer gets a twentieth.</summary>
    public int Kernels { get; init; } = 1_000;

    /// <summary>Settings of the hub.</summary>
    public string[] Settings { get; init; } = [];

    public bool Wants(params string[] parts) => parts.Any(Parts.Contains);

    public static BridgeOptions Parse(string[] arguments, string[] parts)
    {
        BridgeOptions options = new() { Parts = parts.ToHashSet() };
        for (int i = 0; i < arguments.Length; i++)
        {
            options = arguments[i] switch
            {
                "--only" => options with { Parts = Known(arguments[++i].Split(','), parts) },
                "--rounds" => options with { Rounds = Number(arguments[++i]) },
                "--scale" => options with { Scale = Number(arguments[++i]) },
                "--tabs" => options with { Tabs = Number(arguments[++i]) },
                "--kernels" => options with { Kernels = Number(arguments[++i]) },
                "--no-direct" => options with { WithDirect = false },
                "--no-peer" => options with { WithPeer = false },
                var setting when setting.Contains('=', StringComparison.Ordinal) => options with { Settings = [.. options.Settings, setting] },
                var unknown => throw new ArgumentException($"I do not know {unknown}: --only {string.Join(',', parts)}, --rounds, --scale, --tabs, --kernels, --no-peer, --no-direct, Section:Key=value"),
            };
        }

        return options;
    }

    private static HashSet<string> Known(string[] asked, string[] parts) => asked.FirstOrDefault(part => !parts.Contains(part)) is { } unknown
        ? throw new ArgumentException($"There is no part {unknown}; there are {string.Join(", ", parts)}.")
        : [.. asked];

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
