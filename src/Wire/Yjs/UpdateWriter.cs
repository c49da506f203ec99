using System.Buffers.Binary;
using System.Text;

namespace Wire.Yjs;

/// <summary>Writes the primitives of lib0 (github.com/dmonad/lib0, encoding.js).</summary>
internal sealed class UpdateWriter(int capacity = 256)
{
    private byte[] _bytes = new byte[capacity];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public byte[] ToArray() => Written.ToArray();

    public void Clear() => Length = 0;

    public void WriteByte(byte value)
    {
        if (Length == _bytes.Length)
            Grow(1);
        _bytes[Length++] = value;
    }

    public void WriteVarUint(long value)
    {
        if (_bytes.Length - Length < 10)
            Grow(10);
        while (value > 0x7f)
        {
            _bytes[Length++] = (byte)(0x80 | (value & 0x7f));
            value >>= 7;
        }

        _bytes[Length++] = (byte)value;
    }

    public void WriteVarInt(long magnitude, bool isNegative)
    {
        WriteByte((byte)((magnitude > 0x3f ? 0x80 : 0) | (isNegative ? 0x40 : 0) | (int)(magnitude & 0x3f)));
        magnitude >>= 6;
        while (magnitude > 0)
        {
            WriteByte((byte)((magnitude > 0x7f ? 0x80 : 0) | (int)(magnitude & 0x7f)));
            magnitude >>= 7;
        }
    }

    public void WriteFloat(float value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteSingleBigEndian(bytes, value);
        WriteBytes(bytes);
    }

    public void WriteDouble(double value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteDoubleBigEndian(bytes, value);
        WriteBytes(bytes);
    }

    public void WriteLong(long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        WriteBytes(bytes);
    }

    public void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        if (_bytes.Length - Length < bytes.Length)
            Grow(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(Length));
        Length += bytes.Length;
    }

    public void WriteBuffer(ReadOnlySpan<byte> bytes)
    {
        WriteVarUint(bytes.Length);
        WriteBytes(bytes);
    }

    /// <summary>Half a pair of surrogates becomes U+FFFD, as in a browser.</summary>
    public void WriteString(ReadOnlySpan<char> text)
    {
        if (text.Length <= 42)
        {
            // At most 126 bytes: the number of them takes one byte whatever it is.
            if (_bytes.Length - Length < 127)
                Grow(127);
            int written = Encoding.UTF8.GetBytes(text, _bytes.AsSpan(Length + 1));
            _bytes[Length] = (byte)written;
            Length += written + 1;
            return;
        }

        int count = Encoding.UTF8.GetByteCount(text);
        WriteVarUint(count);
        if (_bytes.Length - Length < count)
            Grow(count);
        Length += Encoding.UTF8.GetBytes(text, _bytes.AsSpan(Length));
    }

    private void Grow(int more)
    {
        byte[] larger = new byte[Math.Max(_bytes.Length * 2, checked(Length + more))];
        Written.CopyTo(larger);
        _bytes = larger;
    }
}
