namespace Spawner;

/// <summary>
/// Starts, watches and removes what holds one kernel. Every implementation passes the same contract tests
/// (<c>tests/Spawner.Tests/SpawnerContract.cs</c>), which are the exact form of the promises below.
/// </summary>
public interface ISpawner
{
    /// <summary>Short name for logs, settings and the panel: <c>process</c>, <c>docker</c>.</summary>
    string Name { get; }

    SpawnerKind Kind { get; }

    /// <summary>
    /// Starts one kernel. Returns when its connection file is in place and it was launched; whether it answers is the caller's to find out.
    /// Leaves nothing behind when it fails or is cancelled.
    /// </summary>
    /// <exception cref="SpawnException">It could not be started; the cause and both texts are inside.</exception>
    Task<SpawnedKernel> StartAsync(SpawnRequest request, IProgress<SpawnProgress>? progress, CancellationToken cancellationToken);

    /// <summary>Null while it runs, else how it ended. Cheap enough to be asked every few seconds for every kernel.</summary>
    Task<KernelExit?> PollAsync(SpawnedKernel kernel, CancellationToken cancellationToken);

    /// <summary>Completes when the kernel has ended, within a second of it; never throws but for cancellation.</summary>
    Task<KernelExit> WaitAsync(SpawnedKernel kernel, CancellationToken cancellationToken);

    /// <summary>Sends SIGINT to the kernel (its whole process group). Does nothing when it has ended.</summary>
    Task InterruptAsync(SpawnedKernel kernel, CancellationToken cancellationToken);

    /// <summary>
    /// Ends the kernel: SIGTERM, <paramref name="grace"/>, SIGKILL; then removes everything that belonged to it. Idempotent.
    /// A zero grace kills at once.
    /// </summary>
    Task StopAsync(SpawnedKernel kernel, TimeSpan grace, CancellationToken cancellationToken);

    /// <summary>All kernels of this hub that still run, also those a former process of the hub started.</summary>
    Task<IReadOnlyList<SpawnedKernel>> ListAsync(CancellationToken cancellationToken);

    /// <summary>The last lines the kernel wrote to stdout and stderr, at most <paramref name="maxBytes"/> bytes.</summary>
    Task<string> ReadLogTailAsync(SpawnedKernel kernel, int maxBytes, CancellationToken cancellationToken);
}
