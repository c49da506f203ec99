namespace Spawner.Docker;

/// <summary>The network from which kernels reach the internet and nothing private.</summary>
public sealed partial class DockerSpawner : IInternetNetwork
{
    public TimeSpan CheckEvery => TimeSpan.FromSeconds(_options.Internet.CheckSeconds);

    public bool IsMeantBy(string? network) => (network ?? _options.Network) == IInternetNetwork.Word;

    public Task<string?> FindNeedAsync(CancellationToken cancellationToken) => _internet.FindNeedAsync(cancellationToken);

    Task<string?> IInternetNetwork.EnsureAsync(CancellationToken cancellationToken) => AskAsync(() => _internet.EnsureAsync(cancellationToken));

    Task<string?> IInternetNetwork.TendAsync(bool wanted, CancellationToken cancellationToken) => _internet.TendAsync(wanted, cancellationToken);

    Task<bool> IInternetNetwork.RemoveAsync(CancellationToken cancellationToken) => AskAsync(() => _internet.RemoveAsync(cancellationToken));

    /// <summary>Looked at by every start, just before its container is made: a kernel on this network without its rules would reach everything.</summary>
    private async Task GuardAsync(SpawnRequest request, CancellationToken cancellationToken)
    {
        if (IsMeantBy(request.Network) && await _internet.EnsureAsync(cancellationToken) is { } problem)
        {
            throw new SpawnException(SpawnFailure.InvalidRequest,
                $"The kernel \"{request.KernelSpecName}\" may use the internet, and what keeps it from everything else is not in place on this machine now. Tell the administrator of this hub.",
                $"Kernelspec {request.KernelSpecName}: kernels with the network \"{IInternetNetwork.Word}\" are not started, because {problem}.");
        }
    }
}
