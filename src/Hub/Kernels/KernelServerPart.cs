using Hub.Servers;

namespace Hub.Kernels;

/// <summary>Kernels end with their user's server.</summary>
internal sealed class KernelServerPart(KernelRegistry kernels) : IServerPart
{
    public Task StopAllAsync(string userName, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(kernels.List(userName), cancellationToken, async (kernel, _) => await kernels.StopAsync(kernel));

    public int CountRunning(string userName) => kernels.List(userName).Count(kernel => kernel.Phase != KernelPhase.Dead);
}
