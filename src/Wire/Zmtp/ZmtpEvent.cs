namespace Wire.Zmtp;

/// <summary>What happens to a socket besides messages; told by <see cref="ZmtpSocket.Happened"/>.</summary>
public abstract record ZmtpEvent
{
    private ZmtpEvent()
    {
    }

    /// <summary>Greeting and READY are exchanged; messages flow.</summary>
    public sealed record Connected(ZmtpPeer Peer) : ZmtpEvent;

    /// <summary>A connection that was <see cref="Connected"/> ended. A connecting socket tries again.</summary>
    /// <param name="Error">What was thrown, if anything was; a <see cref="ZmtpProtocolException"/> for a protocol fault.</param>
    public sealed record Disconnected(ZmtpPeer Peer, ZmtpCloseReason Reason, Exception? Error) : ZmtpEvent;

    /// <summary>An attempt to connect failed, or a peer did not get through the handshake.</summary>
    /// <param name="RetryIn">When the next attempt begins; null at the listening side.</param>
    public sealed record HandshakeFailed(ZmtpEndpoint Endpoint, ZmtpCloseReason Reason, Exception? Error, TimeSpan? RetryIn) : ZmtpEvent;

    /// <summary>The queue of a peer is full and messages for it are being lost; told once each time it becomes full.</summary>
    public sealed record Dropping(ZmtpPeer Peer) : ZmtpEvent;
}
