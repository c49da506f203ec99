using System.Buffers.Binary;

namespace Wire.Zmtp;

/// <summary>
/// Bytes to messages and commands, without I/O: the caller receives into <see cref="GetBuffer"/>, says how much by
/// <see cref="Advance"/>, and calls <see cref="Read"/> until it needs more.
/// </summary>
/// <remarks>
/// Three ways through it. A message that lies whole in the buffer is scanned once for its limits (<see cref="Scan"/>). A lone one is then copied
/// once into its block, so that it holds nothing else alive; where many were received together each stays where it is (<see cref="Share"/>) and the
/// buffer is theirs. A message that does not fit the buffer is collected frame by frame (<see cref="Collect"/>) in a block of
/// <see cref="LargeBuffers"/>, and the caller receives the body of a long frame directly into the block. Where nothing is pending,
/// <see cref="ReleaseIfEmpty"/> gives the buffer back, so that an idle connection
/// holds none.
/// </remarks>
internal sealed class ZmtpFrameReader(ZmtpOptions options, long offset) : IDisposable
{
    /// <summary>Size of the pooled buffer; the longest command fits it.</summary>
    public const int BufferBytes = ZmtpSegment.Size;

    /// <summary>So much is allocated on the mere word of a peer; beyond it the block doubles as bytes really arrive.</summary>
    public const int TrustedBytes = 16 * 1024 * 1024;

    // From here on a body is received directly into its block; below, one more copy is cheaper than one more system call.
    private const int DirectBytes = 8 * 1024;

    // So much received and not read yet is a flood: from there on short messages share the buffer.
    private const int FloodBytes = 8 * 1024;

    // A flood of more frames in one message is no flood of messages.
    private const int MaxSharedFrames = 64;

    // With less room than this a receive would be one system call for a handful of messages.
    private const int LeastRoom = BufferBytes / 4;

    private ZmtpSegment? _segment;
    private byte[]? _buffer;
    private bool _flood;
    private int _start;
    private int _end;
    private long _offset = offset;

    // The message being read: so far frames and bytes of bodies; while scanning also the bytes they take in the buffer.
    private int _frames;
    private int _bodyBytes;
    private int _scanned;

    // Only while collecting.
    private bool _collecting;
    private byte[] _block = [];
    private int[] _ends = [];
    private bool _inFrame;
    private bool _more;
    private int _missing;
    private bool _direct;

    private Range _command;

    /// <summary>Written into each message.</summary>
    public ZmtpPeer? Sender { get; set; }

    /// <summary>Refuses message frames by their header: before READY there is none.</summary>
    public bool CommandsOnly { get; set; }

    /// <summary>Body of the command found last; valid until the next call of any member.</summary>
    public ReadOnlySpan<byte> Command => _buffer.AsSpan(_command);

    /// <summary>Bytes of the connection that were read, for errors.</summary>
    public long Offset => _offset;

    public bool HoldsBuffer => _buffer is not null;

    /// <summary>Where to receive next; never empty.</summary>
    public Memory<byte> GetBuffer()
    {
        _direct = _inFrame && _missing >= DirectBytes && _start == _end;
        if (_direct)
        {
            if (_block.Length == _bodyBytes)
                Grow(_bodyBytes + (long)_missing, exact: false);
            return _block.AsMemory(_bodyBytes, Math.Min(_missing, _block.Length - _bodyBytes));
        }

        if (_buffer is null)
            Take(ZmtpSegment.Rent());
        else if (_segment!.IsSole)
            MakeRoom();
        else if (_start > 0 && _end > BufferBytes - LeastRoom)
            Replace();
        return _buffer.AsMemory(_end, BufferBytes - _end);
    }

    /// <summary><paramref name="count"/> bytes were received into the last <see cref="GetBuffer"/>.</summary>
    public void Advance(int count)
    {
        if (!_direct)
        {
            _end += count;
            _flood = _end - _start >= FloodBytes;
            return;
        }

        _bodyBytes += count;
        _missing -= count;
        _offset += count;
        _direct = false;
    }

    /// <exception cref="ZmtpProtocolException">The bytes are no frames or pass a limit; the reader is of no more use.</exception>
    public ZmtpRead Read(out ZmtpMessage message)
    {
        message = default;
        return _collecting ? Collect(out message) : Scan(out message);
    }

    public void ReleaseIfEmpty()
    {
        if (_buffer is null || _start != _end)
            return;
        _segment!.Return();
        (_segment, _buffer) = (null, null);
        _start = _end = 0;
    }

    public void Dispose()
    {
        _start = _end = 0;
        ReleaseIfEmpty();
        LargeBuffers.Shared.Return(_block);
        _block = [];
    }

