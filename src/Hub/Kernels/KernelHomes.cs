using Hub.Contents.Quotas;

namespace Hub.Kernels;

/// <summary>Kernels write into homes without asking the hub; also those that are just being started.</summary>
internal sealed partial class KernelHomes(KernelRegistry kernels, ILogger<KernelHomes> logger) : IHomesInUse
{
    public IReadOnlySet<string> Users() =>
        kernels.ListAll().Where(kernel => kernel.Phase != KernelPhase.Dead).Select(kernel => kernel.Owner.UserName).ToHashSet(StringComparer.Ordinal);

    /// <inheritdoc/>
    public Task StopAsync(string userName, string cause, string message) =>
        Task.WhenAll(kernels.List(userName).Select(kernel => StopAsync(kernel, cause, message)));

    /// <summary>It keeps its place, dead and with the reason. One that is being started, or restarted, is left to the next time.</summary>
    private async Task StopAsync(LiveKernel kernel, string cause, string message)
    {
        try
        {
            if (await kernel.Life.CullAsync(cause, message, evenBusy: true))
                LogStopped(kernel.Id, kernel.SpecName, kernel.Owner.UserName, cause);
        }
        catch (OperationCanceledException)
        {
            // Somebody stopped it in the same moment.
        }
        catch (Exception broken) when (broken is not OutOfMemoryException)
        {
            LogNotStopped(broken, kernel.Id, cause);
        }
    }

    [LoggerMessage(1263, LogLevel.Warning, "Kernel {KernelId} ({SpecName}) of {UserName} was stopped for what is in its home: {Cause}")]
    private partial void LogStopped(string kernelId, string specName, string userName, string cause);

    [LoggerMessage(1264, LogLevel.Error, "Kernel {KernelId} should be stopped for what is in its home ({Cause}) and could not be")]
    private partial void LogNotStopped(Exception broken, string kernelId, string cause);
}
