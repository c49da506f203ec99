using Hub.Http;
using Hub.Servers;

namespace Hub.Kernels;

/// <summary>Kernels end with the server they run for.</summary>
internal sealed class KernelServerPart(KernelRegistry kernels) : IServerPart
{
    public Task StopAllAsync(ServerKey server, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(kernels.List(server), cancellationToken, async (kernel, _) => await kernels.StopAsync(kernel));

    public int CountRunning(string userName) => kernels.List(userName).Count(kernel => kernel.Phase != KernelPhase.Dead);
}
