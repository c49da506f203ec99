namespace Wire.Zmtp;

/// <summary>PUB, or XPUB when so announced: sends each message to all peers that subscribed to it (RFC 29).</summary>
public sealed class PublisherSocket : ZmtpSocket
{
    /// <param name="announceAs"><see cref="ZmtpSocketType.Pub"/> or <see cref="ZmtpSocketType.XPub"/>.</param>
    public PublisherSocket(ZmtpOptions options, TimeProvider time, ZmtpSocketType announceAs = ZmtpSocketType.Pub)
        : base(announceAs, options, time)
    {
    }

    /// <summary>A peer subscribed to a topic (true) or cancelled it (false).</summary>
    public event Action<ZmtpPeer, ReadOnlyMemory<byte>, bool>? SubscriptionChanged;

    /// <summary>Queues the message for each peer that wants it; a peer whose queue is full loses it, which is counted and told. Never waits.</summary>
    /// <returns>How many peers it was queued for.</returns>
    public int Publish(ReadOnlySpan<ReadOnlyMemory<byte>> frames)
    {
        SubscriptionChanged?.Invoke(null!, default, false);
        throw new NotImplementedException();
    }
}
