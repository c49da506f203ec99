namespace Wire.Zmtp;

/// <summary>REP: receives a request, answers it, receives the next (RFC 28). The envelope is kept from the caller.</summary>
public sealed class ReplySocket : ZmtpSocket
{
    private readonly ZmtpInbox _inbox;
    private ZmtpMessage? _current;

    public ReplySocket(ZmtpOptions options, TimeProvider time)
        : base(ZmtpSocketType.Rep, default, options, time) => _inbox = new ZmtpInbox(options.ReceiveHighWaterMark);

    /// <summary>The next request, without its envelope. A message without the empty delimiter frame is dropped.</summary>
    /// <exception cref="InvalidOperationException">The request before was not answered.</exception>
    /// <exception cref="ObjectDisposedException">The socket is disposed.</exception>
    public async ValueTask<ZmtpMessage> ReceiveAsync(CancellationToken cancellationToken)
    {
        if (_current is not null)
            throw new InvalidOperationException("the request before is not answered yet");
        ZmtpMessage message = await _inbox.TakeAsync(cancellationToken);
        _current = message;
        return message.Skip(EnvelopeFrames(message));
    }

    /// <summary>Answers the request received last.</summary>
    /// <returns>False when the peer is gone, or its queue was full and the reply dropped.</returns>
    /// <exception cref="InvalidOperationException">There is no request to answer.</exception>
    public ValueTask<bool> ReplyAsync(ReadOnlySpan<ReadOnlyMemory<byte>> frames, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        ZmtpMessage request = _current ?? throw new InvalidOperationException("there is no request to answer");
        ReadOnlyMemory<byte>[] envelope = [.. Enumerable.Range(0, EnvelopeFrames(request)).Select(frame => request[frame])];
        byte[] message = ZmtpFrameWriter.Message(envelope, frames);
        _current = null;
        return SendAsync(request.Sender!, message, cancellationToken);
    }

    // A message without a delimiter, or with nothing behind it, is no request: dropped in silence, as RFC 28 says.
    internal override ValueTask OnMessageAsync(ZmtpConnection from, ZmtpMessage message) =>
        EnvelopeFrames(message) is > 0 and int frames && frames < message.Count ? _inbox.AddAsync(message) : ValueTask.CompletedTask;

    private protected override void OnDisposing() => _inbox.Close();

    /// <summary>Frames up to and with the first empty one; 0 when there is none.</summary>
    private static int EnvelopeFrames(ZmtpMessage message)
    {
        for (int frame = 0; frame < message.Count; frame++)
        {
            if (message[frame].IsEmpty)
                return frame + 1;
        }

        return 0;
    }

    private async ValueTask<bool> SendAsync(ZmtpPeer peer, byte[] message, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task room = Room.Next;
            if (Connections.FirstOrDefault(connection => connection.Peer == peer) is not { } connection)
                return false;
            if (connection.Outbox.TryAdd(message))
                return true;
            if (Options.WhenFull != FullQueuePolicy.Wait)
            {
                CountDropped(connection);
                return false;
            }

            await room.WaitAsync(cancellationToken);
        }
    }
}
