using System.Data.Common;
using Hub.Storage.Engines;

namespace Hub.Storage;

/// <summary>
/// One hub on a database, as <see cref="DataLock"/> is one hub on a data directory: two would both write the audit's chain and own the same accounts' servers.
/// SQLite's database lies in the data directory and needs no more; PostgreSQL's is held by a connection. The connection may break while the hub lives, and the
/// hub then takes the database again; when another one was quicker, this one says so and is not ready, until the other has gone.
/// </summary>
internal sealed partial class DatabaseLock(HubDatabase database, TimeProvider time, ILogger<DatabaseLock> logger) : BackgroundService
{
    /// <summary>A server needs a moment to notice that a hub is gone.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan s_tryEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_lookEvery = TimeSpan.FromSeconds(2);

    private readonly IDatabaseHold? _hold = database.Engine.CreateHold();
    private volatile string? _problem;

    /// <summary>What is wrong, for who asks whether the hub is ready; null while nothing is known to be.</summary>
    public string? Problem => _problem;

    /// <summary>Takes the database for this hub.</summary>
    /// <exception cref="StorageException">The database is away, or another hub runs on it: the message says which.</exception>
    public async Task TakeAsync(CancellationToken cancellationToken)
    {
        if (_hold is null)
            return;
        try
        {
            for (long began = time.GetTimestamp(); await _hold.TryTakeAsync(cancellationToken) is { } holder; await Task.Delay(s_tryEvery, time, cancellationToken))
            {
                if (time.GetElapsedTime(began) > s_patience)
                {
                    throw new StorageException(
                        $"A hub already runs on this schema of the PostgreSQL server: {holder.Text}. End that one first, or give this one a schema of its own "
                        + "(Search Path in Storage:ConnectionString).");
                }
            }
        }
        catch (DbException unusable)
        {
            throw new StorageException($"The database ({database.Engine.Name}) cannot be used: {unusable.Message}", unusable);
        }
    }

    /// <summary>Another hub may take it from here on.</summary>
    public Task ReleaseAsync() => _hold?.ReleaseAsync() ?? Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_hold is null)
            return;
        bool held = true;
        while (true)
        {
            await Task.Delay(s_lookEvery, time, stoppingToken);
            held = held ? await IsHeldAsync(_hold, stoppingToken) : await IsTakenAgainAsync(_hold, stoppingToken);
        }
    }

    public override void Dispose()
    {
        _hold?.Dispose();
        base.Dispose();
    }

    private async Task<bool> IsHeldAsync(IDatabaseHold hold, CancellationToken cancellationToken)
    {
        try
        {
            await hold.CheckAsync(cancellationToken);
            return true;
        }
        catch (Exception lost) when (lost is DbException or InvalidOperationException && !cancellationToken.IsCancellationRequested)
        {
            database.IsShared = true;
            LogLost(logger, lost.Message);
            return await IsTakenAgainAsync(hold, cancellationToken);
        }
    }

    private async Task<bool> IsTakenAgainAsync(IDatabaseHold hold, CancellationToken cancellationToken)
    {
        try
        {
            DatabaseHolder? holder = await hold.TryTakeAsync(cancellationToken);
            if (holder is null)
            {
                LogTakenAgain(logger);
                database.IsShared = false;
                _problem = null;
                return true;
            }
            if (!holder.IsThisHub)
            {
                if (_problem is null)
                    LogTaken(logger, holder.Text);
                _problem = $"another hub runs on this hub's database: {holder.Text}";
            }
        }
        catch (DbException) when (!cancellationToken.IsCancellationRequested)
        {
            // It is away, which is told by others; tried again soon.
        }
        return false;
    }

    [LoggerMessage(203, LogLevel.Warning, "The connection that holds the database for this hub broke and is made again: {Problem}")]
    private static partial void LogLost(ILogger logger, string problem);

    [LoggerMessage(204, LogLevel.Information, "The database is held for this hub again")]
    private static partial void LogTakenAgain(ILogger logger);

    [LoggerMessage(205, LogLevel.Critical, "Another hub runs on this hub's database: {Holder}. End one of the two; this one is not ready until then")]
    private static partial void LogTaken(ILogger logger, string holder);
}
