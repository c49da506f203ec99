using System.Collections.Concurrent;

namespace Hub.Telemetry;

/// <summary>All series of one instrument.</summary>
/// <param name="Name">As Prometheus wants it: <c>http_server_request_duration_seconds</c>.</param>
/// <param name="Kind"><c>counter</c>, <c>gauge</c> or <c>histogram</c>.</param>
/// <param name="Bounds">Upper bounds of the buckets of a histogram.</param>
internal sealed record MetricFamily(string Name, string Kind, string Help, double[]? Bounds)
{
    /// <summary>The same values under JupyterHub's name; null when it has none for them.</summary>
    public MetricFamily? Alias { get; init; }

    public ConcurrentDictionary<string, MetricSeries> Series { get; } = new(StringComparer.Ordinal);
}
