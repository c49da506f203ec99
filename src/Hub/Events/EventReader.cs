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
    private volatile bool _isAway;

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

    /// <summary>
    /// Said by a reader that asked for patience: for now it can take nothing, and whoever waits for room shall not wait for longer than that. One that is
    /// merely slow is waited for.
    /// </summary>
    public bool IsAway
    {
        get => _isAway;
        set => _isAway = value;
    }

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

    /// <summary>In the order of their coming. Patience ends only with a reader that is <see cref="IsAway"/> and took nothing meanwhile.</summary>
    private async Task<bool> WaitAndWriteAsync(HubEvent happened)
    {
        using CancellationTokenSource withdrawn = new();
        Task write = _queue.Writer.WriteAsync(happened, withdrawn.Token).AsTask();
        try
        {
            for (long taken = Taken; ; taken = Taken)
            {
                // A real clock: what is waited for is another thread, not the time of day.
                await Task.WhenAny(write, Task.Delay(_patience, TimeProvider.System, withdrawn.Token));
                if (!write.IsCompleted && (!IsAway || Taken != taken))
                    continue;
                await withdrawn.CancelAsync();
                await write;
                return true;
            }
        }
        catch (ChannelClosedException)
        {
            return true; // the reader has left
        }
        catch (OperationCanceledException)
        {
            Volatile.Write(ref _isGivenUp, true);
            return false;
        }
    }

    private long Taken => Interlocked.Read(ref _taken);
}
