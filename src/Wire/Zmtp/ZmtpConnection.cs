using System.Buffers;
using System.Net.Sockets;
using Wire.Zmtp.Curve;

namespace Wire.Zmtp;

/// <summary>
/// One connection after its handshake: a loop that receives, and a writer that runs only while there is something to write.
/// </summary>
internal sealed class ZmtpConnection
{
    // After so many sends at once within a millisecond the caller hands over to a writer of its own thread, which puts short
    // messages together: a lone message leaves without a thread switch, a flood without a system call each.
    private const int SendsAtOncePerMillisecond = 4;

    // A peer that floods us gives other work of the thread pool a turn after so many full buffers.
    private const int ReceivesPerTurn = 32;

    private readonly Socket _socket;
    private readonly ZmtpSocket _owner;
    private readonly ZmtpFrameReader _reader;
    private readonly CurveTraffic? _traffic;
    private readonly CurveInbox? _opened;
    private readonly TimeProvider _time;
    private ZmtpHeartbeat? _heartbeat;
    private byte[]? _copies;
    private ZmtpSubscriptions? _subscriptions;
    private ZmtpEnd? _end;
    private bool _handing;
    private bool _pauseDue;
    private long _sendWindow;
    private int _sendsAtOnce;

    public ZmtpConnection(Socket socket, ZmtpSocket owner, ZmtpPeer peer, ZmtpHandshakeResult agreed, ZmtpOutbox outbox, TimeProvider time)
    {
        _socket = socket;
        _owner = owner;
        _reader = agreed.Reader;
        _traffic = agreed.Traffic;
        _opened = _traffic is null ? null : new CurveInbox(_traffic, owner.Options);
        _time = time;
        Peer = peer;
        Outbox = outbox;
        _reader.Sender = peer;
    }

    public ZmtpPeer Peer { get; }

    public ZmtpOutbox Outbox { get; }

    public bool HoldsBuffer => _reader.HoldsBuffer;

    /// <summary>What a subscriber asked of our publisher. Lock it.</summary>
    public ZmtpSubscriptions Subscriptions => LazyInitializer.EnsureInitialized(ref _subscriptions)!;

    /// <summary>The peer was told of as <see cref="ZmtpEvent.Dropping"/> and had no room since.</summary>
    public bool Dropping { get; set; }

    /// <summary>Set once by <see cref="Close"/>.</summary>
    public ZmtpEnd? End => Volatile.Read(ref _end);

    /// <summary>Receives until the connection ends; the result is the first cause.</summary>
    public async Task<ZmtpEnd> RunAsync()
    {
        if (_owner.Options.HeartbeatInterval > TimeSpan.Zero)
            Watch().Start();
        try
        {
            await ReceiveAsync();
            Close(ZmtpCloseReason.PeerClosed, null);
        }
#pragma warning disable CA1031 // whatever the receiver throws ends this connection and is told with it
        catch (Exception error)
#pragma warning restore CA1031
        {
            // What the receiver throws is its own, even if it looks like a failure of the transport.
            bool mine = _handing && error is not ZmtpProtocolException;
            Close(mine ? ZmtpCloseReason.ReceiverFailed : ZmtpEnd.From(error).Reason, error);
            // Behind messages that were handed over a frame was broken.
            if (!mine)
                Pause();
        }

        await Outbox.DetachAsync();
        _reader.Dispose();
        _traffic?.Dispose();
        return End!;
    }

    /// <summary>Ends the connection; the first reason wins, later ones do nothing.</summary>
    public void Close(ZmtpCloseReason reason, Exception? error)
    {
        if (Interlocked.CompareExchange(ref _end, new ZmtpEnd(reason, error), null) is not null)
            return;
        _heartbeat?.Dispose();
        try
        {
            // FIN before close, so that a peer sees an orderly end even if we leave bytes of it unread.
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // Already broken: nothing to end in order.
        }

        _socket.Dispose();
    }

    /// <summary>Called by the outbox for the one that found nobody writing.</summary>
    public void BeginWriting()
    {
        long now = _time.GetTimestamp() * 1000 / _time.TimestampFrequency;
        if (now != _sendWindow)
        {
            _sendWindow = now;
            _sendsAtOnce = 0;
        }

        if (++_sendsAtOnce <= SendsAtOncePerMillisecond)
            _ = WriteAsync(borrowed: true);
        else
            ThreadPool.UnsafeQueueUserWorkItem(static self => _ = self.WriteAsync(borrowed: false), this, preferLocal: false);
    }

