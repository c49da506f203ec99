namespace Wire.Zmtp;

/// <summary>REQ: one request, then its reply (RFC 28).</summary>
/// <param name="identity">As of <see cref="DealerSocket"/>.</param>
public sealed class RequestSocket(ReadOnlyMemory<byte> identity, ZmtpOptions options, TimeProvider time)
    : ZmtpSocket(ZmtpSocketType.Req, identity, options, time)
{
    private static readonly ReadOnlyMemory<byte>[] Delimiter = [default];

    private readonly Lock _gate = new();
    private Pending? _pending;
    private int _turn;

    private protected override bool QueuesBeforeConnected => true;

    /// <summary>
    /// Sends the request to the next peer that has room and waits for its reply, as long as it takes. When cancelled the connection
    /// is closed and made anew, so that a late reply is never taken for the next one.
    /// </summary>
    /// <exception cref="InvalidOperationException">A request is already on its way.</exception>
    /// <exception cref="IOException">The connection that carried the request was lost.</exception>
    public ValueTask<ZmtpMessage> RequestAsync(ReadOnlySpan<ReadOnlyMemory<byte>> frames, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        byte[] message = ZmtpFrameWriter.Message(Delimiter, frames);
        Pending pending = new();
        if (Interlocked.CompareExchange(ref _pending, pending, null) is not null)
            throw new InvalidOperationException("a request is already on its way");
        return RequestAsync(message, pending, cancellationToken);
    }

    internal override ValueTask OnMessageAsync(ZmtpConnection from, ZmtpMessage message)
    {
        // Only the peer that was asked may answer, and only with the delimiter in front; the rest is dropped, as RFC 28 says.
        lock (_gate)
        {
            if (_pending is { } pending && pending.Asked == from.Outbox && message.Count > 1 && message[0].IsEmpty)
                pending.Reply.TrySetResult(message.Skip(1));
        }

        return ValueTask.CompletedTask;
    }

    private protected override void OnLeft(ZmtpConnection connection)
    {
        lock (_gate)
        {
            // A request that still waits in the queue goes out by the next connection.
            if (_pending is { } pending && pending.Asked == connection.Outbox && connection.Outbox.IsEmpty)
                pending.Reply.TrySetException(new IOException($"the connection to {connection.Peer.Endpoint} was lost before the reply"));
        }
    }

    private protected override void OnDisposing()
    {
        lock (_gate)
            _pending?.Reply.TrySetException(new ObjectDisposedException(nameof(RequestSocket)));
        Room.Pulse();
    }

    private async ValueTask<ZmtpMessage> RequestAsync(byte[] message, Pending pending, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                Task room = Room.Next;
                ObjectDisposedException.ThrowIf(IsDisposed, this);
                if (TryAdd(message, pending))
                    break;
                await room.WaitAsync(cancellationToken);
            }

            return await pending.Reply.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            pending.Asked?.Clear();
            pending.Asked?.Connection?.Close(ZmtpCloseReason.RequestAbandoned, null);
            throw;
        }
        finally
        {
            lock (_gate)
                _pending = null;
        }
    }

    private bool TryAdd(byte[] message, Pending pending)
    {
        var outboxes = Outboxes;
        for (int tried = 0; tried < outboxes.Length; tried++)
        {
            ZmtpOutbox outbox = outboxes[(int)((uint)Interlocked.Increment(ref _turn) % (uint)outboxes.Length)];
            // Named before it is asked: the reply may be faster than the next line.
            lock (_gate)
                pending.Asked = outbox;
            if (outbox.TryAdd(message))
                return true;
        }

        return false;
    }

    private sealed class Pending
    {
        public TaskCompletionSource<ZmtpMessage> Reply { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ZmtpOutbox? Asked { get; set; }
    }
}
