using System.Collections.Immutable;
using System.Threading.Channels;

namespace Hub.Events;

/// <summary>
/// Hands every <see cref="HubEvent"/> to every reader. A reader whose queue is full loses its oldest event and is told so by
/// <see cref="EventReader.Missed"/>; for a reader that asked for patience, as the audit does, <see cref="PublishAsync"/> waits before it comes to that.
/// </summary>
public sealed class EventStream
{
    /// <summary>Events a reader may be behind before it loses the oldest.</summary>
    public const int QueueLength = 1024;

    private ImmutableArray<EventReader> _readers = [];

    /// <summary>Never waits. For who cannot, such as a report of progress; what the audit keeps is told by <see cref="PublishAsync"/>.</summary>
    public void Publish(HubEvent happened)
    {
        foreach (EventReader reader in _readers)
            reader.Offer(happened);
    }

    /// <summary>Waits while a patient reader has no room, so that many events at once lose none. Not to be cancelled: it has happened.</summary>
    public async ValueTask PublishAsync(HubEvent happened)
    {
        foreach (EventReader reader in _readers)
            await reader.OfferAsync(happened);
    }

    /// <summary>From now on <paramref name="wanted"/> events are queued for the returned reader, until it is disposed.</summary>
    /// <param name="wanted">Asked on the publisher's thread.</param>
    /// <param name="queueLength">Events the reader may be behind.</param>
    /// <param name="patience">How long <see cref="PublishAsync"/> waits for room, once the reader is <see cref="EventReader.IsAway"/>, before the oldest is lost; null is not at all.</param>
    public EventReader Subscribe(Func<HubEvent, bool> wanted, int queueLength = QueueLength, TimeSpan? patience = null)
    {
        Channel<HubEvent> queue = Channel.CreateBounded<HubEvent>(new BoundedChannelOptions(queueLength) { FullMode = BoundedChannelFullMode.Wait });
        EventReader reader = new(queue, wanted, patience ?? TimeSpan.Zero, gone => ImmutableInterlocked.Update(ref _readers, readers => readers.Remove(gone)));
        ImmutableInterlocked.Update(ref _readers, readers => readers.Add(reader));
        return reader;
    }
}
