using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net.WebSockets;

namespace Hub.Kernels;

/// <summary>
/// The connection of one tab after its upgrade. What the tab sends is read by .NET's <see cref="WebSocket"/>, which also answers pings
/// and shakes hands at the end; what the tab is sent is framed here, since there one frame is one write and one wake-up of the network. Pings are
/// <see cref="TabPulse"/>'s: a timer in each socket costs more than all else an idle tab does.
/// </summary>
/// <remarks>
/// Frames of a server are not masked (RFC 6455 §5.1), so a frame is a few bytes and then the message as it is:
/// <code>
/// 1 000 opcode │ 0 length (7 bits, or 126 and 16 bits, or 127 and 64 bits) │ payload
/// </code>
/// All writers take turns, so that a ping never stands inside a message. In one turn any number of frames is put into the connection's own
/// buffer, in blocks big enough for one system call each, and sent at once. A long frame goes in pieces, each sent before the next is copied:
/// no more of it is ever in memory twice. When the tab does not read, the turn waits; whoever cancels it between two frames can still
/// send a close frame, within a frame nothing more can be sent.
/// </remarks>
internal sealed class TabStream : IAsyncDisposable
{
    /// <summary>A block: about what Kestrel takes before it makes a writer wait.</summary>
    public const int BlockBytes = 64 * 1024;

    private const int SmallestBlock = 4096;
    private const int LongestHeader = 10;

    private static readonly byte[] s_ping = [0x89, 0];

    private readonly PipeWriter _output;
    private readonly Action _cutOff;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private Memory<byte> _block;
    private int _used;
    private bool _isWithinFrame;
    private bool _isClosed;

    // Rises with each read that is begun, and so with whatever the tab sends.
    private int _reads;
    private int _readsSeen;
    private int _quiet;

    /// <param name="transport">The connection after the upgrade; read here.</param>
    /// <param name="output">The same connection's buffer; nobody else may write to it.</param>
    /// <param name="subProtocol">Agreed in the upgrade.</param>
    /// <param name="cutOff">Ends the connection without another word.</param>
    public TabStream(Stream transport, PipeWriter output, string? subProtocol, Action cutOff)
    {
        (_output, _cutOff) = (output, cutOff);
        Socket = WebSocket.CreateFromStream(
            new ReadingSide(transport, this), new WebSocketCreationOptions { IsServer = true, SubProtocol = subProtocol, KeepAliveInterval = TimeSpan.Zero });
    }

    /// <summary>To read from and to close; it must not be used to send messages.</summary>
    public WebSocket Socket { get; }

    /// <summary>The hub is busy with what the tab sent and does not read meanwhile: no fault of the tab.</summary>
    public bool IsReaderBusy { get; set; }

    /// <summary>A span of time went by.</summary>
    /// <returns>How many since the tab was heard last.</returns>
    public int Beat()
    {
        int reads = Volatile.Read(ref _reads);
        _quiet = reads == _readsSeen && !IsReaderBusy ? _quiet + 1 : 0;
        _readsSeen = reads;
        return _quiet;
    }

    /// <summary>Asks the tab for a sign of life, unless something is being sent to it just now, which does as well.</summary>
    public void Ping()
    {
        if (_turn.Wait(0))
            _ = PingAsync();
    }

    /// <summary>The tab is gone.</summary>
    public void CutOff() => _cutOff();

