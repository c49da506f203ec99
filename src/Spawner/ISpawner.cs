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
    /// Starts one kernel. Returns when its five sockets exist, so that connecting works at once; that it answers is the caller's to find out.
    /// Leaves nothing behind when it fails or is cancelled.
    /// </summary>
    /// <exception cref="SpawnException">It could not be started; the cause and both texts are inside.</exception>
    Task<SpawnedKernel> StartAsync(SpawnRequest request, IProgress<SpawnProgress>? progress, CancellationToken cancellationToken);

    /// <summary>Null while it runs, else how it ended. Cheap enough to be asked every few seconds for every kernel.</summary>
    Task<KernelExit?> PollAsync(SpawnedKernel kernel, CancellationToken cancellationToken);

    /// <summary>
    /// Completes when the kernel has ended, within a second of it; never throws but for cancellation.
    /// What remains of an ended kernel (container, log) is kept until <see cref="StopAsync"/>: always call it, also after a death.
    /// </summary>
    Task<KernelExit> WaitAsync(SpawnedKernel kernel, CancellationToken cancellationToken);

    /// <summary>Sends SIGINT to the kernel (its whole process group). Does nothing when it has ended.</summary>
    Task InterruptAsync(SpawnedKernel kernel, CancellationToken cancellationToken);

    /// <summary>
    /// Ends the kernel: SIGTERM, <paramref name="grace"/>, SIGKILL; then removes everything that belonged to it. Idempotent.
    /// A zero grace kills at once.
    /// </summary>
    /// <exception cref="SpawnException">The engine does not answer; the kernel may still run and stopping can be tried again.</exception>
    Task StopAsync(SpawnedKernel kernel, TimeSpan grace, CancellationToken cancellationToken);

    /// <summary>
    /// All kernels of this hub that were not stopped, also those a former process of the hub started; among them kernels that
    /// ended while no hub was looking: ask <see cref="PollAsync"/> before adopting one, and <see cref="StopAsync"/> it when it ended.
    /// What a hub that was killed in the middle of a start left half made is removed on the way.
    /// </summary>
    /// <exception cref="SpawnException">The engine does not answer.</exception>
    Task<IReadOnlyList<SpawnedKernel>> ListAsync(CancellationToken cancellationToken);

    /// <summary>The last lines the kernel wrote to stdout and stderr, at most <paramref name="maxBytes"/> bytes.</summary>
    Task<string> ReadLogTailAsync(SpawnedKernel kernel, int maxBytes, CancellationToken cancellationToken);

    /// <summary>
    /// What these kernels take of the machine now, by kernel id. A kernel that this spawner can tell nothing about is missing: that is shown as
    /// unknown, never as nothing. Cheap enough to be asked every few seconds.
    /// </summary>
    Task<IReadOnlyDictionary<string, KernelUsage>> MeasureAsync(IReadOnlyCollection<SpawnedKernel> kernels, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyDictionary<string, KernelUsage>>(new Dictionary<string, KernelUsage>());
}
