using Spawner;

namespace Testing;

/// <summary>Launches kernels that are gone before they have said a word.</summary>
public sealed class LostSpawner : FakeSpawner
{
    public override async Task<SpawnedKernel> StartAsync(SpawnRequest request, IProgress<SpawnProgress>? progress, CancellationToken cancellationToken)
    {
        SpawnedKernel spawned = await base.StartAsync(request, progress, cancellationToken);
        await KernelOf(request.KernelId).DieAsync();
        return spawned;
    }
}