    /// <summary>Waits until nobody else writes. Every turn must be ended.</summary>
    /// <exception cref="IOException">The connection is over, or stuck within a frame.</exception>
    public async ValueTask BeginAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        if (!_isClosed && !_isWithinFrame)
            return;
        _turn.Release();
        throw new IOException("nothing more can be sent on this connection");
    }

    public void End()
    {
        Commit();
        _turn.Release();
    }

    /// <summary>Puts a frame behind those of this turn, as far as it may become.</summary>
    /// <param name="payload">At most <see cref="BlockBytes"/>; longer ones go through <see cref="WriteLongAsync"/>.</param>
    /// <param name="isText">As the older framing sends it.</param>
    /// <param name="more">Bytes the caller is about to put behind it: how big a block is worth taking.</param>
    public void Write(ReadOnlySpan<byte> payload, bool isText, long more) => payload.CopyTo(Frame(payload.Length, isText, more));

    /// <summary>Begins a frame behind those of this turn, to be filled by the caller at once: so nothing is copied that can be written in its place.</summary>
    /// <param name="length">Of the payload, at most <see cref="BlockBytes"/>.</param>
    /// <param name="isText">As the older framing sends it.</param>
    /// <param name="more">Bytes the caller is about to put behind it.</param>
    /// <returns>Exactly the payload.</returns>
    public Span<byte> Frame(int length, bool isText, long more)
    {
        Span<byte> room = Room(LongestHeader + length, more);
        int header = WriteHeader(room, length, isText);
        _used += header + length;
        return room.Slice(header, length);
    }

    /// <summary>Sends a frame of any length, and what was put before it.</summary>
    /// <param name="pieces">One after the other they are the payload.</param>
    /// <param name="isText">As the older framing sends it.</param>
    /// <param name="cancellationToken">Ends the wait; then nothing more can be sent.</param>
    /// <exception cref="IOException">The connection is over.</exception>
    public async ValueTask WriteLongAsync(IReadOnlyList<ReadOnlyMemory<byte>> pieces, bool isText, CancellationToken cancellationToken)
    {
        long left = pieces.Sum(piece => (long)piece.Length);
        _used += WriteHeader(Room(LongestHeader, left), left, isText);
        _isWithinFrame = true;
        foreach (ReadOnlyMemory<byte> piece in pieces)
        {
            ReadOnlyMemory<byte> rest = piece;
            while (!rest.IsEmpty)
            {
                Span<byte> room = Room(1, left);
                int fitting = Math.Min(room.Length, rest.Length);
                rest.Span[..fitting].CopyTo(room);
                (_used, left, rest) = (_used + fitting, left - fitting, rest[fitting..]);
                if (_used == _block.Length)
                    await FlushAsync(cancellationToken);
            }
        }

        await FlushAsync(cancellationToken);
        _isWithinFrame = false;
    }

    /// <summary>Sends what was put so far; waits while the tab takes in nothing.</summary>
    /// <exception cref="IOException">The connection is over.</exception>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        Commit();
        FlushResult result = await _output.FlushAsync(cancellationToken);
        if (result.IsCompleted || result.IsCanceled)
            throw new IOException("the connection is over");
    }

    /// <summary>Ends all turns; when it returns, the connection's buffer is not touched any more.</summary>
    public async ValueTask DisposeAsync()
    {
        Volatile.Write(ref _isClosed, true);
        Socket.Dispose();
        _output.CancelPendingFlush();
        await _turn.WaitAsync(CancellationToken.None);
        _turn.Release();
    }

    private async Task PingAsync()
    {
        try
        {
            if (_isClosed || _isWithinFrame)
                return;
            s_ping.CopyTo(Room(s_ping.Length, 0));
            _used += s_ping.Length;
            await FlushAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            // The connection is over, which whoever reads from it learns too.
        }
        finally
        {
            End();
        }
    }

    private Span<byte> Room(int atLeast, long more)
    {
        if (_block.Length - _used < atLeast)
        {
            Commit();
            int wished = (int)Math.Clamp(atLeast + more, SmallestBlock, BlockBytes);
            _block = _output.GetMemory(Math.Max(atLeast, wished));
        }

        return _block.Span[_used..];
    }

    private void Commit()
    {
        if (_used > 0)
            _output.Advance(_used);
        _used = 0;
        _block = default;
    }

    private static int WriteHeader(Span<byte> room, long length, bool isText)
    {
        room[0] = (byte)(0x80 | (isText ? 1 : 2));
        if (length < 126)
        {
            room[1] = (byte)length;
            return 2;
        }

        if (length <= ushort.MaxValue)
        {
            room[1] = 126;
            BinaryPrimitives.WriteUInt16BigEndian(room[2..], (ushort)length);
            return 4;
        }

        room[1] = 127;
        BinaryPrimitives.WriteUInt64BigEndian(room[2..], (ulong)length);
        return LongestHeader;
    }

    /// <summary>A control frame of the <see cref="WebSocket"/>: whole, so it may stand between any two of ours.</summary>
    private async ValueTask WriteControlAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellationToken)
    {
        await BeginAsync(cancellationToken);
        try
        {
            frame.Span.CopyTo(Room(frame.Length, 0));
            _used += frame.Length;
            await FlushAsync(cancellationToken);
        }
        finally
        {
            End();
        }
    }

    /// <summary>What the <see cref="WebSocket"/> reads from and writes its control frames to.</summary>
    private sealed class ReadingSide(Stream transport, TabStream frames) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref frames._reads);
            return transport.ReadAsync(buffer, cancellationToken);
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => frames.WriteControlAsync(buffer, cancellationToken);

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                transport.Dispose();
            base.Dispose(disposing);
        }
    }
}
