using Microsoft.Extensions.Options;

namespace Hub.Events.Audit;

/// <summary>Once an hour, removes from the beginning of the chain what is older than <c>Audit:KeepDays</c>; a record <c>cut</c> says so.</summary>
internal sealed partial class AuditKeeper(AuditStore store, IOptions<AuditOptions> options, TimeProvider time, ILogger<AuditKeeper> logger) : BackgroundService
{
    /// <summary>Records removed in one write, so that other writers need not wait for a long one.</summary>
    private const int AtOnce = 20_000;

    private static readonly TimeSpan s_every = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.KeepDays == 0)
            return;
        using PeriodicTimer timer = new(s_every, time);
        try
        {
            do
                await CutAsync(stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The hub ends.
        }
    }

    private async Task CutAsync(CancellationToken cancellationToken)
    {
        try
        {
            DateTimeOffset now = time.GetUtcNow();
            long all = 0;
            long removed;
            do
            {
                removed = await store.CutAsync(now - TimeSpan.FromDays(options.Value.KeepDays), now, AtOnce, cancellationToken);
                all += removed;
            }
            while (removed == AtOnce);
            if (all > 0)
                LogCut(all, options.Value.KeepDays);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            LogFailed(failure);
        }
    }

    [LoggerMessage(304, LogLevel.Information, "{Count} records of the audit were older than {Days} days (Audit:KeepDays) and are removed")]
    private partial void LogCut(long count, int days);

    [LoggerMessage(305, LogLevel.Warning, "Old records of the audit could not be removed; the next try is in an hour")]
    private partial void LogFailed(Exception failure);
}
