using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace Hub.Events;

/// <summary>One reader of the <see cref="EventStream"/>; dispose it to stop listening.</summary>
public sealed class EventReader : IDisposable
{
    private readonly Channel<HubEvent> _queue;
    private readonly Func<HubEvent, bool> _wanted;
    private readonly TimeSpan _patience;
    private readonly Action<EventReader> _leave;
    private long _missed;
    private long _taken;
    private bool _isGivenUp;

    internal EventReader(Channel<HubEvent> queue, Func<HubEvent, bool> wanted, TimeSpan patience, Action<EventReader> leave)
    {
        _queue = queue;
        _wanted = wanted;
        _patience = patience;
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
    public bool TryTake([NotNullWhen(true)] out HubEvent? happened)
    {
        if (!_queue.Reader.TryRead(out happened))
            return false;
        Interlocked.Increment(ref _taken);
        Volatile.Write(ref _isGivenUp, false);
        return true;
    }

    public void Dispose()
    {
        _leave(this);
        _queue.Writer.TryComplete();
    }

    /// <summary>Queues the event, in the place of the oldest when there is no room.</summary>
    internal void Offer(HubEvent happened)
    {
        if (_wanted(happened))
            OfferWanted(happened);
    }

    private void OfferWanted(HubEvent happened)
    {
        // A queue that is closed has no oldest either: the reader has left.
        while (!_queue.Writer.TryWrite(happened) && _queue.Reader.TryRead(out _))
            Interlocked.Increment(ref _missed);
    }

    /// <summary>Waits for room first, if the reader asked for it; not again for a reader that took nothing since somebody's patience ended.</summary>
    internal async ValueTask OfferAsync(HubEvent happened)
    {
        if (!_wanted(happened) || _queue.Writer.TryWrite(happened))
            return;
        bool waits = _patience > TimeSpan.Zero && !Volatile.Read(ref _isGivenUp);
        if (!waits || !await WaitAndWriteAsync(happened))
            OfferWanted(happened);
    }

    /// <summary>In the order of their coming; patience ends only with a reader that took nothing meanwhile, not with one that is busy with others' events.</summary>
    private async Task<bool> WaitAndWriteAsync(HubEvent happened)
    {
        while (true)
        {
            long taken = Interlocked.Read(ref _taken);
            // A real clock: what is waited for is another thread, not the time of day.
            using CancellationTokenSource patience = new(_patience);
            try
            {
                await _queue.Writer.WriteAsync(happened, patience.Token);
                return true;
            }
            catch (ChannelClosedException)
            {
                return true; // the reader has left
            }
            catch (OperationCanceledException)
            {
                if (Interlocked.Read(ref _taken) != taken)
                    continue;
                Volatile.Write(ref _isGivenUp, true);
                return false;
            }
        }
    }
}
