using Microsoft.Extensions.Options;

namespace Hub.Sharing;

/// <summary>Removes share codes that have run out.</summary>
internal sealed partial class ShareCodesSweep(ShareCodesStore codes, IOptions<SharingOptions> options, TimeProvider time, ILogger<ShareCodesSweep> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(TimeSpan.FromMinutes(options.Value.SweepMinutes), time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await SweepAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // The hub stops.
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        try
        {
            await codes.SweepAsync(cancellationToken);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            LogNotSwept(failure);
        }
    }

    [LoggerMessage(1600, LogLevel.Warning, "Share codes that have run out could not be removed; it is tried again")]
    private partial void LogNotSwept(Exception failure);
}
