namespace Wire.Zmtp;

/// <summary>PUB, or XPUB when so announced: sends each message to all peers that subscribed to it (RFC 29).</summary>
/// <remarks>Subscribers send only subscriptions, so no frame of theirs may be longer than <see cref="ZmtpOptions.MaxCommandBytes"/>.</remarks>
public sealed class PublisherSocket : ZmtpSocket
{
    /// <param name="announceAs"><see cref="ZmtpSocketType.Pub"/> or <see cref="ZmtpSocketType.XPub"/>; the peer sees no other difference.</param>
    public PublisherSocket(ZmtpOptions options, TimeProvider time, ZmtpSocketType announceAs = ZmtpSocketType.Pub)
        : base(announceAs, default, options with { MaxFrameBytes = Math.Min(options.MaxFrameBytes, options.MaxCommandBytes) }, time)
    {
        if (announceAs is not (ZmtpSocketType.Pub or ZmtpSocketType.XPub))
            throw new ArgumentException("a publisher is PUB or XPUB", nameof(announceAs));
    }

    /// <summary>A peer subscribed to a topic it had not (true), or cancelled it for good (false). Told from the receive loop: return at once.</summary>
    public event Action<ZmtpPeer, ReadOnlyMemory<byte>, bool>? SubscriptionChanged;

    /// <summary>Queues the message for each peer that wants it; a peer whose queue is full loses it, which is counted and told. Never waits.</summary>
    /// <returns>How many peers it was queued for.</returns>
    public int Publish(ReadOnlySpan<ReadOnlyMemory<byte>> frames)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        byte[]? message = null;
        int queued = 0;
        foreach (ZmtpConnection connection in Connections)
        {
            if (!Wants(connection, frames[0].Span))
                continue;
            // Looked at first, so that dropping under a flood costs no copy.
            if (!connection.Outbox.IsFull && connection.Outbox.TryAdd(message ??= ZmtpFrameWriter.Message(frames)))
            {
                connection.Dropping = false;
                queued++;
            }
            else
            {
                CountDropped(connection);
            }
        }

        return queued;
    }

    /// <summary>The older form of a subscription: a message of one frame, 01 or 00 and the topic. Everything else is ignored.</summary>
    internal override ValueTask OnMessageAsync(ZmtpConnection from, ZmtpMessage message)
    {
        ReadOnlySpan<byte> frame = message[0].Span;
        if (message.Count == 1 && frame is [0 or 1, ..])
            OnSubscription(from, frame[1..], frame[0] == 1, offset: 0);
        return ValueTask.CompletedTask;
    }

    /// <exception cref="ZmtpProtocolException">One topic more than <see cref="ZmtpOptions.MaxSubscriptions"/>.</exception>
    internal override void OnSubscription(ZmtpConnection from, ReadOnlySpan<byte> topic, bool subscribe, long offset)
    {
        ZmtpSubscriptions topics = from.Subscriptions;
        bool changed;
        lock (topics)
        {
            changed = subscribe ? topics.Add(topic) : topics.Remove(topic);
            if (topics.Count > Options.MaxSubscriptions)
                throw new ZmtpProtocolException($"more topics than {nameof(ZmtpOptions.MaxSubscriptions)} = {Options.MaxSubscriptions}", "SUBSCRIBE", offset);
        }

        if (changed)
            SubscriptionChanged?.Invoke(from.Peer, topic.ToArray(), subscribe);
    }

    private static bool Wants(ZmtpConnection connection, ReadOnlySpan<byte> firstFrame)
    {
        ZmtpSubscriptions topics = connection.Subscriptions;
        lock (topics)
            return topics.Match(firstFrame);
    }
}
