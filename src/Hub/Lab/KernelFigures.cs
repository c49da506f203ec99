using System.Diagnostics.Metrics;
using Hub.Kernels;
using Hub.Kernels.Starting;
using Hub.Telemetry;

namespace Hub.Lab;

/// <summary>Running kernels by kind, under Jupyter Server's name; over all users, since no figure may be about one person.</summary>
internal sealed class KernelFigures : IFigures
{
    private readonly KernelRegistry _kernels;
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, int> _running = new(StringComparer.Ordinal);

    public KernelFigures(KernelRegistry kernels, KernelPool pool, HubMetrics metrics)
    {
        _kernels = kernels;
        metrics.Meter.CreateObservableGauge("kernel.currently.running.total", Measure, description: "Kernels that run now.");
        metrics.Meter.CreateObservableGauge("hub.kernel.starts.waiting", () => kernels.StartsWaiting, description: "Kernels that wait for their turn to be started.");
        metrics.Meter.CreateObservableGauge("hub.kernels.ready", () => pool.Ready, description: "Kernels made ahead that wait for somebody; they are nobody's and count nowhere else.");
    }

    /// <summary>Nothing to look up: kernels are in memory.</summary>
    public Task RefreshAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>A kind that ran once is told for ever, since a figure nobody mentions keeps its last value.</summary>
    private List<Measurement<int>> Measure()
    {
        lock (_gate)
        {
            foreach (string kind in _running.Keys.ToList())
                _running[kind] = 0;
            foreach (LiveKernel kernel in _kernels.ListAll().Where(kernel => kernel.Phase != KernelPhase.Dead))
                _running[kernel.SpecName] = _running.GetValueOrDefault(kernel.SpecName) + 1;
            return [.. _running.Select(kind => new Measurement<int>(kind.Value, new KeyValuePair<string, object?>("type", kind.Key)))];
        }
    }
}
