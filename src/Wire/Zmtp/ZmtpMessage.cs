using System.Buffers.Binary;

namespace Wire.Zmtp;

/// <summary>
/// One received message: all frames one after another in a single block that belongs to whoever holds the message, with the
/// ends of the frames as a table behind them, so that a message is one allocation.
/// </summary>
/// <remarks><code>
/// block = frame 0 | frame 1 | … | end of frame 0 (int32) | end of frame 1 | …
/// </code></remarks>
public readonly struct ZmtpMessage
{
    private readonly byte[] _block;
    private readonly int _bodyLength;
    private readonly int _first;
    private readonly int _total;

    /// <param name="block">Bodies, then <paramref name="frames"/> little-endian ends.</param>
    internal ZmtpMessage(byte[] block, int bodyLength, int frames, ZmtpPeer? sender)
        : this(block, bodyLength, 0, frames, sender)
    {
    }

    private ZmtpMessage(byte[] block, int bodyLength, int first, int total, ZmtpPeer? sender)
    {
        _block = block;
        _bodyLength = bodyLength;
        _first = first;
        _total = total;
        Sender = sender;
    }

    /// <summary>Frames in the message; 0 only in <c>default</c>.</summary>
    public int Count => _total - _first;

    /// <summary>Who sent it. <see cref="ZmtpPeer.Identity"/> is where a ROUTER sends the answer.</summary>
    public ZmtpPeer? Sender { get; }

    /// <summary>All frames without a gap between them.</summary>
    public ReadOnlyMemory<byte> Body => _block.AsMemory(Start(_first), _bodyLength - Start(_first));

    public ReadOnlyMemory<byte> this[int frame]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)frame, (uint)Count, nameof(frame));
            int start = Start(_first + frame);
            return _block.AsMemory(start, End(_first + frame) - start);
        }
    }

    /// <summary>The same message without its first <paramref name="frames"/> frames; shares the block.</summary>
    public ZmtpMessage Skip(int frames)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)frames, (uint)Count, nameof(frames));
        return new ZmtpMessage(_block, _bodyLength, _first + frames, _total, Sender);
    }

    /// <summary>A frame to be decrypted in place, before anybody else sees the message.</summary>
    internal Memory<byte> Writable(int frame) => _block.AsMemory(Start(_first + frame)..End(_first + frame));

    internal ZmtpMessage From(ZmtpPeer sender) => new(_block, _bodyLength, _first, _total, sender);

    private int Start(int frame) => frame == 0 ? 0 : End(frame - 1);

    private int End(int frame) => BinaryPrimitives.ReadInt32LittleEndian(_block.AsSpan(_bodyLength + (frame * sizeof(int))));
}
