using System.Buffers.Binary;

namespace Wire.Zmtp;

/// <summary>ROUTER: receives from all, sends to the peer named (RFC 28). The identity is <see cref="ZmtpMessage.Sender"/>, not a frame.</summary>
public sealed class RouterSocket : ZmtpReceivingSocket
{
    private readonly Lock _gate = new();
    private readonly Dictionary<byte[], ZmtpConnection> _byIdentity = new(ByteStringComparer.Instance);
    private int _invented;

    public RouterSocket(ZmtpOptions options, TimeProvider time)
        : base(ZmtpSocketType.Router, default, options, time)
    {
    }

    /// <summary>
    /// Queues one message for the peer of that identity. Its queue is full: drops, or waits where <see cref="ZmtpOptions.WhenFull"/>
    /// says so. The frames are copied before the method returns.
    /// </summary>
    /// <returns>False when there is no such peer, or its queue was full and the message dropped.</returns>
    public ValueTask<bool> SendAsync(ReadOnlyMemory<byte> identity, ReadOnlySpan<ReadOnlyMemory<byte>> frames, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        byte[] message = ZmtpFrameWriter.Message(frames);
        if (Find(identity.Span) is not { } connection)
            return ValueTask.FromResult(false);
        if (connection.Outbox.TryAdd(message))
        {
            connection.Dropping = false;
            return ValueTask.FromResult(true);
        }

        if (Options.WhenFull == FullQueuePolicy.Wait)
            return WaitAsync(identity, message, cancellationToken);
        CountDropped(connection);
        return ValueTask.FromResult(false);
    }

    private protected override ReadOnlyMemory<byte> Identify(ReadOnlyMemory<byte> announced)
    {
        if (!announced.IsEmpty)
            return announced;
        // As libzmq: 0 and a number; no peer may announce an identity that begins with 0.
        byte[] identity = new byte[5];
        BinaryPrimitives.WriteInt32BigEndian(identity.AsSpan(1), Interlocked.Increment(ref _invented));
        return identity;
    }

    private protected override void OnJoined(ZmtpConnection connection)
    {
        ZmtpConnection? leaves;
        lock (_gate)
        {
            byte[] identity = connection.Peer.Identity.ToArray();
            if (!_byIdentity.TryGetValue(identity, out leaves) || Options.DuplicateIdentity == DuplicateIdentityPolicy.HandOver)
                _byIdentity[identity] = connection;
            else
                leaves = connection;
        }

        leaves?.Close(ZmtpCloseReason.DuplicateIdentity, null);
    }

    private protected override void OnLeft(ZmtpConnection connection)
    {
        lock (_gate)
        {
            var bySpan = _byIdentity.GetAlternateLookup<ReadOnlySpan<byte>>();
            if (bySpan.TryGetValue(connection.Peer.Identity.Span, out ZmtpConnection? known) && known == connection)
                bySpan.Remove(connection.Peer.Identity.Span);
        }

        Room.Pulse();
    }

    private ZmtpConnection? Find(ReadOnlySpan<byte> identity)
    {
        lock (_gate)
            return _byIdentity.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(identity, out ZmtpConnection? found) ? found : null;
    }

    private async ValueTask<bool> WaitAsync(ReadOnlyMemory<byte> identity, byte[] message, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task room = Room.Next;
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            if (Find(identity.Span) is not { } connection)
                return false;
            if (connection.Outbox.TryAdd(message))
                return true;
            await room.WaitAsync(cancellationToken);
        }
    }
}
