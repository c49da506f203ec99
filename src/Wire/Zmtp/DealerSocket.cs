namespace Wire.Zmtp;

/// <summary>DEALER: sends to its peers in turn, receives from all; no envelope (RFC 28).</summary>
/// <param name="identity">Told to each peer, over reconnects too; empty, or 1 to 255 bytes of which the first is not 0.</param>
public sealed class DealerSocket(ReadOnlyMemory<byte> identity, ZmtpOptions options, TimeProvider time)
    : ZmtpReceivingSocket(ZmtpSocketType.Dealer, options, time)
{
    public ReadOnlyMemory<byte> Identity { get; } = identity;

    /// <summary>
    /// Queues one message for the next peer that has room. Messages wait for a connecting peer before it is connected.
    /// The frames are copied before the method returns.
    /// </summary>
    /// <returns>False when the message was dropped, only with <see cref="FullQueuePolicy.Drop"/>.</returns>
    public ValueTask<bool> SendAsync(ReadOnlySpan<ReadOnlyMemory<byte>> frames, CancellationToken cancellationToken) => throw new NotImplementedException();
}
