using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Wire.Zmtp;

/// <summary>What stands before the body of a frame (RFC 37, "Framing").</summary>
/// <remarks><code>
/// flags (1) | size (1, or 8 big-endian with LONG) | body
/// flags: 1 MORE, 2 LONG, 4 COMMAND; the others are reserved and, as libzmq does, ignored
/// </code></remarks>
/// <param name="Length">Bytes of the header itself: 2 or 9.</param>
/// <param name="Size">Bytes of the body; what a LONG size with its highest bit set becomes is negative and refused by the reader.</param>
internal readonly record struct ZmtpFrameHeader(byte Flags, int Length, long Size)
{
    public const byte MoreFlag = 1;
    public const byte LongFlag = 2;
    public const byte CommandFlag = 4;
    public const int LongestLength = 9;

    public bool More => (Flags & MoreFlag) != 0;

    public bool Command => (Flags & CommandFlag) != 0;

    public static int LengthFor(int size) => size > byte.MaxValue ? LongestLength : 2;

    /// <summary>False when the header is not complete yet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRead(ReadOnlySpan<byte> bytes, out ZmtpFrameHeader header)
    {
        if (bytes.Length >= 2 && (bytes[0] & LongFlag) == 0)
        {
            header = new ZmtpFrameHeader(bytes[0], 2, bytes[1]);
            return true;
        }

        if (bytes.Length >= LongestLength)
        {
            header = new ZmtpFrameHeader(bytes[0], LongestLength, BinaryPrimitives.ReadInt64BigEndian(bytes[1..]));
            return true;
        }

        header = default;
        return false;
    }

    /// <summary>Writes the shortest header for a body of <paramref name="size"/> bytes.</summary>
    /// <returns>Bytes written.</returns>
    public static int Write(Span<byte> target, int size, byte flags)
    {
        if (size <= byte.MaxValue)
        {
            target[0] = flags;
            target[1] = (byte)size;
            return 2;
        }

        target[0] = (byte)(flags | LongFlag);
        BinaryPrimitives.WriteInt64BigEndian(target[1..], size);
        return LongestLength;
    }
}
