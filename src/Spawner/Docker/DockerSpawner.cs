using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Spawner.Docker;

/// <summary>One container per kernel, on the engine of this machine.</summary>
public sealed class DockerSpawner(SpawnSite site, IOptions<DockerOptions> options, TimeProvider time, ILogger<DockerSpawner> logger) : ISpawner, IImagePreparer
{
    public string Name => "docker";

    public SpawnerKind Kind => SpawnerKind.Container;

    private (SpawnSite, DockerOptions, TimeProvider, ILogger) Given { get; } = (site, options.Value, time, logger);

    public Task<SpawnedKernel> StartAsync(SpawnRequest request, IProgress<SpawnProgress>? progress, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task<KernelExit?> PollAsync(SpawnedKernel kernel, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task<KernelExit> WaitAsync(SpawnedKernel kernel, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task InterruptAsync(SpawnedKernel kernel, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task StopAsync(SpawnedKernel kernel, TimeSpan grace, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task<IReadOnlyList<SpawnedKernel>> ListAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task<string> ReadLogTailAsync(SpawnedKernel kernel, int maxBytes, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task EnsureAsync(string image, IProgress<SpawnProgress>? progress, CancellationToken cancellationToken) => throw new NotImplementedException();
}
