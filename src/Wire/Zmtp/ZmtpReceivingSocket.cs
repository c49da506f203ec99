namespace Wire.Zmtp;

/// <summary>A socket whose messages go to a callback (<see cref="Start"/>, fastest) or wait for <see cref="ReceiveAsync"/>.</summary>
public abstract class ZmtpReceivingSocket : ZmtpSocket
{
    private protected ZmtpReceivingSocket(ZmtpSocketType type, ZmtpOptions options, TimeProvider time)
        : base(type, options, time)
    {
    }

    /// <summary>
    /// Hands each message to <paramref name="onMessage"/> straight from the receive loop: one at a time and in order per peer, peers
    /// side by side. While it runs nothing is read from that peer; if it throws, the connection is closed with <see cref="ZmtpCloseReason.ReceiverFailed"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">Called twice, or after <see cref="ZmtpSocket.Connect"/> or <see cref="ZmtpSocket.Bind"/>.</exception>
    public void Start(Func<ZmtpMessage, ValueTask> onMessage) => throw new NotImplementedException();

    /// <summary>The next message of any peer.</summary>
    /// <exception cref="InvalidOperationException"><see cref="Start"/> was called.</exception>
    /// <exception cref="ObjectDisposedException">The socket is disposed and its queue empty.</exception>
    public ValueTask<ZmtpMessage> ReceiveAsync(CancellationToken cancellationToken) => throw new NotImplementedException();
}
