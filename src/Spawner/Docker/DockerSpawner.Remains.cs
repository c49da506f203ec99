using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Spawner.Docker;

/// <summary>What is cleared away of kernels that ended, failed to start, or were left half made.</summary>
public sealed partial class DockerSpawner
{
    /// <summary>Volumes the engine does not let go of, so that each is said once.</summary>
    private readonly ConcurrentDictionary<string, byte> _kept = new();

    private async Task SweepAsync(string kernelId, string? container, string? volume)
    {
        if (container is not null || !_kept.ContainsKey(volume!)) LogHalfMade(ShortId.Of(kernelId));
        await RemoveAsync(kernelId, container ?? ContainerPlan.NameFor(_site, kernelId), volume);
    }

    /// <summary>After a failed start; what cannot be removed now is found by the next <see cref="ListAsync"/>.</summary>
    private async Task CleanUpAsync(string kernelId, string? container, string? volume)
    {
        try
        {
            await RemoveAsync(kernelId, container ?? ContainerPlan.NameFor(_site, kernelId), volume, mine: true);
        }
        catch (EngineException e)
        {
            LogRemains(e, ShortId.Of(kernelId));
        }
    }

    /// <summary>Container, volume, directory and short way, in that order: a volume in use cannot be removed. Not cancelled: it has to be finished.</summary>
    /// <param name="volume">Its volume, if it is known; else the container tells.</param>
    /// <param name="mine">Whether this is the end of a failed start, which alone may clean up while a kernel of that id is being started.</param>
    private async Task RemoveAsync(string kernelId, string container, string? volume = null, bool mine = false)
    {
        IReadOnlyList<string>? volumes = volume is null ? await _engine.FindVolumesOfAsync(container, CancellationToken.None) : [volume];
        await _engine.RemoveFullyAsync(container, _time, CancellationToken.None);
        _watch.Forget(container);
        _groups.Forget(container);
        _given.TryRemove(container, out _);
        foreach (string its in volumes ?? []) await RemoveVolumeAsync(kernelId, its);
        if (_places.FindByKernel(kernelId, container) is { } record) await _pool.RemoveRemainsAsync(record.Slot);
        // A kernel that was restarted has the same id: then the name is its own by now, and so is the directory.
        if (_starting.ContainsKey(kernelId) && !mine || await _engine.InspectAsync(ContainerPlan.NameFor(_site, kernelId), CancellationToken.None) is not null) return;
        if (volumes is null) await RemoveVolumesOfAsync(kernelId);
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

    /// <summary>Of a kernel whose container is gone, so that nobody can tell which they were.</summary>
    private async Task RemoveVolumesOfAsync(string kernelId)
    {
        foreach (EngineAnswers.Volume volume in await _engine.ListVolumesAsync($"{SpawnLabels.KernelId}={kernelId}", CancellationToken.None))
        {
            if (volume.Name is { } name && volume.Labels?.GetValueOrDefault(SpawnLabels.Hub) == _site.HubId) await RemoveVolumeAsync(kernelId, name);
        }
    }

    /// <summary>
    /// An engine that was restarted beneath running kernels (live-restore, moby before 23) counts their volumes as in use until it is restarted again.
    /// That keeps 256 KiB, and nobody from anything: <see cref="ListAsync"/> tries again each time.
    /// </summary>
    private async Task RemoveVolumeAsync(string kernelId, string volume)
    {
        try
        {
            await _engine.RemoveVolumeAsync(volume, CancellationToken.None);
            _kept.TryRemove(volume, out _);
        }
        catch (EngineException held) when (held.Status is 409 or 500)
        {
            if (_kept.TryAdd(volume, 0)) LogVolumeHeld(ShortId.Of(kernelId), held.Message);
        }
    }

    [LoggerMessage(2006, LogLevel.Warning, "Kernel {KernelId} was left half started by a hub that ended; removing it")]
    private partial void LogHalfMade(string kernelId);

    [LoggerMessage(2007, LogLevel.Warning, "The remains of kernel {KernelId} could not be removed now; the next start of the hub tries again")]
    private partial void LogRemains(Exception exception, string kernelId);

    [LoggerMessage(2008, LogLevel.Information, "The Docker engine does not let go of the volume of kernel {KernelId} yet ({Reason}); it is removed as soon as that works")]
    private partial void LogVolumeHeld(string kernelId, string reason);
}
