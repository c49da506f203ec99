namespace Hub.KernelSpecs;

/// <summary>Whoever knows whether this machine can keep the network <c>internet</c>.</summary>
public interface IInternetNeeds
{
    /// <summary>Why kernels cannot have <paramref name="network"/> here, as part of a sentence; null for one that is not the hub's to make, and when they can.</summary>
    Task<string?> FindProblemAsync(string network, CancellationToken cancellationToken);
}
