using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Spawner.Processes;

/// <summary>A kernel as a local process: development, tests and machines without containers.</summary>
public sealed class ProcessSpawner(SpawnSite site, IOptions<ProcessOptions> options, TimeProvider time, ILogger<ProcessSpawner> logger) : ISpawner, IImagePreparer
{
    public string Name => "process";

    public SpawnerKind Kind => SpawnerKind.Process;

    private (SpawnSite, ProcessOptions, TimeProvider, ILogger) Given { get; } = (site, options.Value, time, logger);

    public Task<SpawnedKernel> StartAsync(SpawnRequest request, IProgress<SpawnProgress>? progress, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task<KernelExit?> PollAsync(SpawnedKernel kernel, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task<KernelExit> WaitAsync(SpawnedKernel kernel, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task InterruptAsync(SpawnedKernel kernel, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task StopAsync(SpawnedKernel kernel, TimeSpan grace, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task<IReadOnlyList<SpawnedKernel>> ListAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task<string> ReadLogTailAsync(SpawnedKernel kernel, int maxBytes, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Local processes need no image.</summary>
    public Task EnsureAsync(string image, IProgress<SpawnProgress>? progress, CancellationToken cancellationToken) => Task.CompletedTask;
}
