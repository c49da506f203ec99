using System.Collections.Immutable;
using System.Threading.Channels;

namespace Hub.Events;

/// <summary>
/// Hands every <see cref="HubEvent"/> to every reader. Publishing never waits: a reader whose queue is full loses its oldest event
/// and is told so by <see cref="EventReader.Missed"/>.
/// </summary>
public sealed class EventStream
{
    /// <summary>Events a reader may be behind before it loses the oldest.</summary>
    public const int QueueLength = 1024;

    private ImmutableArray<EventReader> _readers = [];

    public void Publish(HubEvent happened)
    {
        foreach (EventReader reader in _readers)
            reader.Offer(happened);
    }

    /// <summary>From now on <paramref name="wanted"/> events are queued for the returned reader, until it is disposed.</summary>
    /// <param name="wanted">Asked on the publisher's thread.</param>
    /// <param name="queueLength">Events the reader may be behind.</param>
    public EventReader Subscribe(Func<HubEvent, bool> wanted, int queueLength = QueueLength)
    {
        EventReader? reader = null;
        Channel<HubEvent> queue = Channel.CreateBounded<HubEvent>(
            new BoundedChannelOptions(queueLength) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
            _ => reader!.CountMissed());
        reader = new EventReader(queue, wanted, gone => ImmutableInterlocked.Update(ref _readers, readers => readers.Remove(gone)));
        ImmutableInterlocked.Update(ref _readers, readers => readers.Add(reader));
        return reader;
    }
}
