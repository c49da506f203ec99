using Spawner;

namespace Testing;

/// <summary>Is asked to start and never comes back, until it is cancelled.</summary>
public sealed class NeverSpawner : FakeSpawner
{
    public override async Task<SpawnedKernel> StartAsync(SpawnRequest request, IProgress<SpawnProgress>? progress, CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        throw new InvalidOperationException("The end of time has come.");
    }
}
