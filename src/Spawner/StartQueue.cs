namespace Spawner;

/// <summary>
/// Lets a few starts run at a time. Starting is bound by the processor: twenty at once make all twenty wait for the slowest, two at a
/// time serve the first at once and the last no later. The queue has no bound of its own: each place in it is a request somebody
/// waits for, and the limits on kernels per user bound their number.
/// </summary>
internal sealed class StartQueue(int parallel) : IDisposable
{
    private readonly SemaphoreSlim _places = new(parallel > 0 ? parallel : Environment.ProcessorCount);

    public async Task<IDisposable> EnterAsync(SpawnSteps steps, CancellationToken cancellationToken)
    {
        if (!await _places.WaitAsync(TimeSpan.Zero, cancellationToken))
        {
            steps.Say(5, "Waiting for other kernels that are starting");
            await _places.WaitAsync(cancellationToken);
        }
        return new Place(_places);
    }

    public void Dispose() => _places.Dispose();

    private sealed class Place(SemaphoreSlim places) : IDisposable
    {
        private SemaphoreSlim? _places = places;

        public void Dispose() => Interlocked.Exchange(ref _places, null)?.Release();
    }
}