    private async Task ReceiveAsync()
    {
        int turn = 0;
        while (true)
        {
            switch (_reader.Read(out ZmtpMessage message))
            {
                case ZmtpRead.Message:
                    if (_opened is not null && !TryOpen(ref message))
                        continue;
                    _handing = true;
                    ValueTask taken = _owner.OnMessageAsync(this, message);
                    if (taken.IsCompletedSuccessfully)
                        taken.GetAwaiter().GetResult();
                    else
                        await taken;
                    _handing = false;
                    _pauseDue = true;
                    continue;
                case ZmtpRead.Command:
                    if (_opened is not null)
                        throw new ZmtpProtocolException("a command came outside the encryption", "command", _reader.Offset);
                    OnCommand(_reader.Command);
                    continue;
            }

            Pause();

            // The socket does not block. A zero-byte wait may end without need, so it is Receive that decides: nothing there
            // means waiting again without a buffer, and an idle connection never holds one.
            int count = _socket.Receive(_reader.GetBuffer().Span, SocketFlags.None, out SocketError error);
            if (error == SocketError.WouldBlock)
            {
                _reader.ReleaseIfEmpty();
                await _socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None);
                turn = 0;
                continue;
            }

            if (error != SocketError.Success)
                throw new SocketException((int)error);
            if (count == 0)
                return;
            _reader.Advance(count);
            _heartbeat?.Heard();
            if (++turn % ReceivesPerTurn == 0)
                await Task.Yield();
        }
    }

    private void Pause()
    {
        if (!_pauseDue)
            return;
        _pauseDue = false;
        _handing = true;
        _owner.OnPause();
        _handing = false;
    }

    /// <summary>False when it was a command, or part of a message.</summary>
    private bool TryOpen(ref ZmtpMessage message)
    {
        ZmtpRead found = _opened!.Open(message, out message, _reader.Offset);
        if (found == ZmtpRead.Command)
            OnCommand(_opened.Command.Span);
        return found == ZmtpRead.Message;
    }

    private void OnCommand(ReadOnlySpan<byte> body)
    {
        ZmtpCommand command = ZmtpCommand.Read(body, _reader.Offset);
        if (command.IsPing)
        {
            ReadOnlySpan<byte> context = command.PingContext(_reader.Offset, out TimeSpan timeToLive);
            Outbox.AddCommand(ZmtpCommand.Pong(context), answer: true);
            if (timeToLive > TimeSpan.Zero || _heartbeat is not null)
                Watch().PeerLives(timeToLive);
        }
        else if (command.IsSubscribe || command.IsCancel)
        {
            _owner.OnSubscription(this, command.Data, command.IsSubscribe, _reader.Offset);
        }
        else if (command.IsError)
        {
            throw new ZmtpPeerErrorException(command.ErrorReason());
        }
        else if (command.IsReady)
        {
            throw new ZmtpProtocolException("READY came a second time", "command", _reader.Offset);
        }
    }

    private ZmtpHeartbeat Watch() => _heartbeat ??= new ZmtpHeartbeat(this, _owner.Options, _time);

    /// <param name="borrowed">The thread is that of a sender: it writes one batch, not those of everybody after it.</param>
    private async Task WriteAsync(bool borrowed)
    {
        int written = 0;
        bool mayGoOn = true;
        ReadOnlyMemory<byte> plain = default;
        byte[]? sealedBytes = null;
        try
        {
            while (Outbox.TakeBatch(ref _copies, out ReadOnlyMemory<byte> batch))
            {
                plain = batch;
                if (!mayGoOn)
                {
                    await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
                    borrowed = false;
                }

                written = 0;
                if (_traffic is not null)
                    batch = Seal(batch.Span, ref sealedBytes);
                for (; written < batch.Length;)
                {
                    int sent = _socket.Send(batch.Span[written..], SocketFlags.None, out SocketError error);
                    if (error == SocketError.WouldBlock)
                        sent = await _socket.SendAsync(batch[written..], SocketFlags.None);
                    else if (error != SocketError.Success)
                        throw new SocketException((int)error);
                    written += sent;
                }

                mayGoOn = !borrowed;
            }
        }
#pragma warning disable CA1031 // whatever fails here ends the connection and is told with it: a writer that is gone in silence would stop its queue for good
        catch (Exception error)
#pragma warning restore CA1031
        {
            if (_traffic is not null)
                written = CurveTraffic.PlainBytes(plain.Span, written);
            if (_copies is not null)
                ArrayPool<byte>.Shared.Return(_copies);
            _copies = null;
            Outbox.GiveUp(written);
            Close(ZmtpCloseReason.TransportFailed, error);
        }
        finally
        {
            if (sealedBytes is not null)
                ArrayPool<byte>.Shared.Return(sealedBytes);
        }
    }

    private ReadOnlyMemory<byte> Seal(ReadOnlySpan<byte> frames, ref byte[]? target)
    {
        long length = CurveTraffic.Measure(frames);
        if (length > Array.MaxLength)
            throw new SocketException((int)SocketError.MessageSize);
        if (target is null || target.Length < length)
        {
            if (target is not null)
                ArrayPool<byte>.Shared.Return(target);
            target = ArrayPool<byte>.Shared.Rent((int)length);
        }

        _traffic!.Seal(frames, target);
        return target.AsMemory(0, (int)length);
    }
}
