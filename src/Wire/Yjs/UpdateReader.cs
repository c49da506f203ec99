using System.Text;

namespace Wire.Yjs;

/// <summary>Reads the primitives of lib0 (github.com/dmonad/lib0, encoding.js) out of bytes from anybody: whatever is cut short or too large is refused with its place.</summary>
internal ref struct UpdateReader(ReadOnlySpan<byte> bytes)
{
    private static readonly UTF8Encoding s_text = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Offset { get; private set; }

    public readonly int Left => _bytes.Length - Offset;

    public readonly bool IsAtEnd => Offset == _bytes.Length;

    public byte ReadByte() => Offset < _bytes.Length ? _bytes[Offset++] : throw Short();

    /// <summary>Seven bits in each byte, the low ones first; no more than 53, all that a number of JavaScript holds.</summary>
    public long ReadVarUint()
    {
        long value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = ReadByte();
            if (shift > 49 || (shift == 49 && (next & 0x7f) > 0xf))
                throw Fail("A number of more than 53 bits");
            value |= (long)(next & 0x7f) << shift;
            if (next < 0x80)
                return value;
        }
    }

    /// <summary>The same with a sign in the seventh bit of the first byte.</summary>
    public (long Magnitude, bool IsNegative) ReadVarInt()
    {
        byte next = ReadByte();
        long value = next & 0x3f;
        bool isNegative = (next & 0x40) != 0;
        for (int shift = 6; next >= 0x80; shift += 7)
        {
            next = ReadByte();
            if (shift > 48 || (shift == 48 && (next & 0x7f) > 0x1f))
                throw Fail("A number of more than 53 bits");
            value |= (long)(next & 0x7f) << shift;
        }

        return (value, isNegative);
    }

    /// <summary>A clock, or a count of units: no document holds more than 2³¹.</summary>
    public int ReadClock()
    {
        long value = ReadVarUint();
        return value <= int.MaxValue ? (int)value : throw Fail("A clock of more than 31 bits");
    }

    /// <summary>Units of a struct; one at least.</summary>
    public int ReadLength()
    {
        int value = ReadClock();
        return value > 0 ? value : throw Fail("A struct of no units");
    }

    /// <summary>How many of something follow, each of at least <paramref name="least"/> bytes; so a lie costs no memory.</summary>
    public int ReadCount(int least)
    {
        long value = ReadVarUint();
        return value <= Left / least ? (int)value : throw Fail("A count beyond the end");
    }

    public ReadOnlySpan<byte> ReadBytes(int length)
    {
        if ((uint)length > (uint)Left)
            throw Short();
        ReadOnlySpan<byte> span = _bytes.Slice(Offset, length);
        Offset += length;
        return span;
    }

    /// <summary>Bytes with their number before them.</summary>
    public ReadOnlySpan<byte> ReadBuffer() => ReadBytes(ReadCount(1));

    public string ReadString()
    {
        int start = Offset;
        ReadOnlySpan<byte> bytes = ReadBuffer();
        try
        {
            return s_text.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw new YjsFormatException("Text that is no UTF-8", start);
        }
    }

    /// <summary>As <see cref="ReadString"/>, with the characters put where there is room: as many as the text has bytes are enough.</summary>
    public readonly int Decode(ReadOnlySpan<byte> bytes, Span<char> room)
    {
        try
        {
            return s_text.GetChars(bytes, room);
        }
        catch (DecoderFallbackException)
        {
            throw Fail("Text that is no UTF-8");
        }
    }

    public readonly ReadOnlySpan<byte> Since(int start) => _bytes[start..Offset];

    public readonly YjsFormatException Fail(string problem) => new(problem, Offset);

    private readonly YjsFormatException Short() => Fail("It ends too early");
}
