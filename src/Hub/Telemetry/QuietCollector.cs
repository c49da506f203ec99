using Microsoft.Extensions.Options;

namespace Hub.Telemetry;

/// <summary>
/// Gives memory back to the system when nobody needs the processor. The collector by itself works when something is allocated, so a hub after a
/// lesson would keep what the lesson took until the next one.
/// </summary>
/// <remarks>
/// Quiet is a span of <c>Telemetry:CollectAfterQuietSeconds</c> in which next to nothing was allocated. The collection halts the hub for some tens of
/// milliseconds, hence only when there is enough to be gained, and once in a while.
/// </remarks>
public sealed class QuietCollector(IOptions<TelemetryOptions> options, TimeProvider time) : BackgroundService
{
    private const long QuietBytes = 4 << 20;
    private const long LeastGain = 32 << 20;

    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(20);

    /// <summary>Collections so far, for tests and metrics.</summary>
    public long Collections { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.CollectAfterQuietSeconds == 0)
            return;
        using PeriodicTimer timer = new(TimeSpan.FromSeconds(options.Value.CollectAfterQuietSeconds), time);
        long last = 0;
        long collected = 0;
        DateTimeOffset next = time.GetUtcNow();
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                long allocated = GC.GetTotalAllocatedBytes();
                bool isQuiet = allocated - last < QuietBytes;
                last = allocated;
                if (!isQuiet || allocated - collected < LeastGain || time.GetUtcNow() < next)
                    continue;
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                (collected, next) = (allocated, time.GetUtcNow() + s_rest);
                Collections++;
            }
        }
        catch (OperationCanceledException)
        {
            // The hub ends.
        }
    }
}
