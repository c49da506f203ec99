using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;

namespace Hub.Telemetry;

/// <summary>
/// Listens to the meters of the hub and of the framework and keeps their values for whoever scrapes. It takes no sampling thread: counters and
/// histograms are kept as they are measured, gauges are asked when somebody scrapes.
/// </summary>
public sealed class MetricsRegistry : IHostedService, IDisposable
{
    private static readonly double[] DefaultBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    private static readonly HashSet<string> Meters = new(StringComparer.Ordinal)
    {
        HubMetrics.MeterName, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime",
    };

    private readonly ConcurrentDictionary<Instrument, MetricFamily> _families = new();
    private readonly MeterListener _listener = new();
    private readonly int _maxSeries;
    private int _series;
    private long _dropped;

    public MetricsRegistry(IOptions<TelemetryOptions> options, HubMetrics hub, IMeterFactory factory)
    {
        _maxSeries = options.Value.MaxSeries;
        hub.Meter.CreateObservableCounter("hub.metrics.dropped", () => Interlocked.Read(ref _dropped), description: "Measurements dropped because of Telemetry:MaxSeries.");
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            // Meters of other hosts in this process (tests) bear the same names; theirs have another factory as scope, the runtime's have none.
            if (Meters.Contains(instrument.Meter.Name) && (instrument.Meter.Scope is null || instrument.Meter.Scope == factory))
                listener.EnableMeasurementEvents(instrument, _families.GetOrAdd(instrument, FamilyOf));
        };
        _listener.SetMeasurementEventCallback<byte>((instrument, value, tags, family) => Take(instrument, value, tags, family));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, family) => Take(instrument, value, tags, family));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, family) => Take(instrument, value, tags, family));
        _listener.SetMeasurementEventCallback<float>((instrument, value, tags, family) => Take(instrument, value, tags, family));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, family) => Take(instrument, value, tags, family));
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _listener.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Everything known now, in Prometheus' text form.</summary>
    public string Write()
    {
        _listener.RecordObservableInstruments();
        // Instruments of one name on several meters would repeat a family, which the format forbids.
        return PrometheusCodec.Write(_families.Values.SelectMany<MetricFamily, MetricFamily>(family => family.Alias is { } alias ? [family, alias] : [family]).DistinctBy(family => family.Name));
    }

    public void Dispose() => _listener.Dispose();

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        MetricFamily family = (MetricFamily)state!;
        Take(instrument, value, PrometheusCodec.Labels(tags), family);
        if (family.Alias is { } alias)
            Take(instrument, value, JupyterHubNames.Labels(tags), alias);
    }

    private void Take(Instrument instrument, double value, string labels, MetricFamily family)
    {
        if (!family.Series.TryGetValue(labels, out MetricSeries? series))
        {
            if (Volatile.Read(ref _series) >= _maxSeries)
            {
                Interlocked.Increment(ref _dropped);
                return;
            }
            series = family.Series.GetOrAdd(labels, static (text, bounds) => new MetricSeries(text, bounds), family.Bounds);
            Interlocked.Increment(ref _series);
        }
        if (family.Bounds is not null)
            series.Record(value);
        else if (instrument.IsObservable)
            series.Set(value);
        else
            series.Add(value);
    }

    private static MetricFamily FamilyOf(Instrument instrument)
    {
        Type type = instrument.GetType().GetGenericTypeDefinition();
        string kind = type == typeof(Histogram<>) ? "histogram"
            : type == typeof(Counter<>) || type == typeof(ObservableCounter<>) ? "counter"
            : "gauge";
        double[]? bounds = kind != "histogram" ? null : instrument switch
        {
            Histogram<double> { Advice.HistogramBucketBoundaries: { } advised } => [.. advised],
            _ => DefaultBounds,
        };
        string help = instrument.Description ?? "";
        return new MetricFamily(PrometheusCodec.NameOf(instrument.Name, instrument.Unit, kind), kind, help, bounds)
        {
            Alias = JupyterHubNames.Of(instrument.Name) is { } name ? new MetricFamily(name, kind, help, bounds) : null,
        };
    }
}
