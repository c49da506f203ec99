using Hub.Events;

namespace Hub.Kernels;

/// <summary>
/// Closes the kernel connections of whoever signs out. All of that user's pages are closed; those of another browser that is still signed in
/// come back by themselves at once.
/// </summary>
internal sealed class SignedOutTabs(KernelRegistry kernels, EventStream events) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using EventReader signOuts = events.Subscribe(happened => happened is HubEvent.SignedOut);
        try
        {
            await foreach (HubEvent happened in signOuts.ReadAllAsync(stoppingToken))
                kernels.CloseTabsOf(happened.UserName);
        }
        catch (OperationCanceledException)
        {
            // The hub ends.
        }
    }
}
