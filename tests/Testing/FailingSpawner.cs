using Spawner;

namespace Testing;

/// <summary>Fails every start with the same cause.</summary>
public sealed class FailingSpawner(SpawnException failure) : FakeSpawner
{
    public override Task<SpawnedKernel> StartAsync(SpawnRequest request, IProgress<SpawnProgress>? progress, CancellationToken cancellationToken) =>
        Task.FromException<SpawnedKernel>(failure);
}
