namespace Hub.KernelSpecs;

/// <summary>Whoever can make kernels before somebody wants them.</summary>
public interface IKernelsAhead
{
    /// <summary>Why kernels of <paramref name="spec"/> cannot be made ahead on this machine, as part of a sentence; null when they can.</summary>
    Task<string?> FindProblemAsync(KernelSpec spec, CancellationToken cancellationToken);
}
