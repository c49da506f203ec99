using Hub.Events;

namespace Hub.Admin;

/// <summary>Counts starts by the minute and keeps the last failures with their reasons, from the stream of events.</summary>
internal sealed class AdminTally(EventStream events, TimeProvider time) : BackgroundService
{
    /// <summary>Minutes that are told.</summary>
    public const int Minutes = 30;

    private const int FailuresKept = 50;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, int> _startsByMinute = [];
    private readonly LinkedList<KernelFailure> _failures = [];

    /// <summary>Kernels that became ready in each of the last minutes, the present one last.</summary>
    public IReadOnlyList<int> Starts()
    {
        long now = MinuteOf(time.GetUtcNow());
        lock (_gate)
            return [.. Enumerable.Range(0, Minutes).Select(i => _startsByMinute.GetValueOrDefault(now - Minutes + 1 + i))];
    }

    /// <summary>The last failures, newest first.</summary>
    public IReadOnlyList<KernelFailure> Failures()
    {
        lock (_gate)
            return [.. _failures];
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using EventReader reader = events.Subscribe(happened => happened is HubEvent.KernelReady or HubEvent.KernelStartFailed or HubEvent.KernelDied);
        await foreach (HubEvent happened in reader.ReadAllAsync(stoppingToken))
            Add(happened);
    }

    private void Add(HubEvent happened)
    {
        lock (_gate)
        {
            switch (happened)
            {
                case HubEvent.KernelReady ready:
                    long minute = MinuteOf(ready.At);
                    _startsByMinute[minute] = _startsByMinute.GetValueOrDefault(minute) + 1;
                    while (_startsByMinute.Count > Minutes)
                        _startsByMinute.Remove(_startsByMinute.First().Key);
                    break;
                case HubEvent.KernelStartFailed failed:
                    Keep(new KernelFailure(failed.At, failed.UserName, failed.Path, "start", failed.Cause, failed.Message));
                    break;
                case HubEvent.KernelDied { Cause: not ("shutdown" or "idle" or "longest_run") } died:
                    Keep(new KernelFailure(died.At, died.UserName, died.Path, "died", died.Cause, died.Message));
                    break;
            }
        }
    }

    private void Keep(KernelFailure failure)
    {
        _failures.AddFirst(failure);
        if (_failures.Count > FailuresKept)
            _failures.RemoveLast();
    }

    private static long MinuteOf(DateTimeOffset at) => at.UtcTicks / TimeSpan.TicksPerMinute;
}
