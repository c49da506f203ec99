using Microsoft.Extensions.Logging;

namespace Spawner.Docker;

/// <summary>What is cleared away of kernels that ended, failed to start, or were left half made.</summary>
public sealed partial class DockerSpawner
{
    private async Task SweepAsync(string kernelId, string? container)
    {
        LogHalfMade(ShortId.Of(kernelId));
        await RemoveAsync(kernelId, container ?? ContainerPlan.NameFor(_site, kernelId));
    }

    /// <summary>After a failed start; what cannot be removed now is found by the next <see cref="ListAsync"/>.</summary>
    private async Task CleanUpAsync(string kernelId, string? container)
    {
        try
        {
            await RemoveAsync(kernelId, container ?? ContainerPlan.NameFor(_site, kernelId), mine: true);
        }
        catch (EngineException e)
        {
            LogRemains(e, ShortId.Of(kernelId));
        }
    }

    /// <summary>Container, volume, directory and short way, in that order: a volume in use cannot be removed. Not cancelled: it has to be finished.</summary>
    /// <param name="mine">Whether this is the end of a failed start, which alone may clean up while a kernel of that id is being started.</param>
    private async Task RemoveAsync(string kernelId, string container, bool mine = false)
    {
        await _engine.RemoveAsync(container, CancellationToken.None);
        // "Removal is already in progress" answers at once; wait until it is done.
        for (int attempt = 0; attempt < 100 && await _engine.InspectAsync(container, CancellationToken.None) is not null; attempt++)
        {
            await Task.Delay(LookForSockets * 5, _time, CancellationToken.None);
            await _engine.RemoveAsync(container, CancellationToken.None);
        }
        _watch.Forget(container);
        _groups.Forget(container);
        _given.TryRemove(container, out _);
        // A kernel that was restarted has the same id: then the name is its own by now, and so are volume and directory.
        if (_starting.ContainsKey(kernelId) && !mine || await _engine.InspectAsync(ContainerPlan.NameFor(_site, kernelId), CancellationToken.None) is not null) return;
        await _engine.RemoveVolumeAsync(ContainerPlan.NameFor(_site, kernelId), CancellationToken.None);
        try
        {
            if (_channels.Find(kernelId) is { } directory) Directory.Delete(directory, recursive: true);
            ShortDirectory.RemoveLink(_site, ChannelPlaces.NameFor(kernelId));
            ShortDirectory.RemoveIfEmpty(_site);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogRemains(e, ShortId.Of(kernelId));
        }
    }

    [LoggerMessage(2006, LogLevel.Warning, "Kernel {KernelId} was left half started by a hub that ended; removing it")]
    private partial void LogHalfMade(string kernelId);

    [LoggerMessage(2007, LogLevel.Warning, "The remains of kernel {KernelId} could not be removed now; the next start of the hub tries again")]
    private partial void LogRemains(Exception exception, string kernelId);
}
