namespace Wire.Zmtp;

/// <summary>ROUTER: receives from all, sends to the peer named (RFC 28). The identity is <see cref="ZmtpMessage.Sender"/>, not a frame.</summary>
public sealed class RouterSocket(ZmtpOptions options, TimeProvider time) : ZmtpReceivingSocket(ZmtpSocketType.Router, options, time)
{
    /// <summary>Queues one message for the peer of that identity; the frames are copied before the method returns.</summary>
    /// <returns>False when there is no such peer, or its queue was full and the message dropped.</returns>
    public ValueTask<bool> SendAsync(ReadOnlyMemory<byte> identity, ReadOnlySpan<ReadOnlyMemory<byte>> frames, CancellationToken cancellationToken) => throw new NotImplementedException();
}
