namespace Spawner;

/// <summary>
/// Makes kernels before somebody wants them. A spawner that can offers this beside <see cref="ISpawner"/>; its starts take one that is ready where it fits, and
/// start as ever where none does. What is ready is nobody's kernel: it is in no list, and goes when the spawner is disposed.
/// </summary>
public interface IKernelWarmer
{
    /// <summary>Kernels that wait for somebody.</summary>
    int Ready { get; }

    /// <summary>Why kernels of this template cannot be made ahead, as part of a sentence; null when they can.</summary>
    string? FindProblem(SpawnRequest template);

    /// <summary>
    /// One step towards what is wanted: removes what is no longer, or else makes one that is missing, and returns when it is ready. Failures are logged and tried
    /// again later, each time after a longer while. For one caller at a time.
    /// </summary>
    /// <returns>Whether something was done, so that more may be to do at once.</returns>
    Task<bool> TendAsync(IReadOnlyList<WarmEnvironment> wanted, CancellationToken cancellationToken);
}
