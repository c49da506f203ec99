using System.Diagnostics;
using Microsoft.Extensions.Options;

namespace Hub.Events.Audit;

/// <summary>
/// Writes what happens into the chain, in batches, beside everything else. Events wait in memory, up to <c>Audit:QueueLength</c>; with more, whoever makes
/// one waits for room; when the database is away, <c>Audit:WaitSeconds</c> at most. Then the oldest are lost, and a record <c>lost</c> with their number takes
/// their place. Beginning and end of a hub are records, too: a beginning without an end before it says that a hub was killed, and with it what it had not yet written.
/// </summary>
internal sealed partial class AuditLog : BackgroundService, IAsyncDisposable
{
    private const int Batch = 256;

    private static readonly TimeSpan s_againAfter = TimeSpan.FromSeconds(1);

    /// <summary>Between two writes: what happens within it is written together. After more quiet than that the next event is written at once.</summary>
    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(5);

    private readonly AuditStore _store;
    private readonly AuditOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<AuditLog> _logger;
    private bool _isBroken;
    private readonly EventReader _reader;
    private long _missedTold;
    private bool _isStopping;

    public AuditLog(AuditStore store, EventStream events, IOptions<AuditOptions> options, TimeProvider time, ILogger<AuditLog> logger)
    {
        (_store, _options, _time, _logger) = (store, options.Value, time, logger);
        _reader = events.Subscribe(happened => AuditEntry.Of(happened) is not null, _options.QueueLength, TimeSpan.FromSeconds(_options.WaitSeconds));
    }

    /// <summary>Events that nobody has begun to write.</summary>
    internal int Waiting => _reader.Waiting;

    public override Task StopAsync(CancellationToken cancellationToken)
    {
        Volatile.Write(ref _isStopping, true);
        return base.StopAsync(cancellationToken);
    }

    /// <summary>Returns when nothing more will be written. A hub that is thrown away without having been stopped writes no end, as one that is killed.</summary>
    public async ValueTask DisposeAsync()
    {
        Dispose();
        if (ExecuteTask is { } running)
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public override void Dispose()
    {
        base.Dispose();
        _reader.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        List<AuditEntry> batch = [AuditEntry.OfHub(_time.GetUtcNow(), "hub-started", ("version", typeof(AuditLog).Assembly.GetName().Version?.ToString(3)))];
        try
        {
            while (true)
            {
                while (!await TryWriteAsync(batch))
                    await Task.Delay(s_againAfter, _time, stoppingToken);
                batch.Clear();
                stoppingToken.ThrowIfCancellationRequested();
                long written = Stopwatch.GetTimestamp();
                await _reader.WaitAsync(stoppingToken);
                await GatherAsync(written, stoppingToken);
                Take(batch, Batch);
            }
        }
        catch (OperationCanceledException)
        {
            // The hub ends: what waits is written below.
        }
        if (!Volatile.Read(ref _isStopping))
            return;
        Take(batch, int.MaxValue);
        _reader.IsAway = true;
        batch.Add(AuditEntry.OfHub(_time.GetUtcNow(), "hub-stopped"));
        await DrainAsync(batch);
    }

    /// <summary>A write costs as much for one event as for ten. Nobody is made to wait for room meanwhile.</summary>
    private async Task GatherAsync(long written, CancellationToken cancellationToken)
    {
        TimeSpan left = s_gather - Stopwatch.GetElapsedTime(written);
        // A real clock: it is about the pace of the database, not the time of day.
        if (left > TimeSpan.Zero && _reader.Waiting < Math.Min(Batch, _options.QueueLength / 2))
            await Task.Delay(left, TimeProvider.System, cancellationToken);
    }

    private void Take(List<AuditEntry> batch, int most)
    {
        // Missed first: what was lost is older than what is still here.
        if (_reader.Missed is var missed && missed > _missedTold)
        {
            batch.Add(AuditEntry.OfHub(_time.GetUtcNow(), "lost", ("events", missed - _missedTold)));
            LogLost(missed - _missedTold);
            _missedTold = missed;
        }
        while (batch.Count < most && _reader.TryTake(out HubEvent? happened))
            batch.Add(AuditEntry.Of(_options.Addresses ? happened : happened with { Address = "" })!);
    }

    private async Task DrainAsync(List<AuditEntry> batch)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(_options.DrainSeconds), _time);
        try
        {
            while (!await TryWriteAsync(batch))
                await Task.Delay(s_againAfter, _time, patience.Token);
        }
        catch (OperationCanceledException)
        {
            LogLostAtEnd(batch.Count);
        }
    }

    /// <summary>Not cancelled by the hub's end: whether a write that is broken off was done, nobody knows. The database's own time limits end it.</summary>
    private async Task<bool> TryWriteAsync(List<AuditEntry> batch)
    {
        try
        {
            await _store.AppendAsync(batch, CancellationToken.None);
            if (_isBroken)
                LogBack();
            _reader.IsAway = _isBroken = false;
            return true;
        }
        catch (Exception failure)
        {
            if (!_isBroken)
                LogAway(failure, _options.QueueLength);
            _reader.IsAway = _isBroken = true;
            return false;
        }
    }

    [LoggerMessage(300, LogLevel.Warning, "The audit cannot be written; up to {Length} events wait in memory for the database (Audit:QueueLength)")]
    private partial void LogAway(Exception failure, int length);

    [LoggerMessage(301, LogLevel.Information, "The audit is written again")]
    private partial void LogBack();

    [LoggerMessage(302, LogLevel.Error, "{Count} events of the audit are lost: more than Audit:QueueLength waited for the database")]
    private partial void LogLost(long count);

    [LoggerMessage(303, LogLevel.Error, "{Count} events of the audit are lost: the hub ended while the database was away")]
    private partial void LogLostAtEnd(int count);
}
