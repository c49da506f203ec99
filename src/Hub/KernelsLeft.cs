using Hub.Auth;
using Hub.Kernels;
using Hub.Storage;
using Microsoft.Extensions.Options;
using Spawner;

namespace Hub;

/// <summary>Kernels outlive the hub; whoever ends it in a terminal is told how many run on and how to end them, and <c>stop-kernels</c> does that.</summary>
internal sealed class KernelsLeft(
    KernelRegistry kernels, ISpawner spawner, DataLayout layout, DataLock dataLock, IOptions<KernelsOptions> options, IHostApplicationLifetime lifetime, OperatorConsole console)
{
    /// <summary>Counts when the hub is asked to end: later they are not the hub's any more.</summary>
    public void TellAtEnd()
    {
        lifetime.ApplicationStopping.Register(() =>
        {
            int running = kernels.ListAll().Count(kernel => kernel.Phase != KernelPhase.Dead);
            if (Sentence(running, options.Value.StopOnExit) is { } sentence)
                console.Out.WriteLine(sentence);
        });
    }

    /// <summary>Null when nothing runs on.</summary>
    internal static string? Sentence(int running, bool stopped) => running == 0 || stopped
        ? null
        : $"{(running == 1 ? "One kernel runs" : $"{running} kernels run")} on without the hub, with everything in {(running == 1 ? "its" : "their")} memory; the next start finds "
        + $"{(running == 1 ? "it" : "them")} again. To end {(running == 1 ? "it" : "them")}: ./start --stop-kernels with the same --data. Kernels:StopOnExit=true ends kernels with the hub.";

    /// <summary>Ends every kernel of this data directory; returns how many.</summary>
    /// <exception cref="StorageException">A hub runs: its kernels are its own to end.</exception>
    public async Task<int> StopAllAsync(CancellationToken cancellationToken)
    {
        layout.Create();
        if (!dataLock.TryTake())
            throw new StorageException($"A hub runs on {layout.Root}: its kernels can be ended in its pages.");
        IReadOnlyList<SpawnedKernel> left = await spawner.ListAsync(cancellationToken);
        await Parallel.ForEachAsync(left, cancellationToken, async (kernel, cancelled) => await spawner.StopAsync(kernel, options.Value.StopGrace, cancelled));
        return left.Count;
    }
}
