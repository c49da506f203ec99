using Microsoft.Extensions.Options;
using Spawner;

namespace Hub.Kernels.Reconciling;

/// <summary>
/// Now and then asks the spawner which kernels there are (<c>Kernels:ReconcileEvery</c>). What no kernel of the hub is goes away, what half a start left goes with
/// it, and of kernels that are gone people are told. Deaths are known at once from the spawner; this is for what was missed: an engine that was away just
/// then, a hub that was killed in the middle of something.
/// </summary>
internal sealed partial class KernelReconciler(
    KernelRegistry kernels, ISpawner spawner, IOptions<KernelsOptions> options, TimeProvider time, ILogger<KernelReconciler> logger) : BackgroundService
{
    private const int AtOnce = 8;

    private ReconcileState _state = ReconcileState.Empty;
    private long _looks;
    private bool _isAway;

    /// <summary>Looks that are over.</summary>
    internal long Looks => Interlocked.Read(ref _looks);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(options.Value.ReconcileEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                // Until all is taken over that a former run of the hub left, everything would be nobody's.
                if (kernels.IsComplete)
                    await LookAsync(stoppingToken);
            }
            catch (Exception broken) when (broken is not OperationCanceledException)
            {
                LogBroken(broken);
            }

            Interlocked.Increment(ref _looks);
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<string, KernelEntry> before = kernels.Entries();
        IReadOnlyList<SpawnedKernel> listed;
        try
        {
            listed = [.. (await spawner.ListAsync(cancellationToken)).Where(one => one.Purpose == SpawnPurpose.Kernel)];
        }
        catch (SpawnException away)
        {
            // An engine that does not answer says nothing about its kernels; that it is away is said once.
            if (!_isAway)
                LogAway(away.Message);
            (_isAway, _state) = (true, ReconcileState.Empty);
            return;
        }

        _isAway = false;
        (_state, IReadOnlyList<ReconcileEffect> effects) = _state.Look(before, listed, kernels.Entries());
        await Parallel.ForEachAsync(effects, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (effect, _) => await ActAsync(effect));
    }

    private async Task ActAsync(ReconcileEffect effect)
    {
        switch (effect)
        {
            case ReconcileEffect.TellGone gone:
                LogGone(gone.KernelId);
                kernels.TellGone(gone.KernelId, gone.Handle);
                break;
            case ReconcileEffect.Remove remove:
                LogNobodys(remove.Kernel.KernelId, remove.Kernel.UserName);
                try
                {
                    await spawner.StopAsync(remove.Kernel, options.Value.StopGrace, CancellationToken.None);
                }
                catch (Exception failed) when (failed is not OutOfMemoryException)
                {
                    LogNotRemoved(failed, remove.Kernel.KernelId);
                }
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(effect));
        }
    }

    [LoggerMessage(1270, LogLevel.Warning, "Kernel {KernelId} of {UserName} is there, and the hub has no such kernel running: it is removed")]
    private partial void LogNobodys(string kernelId, string userName);

    [LoggerMessage(1271, LogLevel.Warning, "Kernel {KernelId} is not there any more, and nobody said so: it counts as dead")]
    private partial void LogGone(string kernelId);

    [LoggerMessage(1272, LogLevel.Warning, "Kernel {KernelId} could not be removed; the next look tries again")]
    private partial void LogNotRemoved(Exception failed, string kernelId);

    [LoggerMessage(1273, LogLevel.Warning, "Which kernels there are could not be compared with those the hub knows: {Why}. The next look tries again, and this is said once")]
    private partial void LogAway(string why);

    [LoggerMessage(1274, LogLevel.Error, "A comparison of the hub's kernels with those that are there failed; the next one comes")]
    private partial void LogBroken(Exception broken);
}