    private ZmtpRead Scan(out ZmtpMessage message)
    {
        message = default;
        while (true)
        {
            int at = _start + _scanned;
            if (!ZmtpFrameHeader.TryRead(_buffer.AsSpan(at, _end - at), out ZmtpFrameHeader header))
            {
                // The rest of the buffer is for a header that may need 9 bytes.
                if (_scanned <= BufferBytes - ZmtpFrameHeader.LongestLength)
                    return ZmtpRead.NeedMore;
                BeginCollecting(0);
                return Collect(out message);
            }

            Check(header, _offset + _scanned);
            if (header.Command && _frames == 0)
                return ReadCommand(header);
            long whole = _scanned + header.Length + header.Size;
            if (header.Command || whole > BufferBytes)
            {
                BeginCollecting(header.Command ? 0 : header.Size);
                return Collect(out message);
            }

            if (_start + whole > _end)
                return ZmtpRead.NeedMore;
            _scanned = (int)whole;
            _frames++;
            _bodyBytes += (int)header.Size;
            if (header.More)
                continue;
            message = TakeScanned();
            return ZmtpRead.Message;
        }
    }

    private void Take(ZmtpSegment segment)
    {
        _segment = segment;
        _buffer = segment.Bytes;
    }

    /// <summary>Nobody else looks at the buffer: what is read is overwritten.</summary>
    private void MakeRoom()
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }
        else if (_start > 0 && _end > BufferBytes - LeastRoom)
        {
            _buffer.AsSpan(_start.._end).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }
    }

    /// <summary>The messages keep the buffer; the beginning of the next one moves to another.</summary>
    private void Replace()
    {
        ZmtpSegment next = ZmtpSegment.Rent();
        _buffer.AsSpan(_start.._end).CopyTo(next.Bytes);
        _segment!.Return();
        Take(next);
        _end -= _start;
        _start = 0;
    }

    private ZmtpMessage TakeScanned()
    {
        if (_flood && _frames <= MaxSharedFrames)
            return Share();
        byte[] block = GC.AllocateUninitializedArray<byte>(_bodyBytes + (_frames * sizeof(int)));
        CopyScanned(block, block.AsSpan(_bodyBytes));
        ZmtpMessage message = new(block, _bodyBytes, _frames, Sender);
        Consume(_scanned);
        _scanned = _frames = _bodyBytes = 0;
        return message;
    }

    /// <summary>Closes the gaps that the headers leave between the bodies; the table takes the room of the headers, which have two bytes or more each.</summary>
    private ZmtpMessage Share()
    {
        Span<ushort> ends = stackalloc ushort[_frames];
        Span<byte> whole = _buffer.AsSpan(_start, _scanned);
        int from = 0;
        int end = 0;
        for (int i = 0; i < ends.Length; i++)
        {
            ZmtpFrameHeader.TryRead(whole[from..], out ZmtpFrameHeader header);
            int size = (int)header.Size;
            whole.Slice(from + header.Length, size).CopyTo(whole[end..]);
            from += header.Length + size;
            end += size;
            ends[i] = (ushort)end;
        }

        for (int i = 0; i < ends.Length; i++)
            BinaryPrimitives.WriteUInt16LittleEndian(whole[(end + (i * sizeof(ushort)))..], ends[i]);
        _segment!.Lease();
        ZmtpMessage message = new(_segment, _start, end, _frames, Sender);
        Consume(_scanned);
        _scanned = _frames = _bodyBytes = 0;
        return message;
    }

    /// <summary>Second walk over frames that <see cref="Scan"/> has found good.</summary>
    private void CopyScanned(Span<byte> bodies, Span<byte> table)
    {
        ReadOnlySpan<byte> from = _buffer.AsSpan(_start, _scanned);
        int end = 0;
        for (int i = 0; i < _frames; i++)
        {
            ZmtpFrameHeader.TryRead(from, out ZmtpFrameHeader header);
            from.Slice(header.Length, (int)header.Size).CopyTo(bodies[end..]);
            end += (int)header.Size;
            BinaryPrimitives.WriteInt32LittleEndian(table[(i * sizeof(int))..], end);
            from = from[(header.Length + (int)header.Size)..];
        }
    }

    private void BeginCollecting(long nextSize)
    {
        _collecting = true;
        _ends = new int[Math.Max(8, _frames + 1)];
        long known = _bodyBytes + nextSize + TableRoom;
        _block = LargeBuffers.Shared.Rent(Math.Min(known, _bodyBytes + (long)TrustedBytes));
        byte[] table = new byte[_frames * sizeof(int)];
        CopyScanned(_block, table);
        for (int i = 0; i < _frames; i++)
            _ends[i] = BinaryPrimitives.ReadInt32LittleEndian(table.AsSpan(i * sizeof(int)));
        Consume(_scanned);
        _scanned = 0;
    }

    private ZmtpRead Collect(out ZmtpMessage message)
    {
        message = default;
        while (true)
        {
            if (_inFrame)
            {
                TakeBody();
                if (_missing > 0)
                    return ZmtpRead.NeedMore;
                EndFrame();
                if (_more)
                    continue;
                message = TakeCollected();
                return ZmtpRead.Message;
            }

            if (!ZmtpFrameHeader.TryRead(_buffer.AsSpan(_start, _end - _start), out ZmtpFrameHeader header))
                return ZmtpRead.NeedMore;
            Check(header, _offset);
            if (header.Command)
                return ReadCommand(header);
            Consume(header.Length);
            _inFrame = true;
            _more = header.More;
            _missing = (int)header.Size;
        }
    }

    private void TakeBody()
    {
        int here = Math.Min(_missing, _end - _start);
        if (here == 0)
            return;
        if (_block.Length - _bodyBytes < here)
            Grow(_bodyBytes + (long)_missing, exact: false);
        _buffer.AsSpan(_start, here).CopyTo(_block.AsSpan(_bodyBytes));
        _bodyBytes += here;
        _missing -= here;
        Consume(here);
    }

    private void EndFrame()
    {
        _inFrame = false;
        if (_frames == _ends.Length)
            Array.Resize(ref _ends, _ends.Length * 2);
        _ends[_frames++] = _bodyBytes;
    }

    private ZmtpMessage TakeCollected()
    {
        int needed = _bodyBytes + (_frames * sizeof(int));
        if (_block.Length < needed)
            Grow(needed, exact: true);
        for (int i = 0; i < _frames; i++)
            BinaryPrimitives.WriteInt32LittleEndian(_block.AsSpan(_bodyBytes + (i * sizeof(int))), _ends[i]);
        ZmtpMessage message = _block.Length < LargeBuffers.LeastBytes
            ? new(_block, _bodyBytes, _frames, Sender)
            : new(ZmtpSegment.Of(_block), 0, _bodyBytes, _frames, Sender);
        _collecting = false;
        _block = [];
        _ends = [];
        _frames = _bodyBytes = 0;
        return message;
    }

    /// <summary>Makes room for <paramref name="needed"/> bytes and the table, but for not much more than twice what has arrived.</summary>
    private void Grow(long needed, bool exact)
    {
        long room = needed + TableRoom;
        long allowed = _bodyBytes + Math.Max(TrustedBytes, (long)_bodyBytes);
        // While frames follow, doubling keeps many small ones from being copied again and again.
        long wanted = exact || !_more ? room : Math.Max(room, 2L * _block.Length);
        byte[] larger = LargeBuffers.Shared.Rent(Math.Min(wanted, allowed));
        _block.AsSpan(0, _bodyBytes).CopyTo(larger);
        LargeBuffers.Shared.Return(_block);
        _block = larger;
    }

    /// <summary>With some to spare, so that a few short frames behind a long one do not move it again.</summary>
    private int TableRoom => (_frames + 32) * sizeof(int);

    private ZmtpRead ReadCommand(ZmtpFrameHeader header)
    {
        int whole = header.Length + (int)header.Size;
        if (_end - _start < whole)
            return ZmtpRead.NeedMore;
        _command = (_start + header.Length)..(_start + whole);
        Consume(whole);
        return ZmtpRead.Command;
    }

    private void Consume(int bytes)
    {
        _start += bytes;
        _offset += bytes;
    }

    private void Check(ZmtpFrameHeader header, long at)
    {
        if (header.Command)
        {
            if (header.More)
                throw new ZmtpProtocolException("a command frame has the MORE flag", "frame", at);
            if ((ulong)header.Size > (ulong)options.MaxCommandBytes)
                throw Beyond(nameof(ZmtpOptions.MaxCommandBytes), options.MaxCommandBytes, "a command", header.Size, at);
            return;
        }

        if (CommandsOnly)
            throw new ZmtpProtocolException("a message came before READY", "handshake", at);
        if ((ulong)header.Size > (ulong)options.MaxFrameBytes)
            throw Beyond(nameof(ZmtpOptions.MaxFrameBytes), options.MaxFrameBytes, "a frame", header.Size, at);
        if (_bodyBytes + header.Size > options.MaxMessageBytes)
            throw Beyond(nameof(ZmtpOptions.MaxMessageBytes), options.MaxMessageBytes, "a message", _bodyBytes + header.Size, at);
        if (_frames == options.MaxFramesPerMessage)
            throw new ZmtpProtocolException($"a message has more frames than {nameof(ZmtpOptions.MaxFramesPerMessage)} = {options.MaxFramesPerMessage}", "frame", at);
    }

    private static ZmtpProtocolException Beyond(string limit, int value, string what, long size, long at) =>
        new($"{what} of {(ulong)size} bytes is longer than {limit} = {value}", "frame", at);
}
