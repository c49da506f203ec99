namespace Spawner.Docker;

/// <summary>Making one image, however many wait for it: it runs once, and everybody hears its progress, latecomers from where it is.</summary>
internal sealed class ImageWork : IProgress<SpawnProgress>
{
    private readonly Lock _lock = new();
    private readonly List<IProgress<SpawnProgress>> _listeners = [];
    private readonly Func<IProgress<SpawnProgress>, Task> _make;
    private Task? _run;
    private SpawnProgress? _latest;

    public ImageWork(Func<IProgress<SpawnProgress>, Task> make) => _make = make;

    public Task Run()
    {
        lock (_lock) return _run ??= Task.Run(() => _make(this));
    }

    public IDisposable Listen(IProgress<SpawnProgress>? listener)
    {
        if (listener is not null)
        {
            lock (_lock)
            {
                _listeners.Add(listener);
                if (_latest is not null) listener.Report(_latest);
            }
        }
        return new Listening(this, listener);
    }

    void IProgress<SpawnProgress>.Report(SpawnProgress value)
    {
        // In the lock, so that nobody hears an older step after a newer one.
        lock (_lock)
        {
            _latest = value;
            foreach (IProgress<SpawnProgress> listener in _listeners) listener.Report(value);
        }
    }

    private sealed class Listening(ImageWork work, IProgress<SpawnProgress>? listener) : IDisposable
    {
        public void Dispose()
        {
            if (listener is null) return;
            lock (work._lock) work._listeners.Remove(listener);
        }
    }
}
