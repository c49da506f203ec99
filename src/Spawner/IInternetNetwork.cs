namespace Spawner;

/// <summary>
/// A spawner that can give kernels a network of the hub's own, from which public addresses are reached and nothing else: no private, link-local or metadata address,
/// not the machine, no other kernel. It offers this beside <see cref="ISpawner"/>, and refuses starts on that network while what keeps it so is not in place.
/// </summary>
public interface IInternetNetwork
{
    /// <summary>The word for this network in settings and requests.</summary>
    const string Word = "internet";

    /// <summary>How often somebody should call <see cref="TendAsync"/>.</summary>
    TimeSpan CheckEvery { get; }

    /// <summary>Is this what a request means by its <see cref="SpawnRequest.Network"/>?</summary>
    /// <param name="network">Null is what the spawner's options say.</param>
    bool IsMeantBy(string? network);

    /// <summary>What the hub's machine lacks, whatever the engine says, as part of a sentence; null when nothing. Tries it, and leaves everything as it was.</summary>
    Task<string?> FindNeedAsync(CancellationToken cancellationToken);

    /// <summary>Makes what is missing of network and rules; no kernel is let onto the one without the other.</summary>
    /// <returns>Why kernels cannot be started on it, as part of a sentence; null when they can.</returns>
    /// <exception cref="SpawnException">The engine does not answer.</exception>
    Task<string?> EnsureAsync(CancellationToken cancellationToken);

    /// <summary>
    /// One look: as <see cref="EnsureAsync"/> while somebody wants it or kernels are on it, else removes what there is of it. An engine that does not answer
    /// hinders no rule.
    /// </summary>
    /// <param name="wanted">Some environment is to have it.</param>
    Task<string?> TendAsync(bool wanted, CancellationToken cancellationToken);

    /// <summary>Removes network and rules, unless kernels are on it: then both stay.</summary>
    /// <returns>Whether nothing is left.</returns>
    Task<bool> RemoveAsync(CancellationToken cancellationToken);
}
