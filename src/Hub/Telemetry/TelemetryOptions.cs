using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Hub.Telemetry;

/// <summary>Section <c>Telemetry</c>: what operators may measure.</summary>
public sealed record TelemetryOptions
{
    public const string Section = "Telemetry";

    [Description("Serve metrics in Prometheus' text form at /metrics.")]
    public bool Metrics { get; init; } = true;

    [Range(100, 1_000_000)]
    [Description("Most series kept for /metrics; further ones are counted as dropped, so that no label can fill the memory.")]
    public int MaxSeries { get; init; } = 5_000;

    [Range(0, 3600)]
    [Description("Seconds without work after which memory is given back to the system; 0 leaves that to the runtime.")]
    public int CollectAfterQuietSeconds { get; init; } = 3;
}
