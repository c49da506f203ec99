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

    public IAsyncEnumerable<HubEvent> ReadAllAsync(CancellationToken cancellationToken) => _queue.Reader.ReadAllAsync(cancellationToken);

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
