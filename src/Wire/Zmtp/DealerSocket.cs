namespace Wire.Zmtp;

/// <summary>DEALER: sends to its peers in turn, receives from all; no envelope (RFC 28).</summary>
/// <param name="identity">Told to each peer, over reconnects too; empty, or 1 to 255 bytes of which the first is not 0.</param>
public sealed class DealerSocket(ReadOnlyMemory<byte> identity, ZmtpOptions options, TimeProvider time)
    : ZmtpReceivingSocket(ZmtpSocketType.Dealer, identity, options, time)
{
    private int _turn;

    private protected override bool QueuesBeforeConnected => true;

    /// <summary>
    /// Queues one message for the next peer that has room; none has: waits, or drops where <see cref="ZmtpOptions.WhenFull"/> says
    /// so. Messages wait for a connecting peer before it is connected. The frames are copied before the method returns.
    /// </summary>
    /// <returns>False when the message was dropped, only with <see cref="FullQueuePolicy.Drop"/>.</returns>
    public ValueTask<bool> SendAsync(ReadOnlySpan<ReadOnlyMemory<byte>> frames, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        byte[] message = ZmtpFrameWriter.Message(frames);
        if (TryAdd(message))
            return ValueTask.FromResult(true);
        if (Options.WhenFull != FullQueuePolicy.Drop)
            return WaitAsync(message, cancellationToken);
        CountDropped(Outboxes is [var only, ..] ? only.Connection : null);
        return ValueTask.FromResult(false);
    }

    private async ValueTask<bool> WaitAsync(byte[] message, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task room = Room.Next;
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            if (TryAdd(message))
                return true;
            await room.WaitAsync(cancellationToken);
        }
    }

    private bool TryAdd(byte[] message)
    {
        var outboxes = Outboxes;
        for (int tried = 0; tried < outboxes.Length; tried++)
        {
            ZmtpOutbox outbox = outboxes[(int)((uint)Interlocked.Increment(ref _turn) % (uint)outboxes.Length)];
            if (!outbox.TryAdd(message))
                continue;
            if (outbox.Connection is { } connection)
                connection.Dropping = false;
            return true;
        }

        return false;
    }
}
