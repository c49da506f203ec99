using Spawner;

namespace Testing;

/// <summary>Starts nothing until the test opens the gate.</summary>
public sealed class SlowSpawner : FakeSpawner
{
    private volatile TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Starts that were asked for so far.</summary>
    public int Asked { get; private set; }

    /// <summary>Lets the starts go on.</summary>
    public void Open() => _gate.TrySetResult();

    /// <summary>Starts from now on wait again.</summary>
    public void Shut() => _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Makes the starts fail.</summary>
    public void Fail(SpawnException failure) => _gate.TrySetException(failure);

    public override async Task<SpawnedKernel> StartAsync(SpawnRequest request, IProgress<SpawnProgress>? progress, CancellationToken cancellationToken)
    {
        Asked++;
        progress?.Report(new SpawnProgress(10, "The image is being fetched."));
        await _gate.Task.WaitAsync(cancellationToken);
        return await base.StartAsync(request, progress, cancellationToken);
    }
}
