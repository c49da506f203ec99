using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace Hub.Events;

/// <summary>One reader of the <see cref="EventStream"/>; dispose it to stop listening.</summary>
public sealed class EventReader : IDisposable
{
    private readonly Channel<HubEvent> _queue;
    private readonly Func<HubEvent, bool> _wanted;
    private readonly Action<EventReader> _leave;
    private long _missed;

    internal EventReader(Channel<HubEvent> queue, Func<HubEvent, bool> wanted, Action<EventReader> leave)
    {
        _queue = queue;
        _wanted = wanted;
        _leave = leave;
    }

    /// <summary>How many events were lost because this reader was too slow.</summary>
    public long Missed => Interlocked.Read(ref _missed);

    /// <summary>Events that were not read yet.</summary>
    public int Waiting => _queue.Reader.Count;

    public IAsyncEnumerable<HubEvent> ReadAllAsync(CancellationToken cancellationToken) => _queue.Reader.ReadAllAsync(cancellationToken);

    /// <summary>Until there is something to take.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _queue.Reader.WaitToReadAsync(cancellationToken).AsTask();

    /// <summary>False when nothing waits at the moment.</summary>
    public bool TryTake([NotNullWhen(true)] out HubEvent? happened) => _queue.Reader.TryRead(out happened);

    public void Dispose()
    {
        _leave(this);
        _queue.Writer.TryComplete();
    }

    internal void Offer(HubEvent happened)
    {
        if (_wanted(happened))
            _queue.Writer.TryWrite(happened);
    }

    internal void CountMissed() => Interlocked.Increment(ref _missed);
}
