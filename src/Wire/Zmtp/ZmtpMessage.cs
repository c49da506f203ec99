using System.Buffers.Binary;

namespace Wire.Zmtp;

/// <summary>
/// One received message: all frames one after another, with the ends of the frames as a table behind them. A lone message has a block of its own, a
/// long one a block that is used again; short ones that come in a flood lie in the buffer they were received in, which they share.
/// </summary>
/// <remarks><code>
/// own block:      frame 0 | frame 1 | … | end of frame 0 (int32) | end of frame 1 | …
/// shared buffer:  … | frame 0 | frame 1 | … | end of frame 0 (uint16) | end of frame 1 | … | next message
/// </code>
/// Keep it as long as you like. Whoever is done with a message, and knows that nobody else looks at it, may <see cref="Release"/> it, so that its
/// buffer or block is used again.
/// </remarks>
public readonly struct ZmtpMessage
{
    private readonly byte[] _block;
    private readonly ZmtpSegment? _segment;
    private readonly int _offset;
    private readonly int _bodyLength;
    private readonly int _first;
    private readonly int _total;

    /// <param name="block">Bodies, then <paramref name="frames"/> little-endian ends.</param>
    internal ZmtpMessage(byte[] block, int bodyLength, int frames, ZmtpPeer? sender)
        : this(block, null, 0, bodyLength, 0, frames, sender)
    {
    }

    /// <param name="segment">A lease on it is the message's.</param>
    /// <param name="offset">Where in it the bodies begin.</param>
    internal ZmtpMessage(ZmtpSegment segment, int offset, int bodyLength, int frames, ZmtpPeer? sender)
        : this(segment.Bytes, segment, offset, bodyLength, 0, frames, sender)
    {
    }

    private ZmtpMessage(byte[] block, ZmtpSegment? segment, int offset, int bodyLength, int first, int total, ZmtpPeer? sender)
    {
        _block = block;
        _segment = segment;
        _offset = offset;
        _bodyLength = bodyLength;
        _first = first;
        _total = total;
        Sender = sender;
    }

    /// <summary>The message a socket would receive if these frames were sent; they are copied.</summary>
    public static ZmtpMessage Of(IReadOnlyList<ReadOnlyMemory<byte>> frames)
    {
        ArgumentNullException.ThrowIfNull(frames);
        int length = frames.Sum(frame => frame.Length);
        byte[] block = GC.AllocateUninitializedArray<byte>(length + (frames.Count * sizeof(int)));
        int end = 0;
        for (int i = 0; i < frames.Count; i++)
        {
            frames[i].CopyTo(block.AsMemory(end));
            end += frames[i].Length;
            BinaryPrimitives.WriteInt32LittleEndian(block.AsSpan(length + (i * sizeof(int))), end);
        }

        return new ZmtpMessage(block, length, frames.Count, null);
    }

    /// <summary>Frames in the message; 0 only in <c>default</c>.</summary>
    public int Count => _total - _first;

    /// <summary>Who sent it. <see cref="ZmtpPeer.Identity"/> is where a ROUTER sends the answer.</summary>
    public ZmtpPeer? Sender { get; }

    /// <summary>All frames without a gap between them.</summary>
    public ReadOnlyMemory<byte> Body => _block.AsMemory(_offset + Start(_first), _bodyLength - Start(_first));

    public ReadOnlyMemory<byte> this[int frame]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)frame, (uint)Count, nameof(frame));
            int start = Start(_first + frame);
            return _block.AsMemory(_offset + start, End(_first + frame) - start);
        }
    }

    /// <summary>The buffer shared with other messages, or the block that is used again, of which this one has a lease; null for a block of its own.</summary>
    internal ZmtpSegment? Segment => _segment;

    /// <summary>Where the bytes are: <see cref="StartOf"/> counts from its beginning.</summary>
    internal byte[] Block => _block;

    /// <summary>The same message without its first <paramref name="frames"/> frames; shares the block.</summary>
    public ZmtpMessage Skip(int frames)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)frames, (uint)Count, nameof(frames));
        return new ZmtpMessage(_block, _segment, _offset, _bodyLength, _first + frames, _total, Sender);
    }

    /// <summary>
    /// Gives the bytes back for the next messages, once and for all copies of this value: nobody may look at a frame of it any more. Not calling it is
    /// always right, and only costs memory for the garbage collector.
    /// </summary>
    public void Release() => _segment?.Return();

    /// <summary>The lease on the buffer that is used again, for somebody who releases it in the place of this message; null for a block of its own.</summary>
    public ZmtpSegment? TakeLease() => _segment;

    /// <summary>A frame to be decrypted in place, before anybody else sees the message.</summary>
    internal Memory<byte> Writable(int frame) => _block.AsMemory(_offset + Start(_first + frame), Start(_first + frame + 1) - Start(_first + frame));

    /// <summary>Where a frame begins in <see cref="Block"/>; that after the last one is where the last one ends.</summary>
    internal int StartOf(int frame) => _offset + Start(_first + frame);

    internal ZmtpMessage From(ZmtpPeer sender) => new(_block, _segment, _offset, _bodyLength, _first, _total, sender);

    private int Start(int frame) => frame == 0 ? 0 : End(frame - 1);

    private int End(int frame) => _segment is null or { IsBlock: true }
        ? BinaryPrimitives.ReadInt32LittleEndian(_block.AsSpan(_bodyLength + (frame * sizeof(int))))
        : BinaryPrimitives.ReadUInt16LittleEndian(_block.AsSpan(_offset + _bodyLength + (frame * sizeof(ushort))));
}
