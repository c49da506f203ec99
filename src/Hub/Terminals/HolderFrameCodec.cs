using System.Buffers.Binary;
using Spawner.Terminals;

namespace Hub.Terminals;

/// <summary>
/// Frames between the hub and the holder of a terminal; drawn in <c>src/Spawner/Terminals/terminal.py</c>. The holder is under its user's control and may
/// send anything: lengths are bounded, and what is no frame ends the connection.
/// </summary>
internal static class HolderFrameCodec
{
    public const int HeadBytes = 5;

    private const int NumberBytes = 8;

    /// <summary>The output from this byte on is wanted; -1 means all that is kept.</summary>
    public static byte[] Attach(long number) => Frame((byte)'A', NumberBytes, payload => BinaryPrimitives.WriteInt64BigEndian(payload, number));

    /// <param name="text">At most <see cref="TerminalProgram.MaxFrame"/>.</param>
    public static byte[] Input(ReadOnlySpan<byte> text)
    {
        byte[] frame = new byte[HeadBytes + text.Length];
        WriteHead(frame, (byte)'I', text.Length);
        text.CopyTo(frame.AsSpan(HeadBytes));
        return frame;
    }

    /// <param name="drawAnew">Programs are told of a change also when there is none, so that they draw their screen again.</param>
    public static byte[] Resize(TerminalSize size, bool drawAnew) => Frame((byte)'S', 5, payload =>
    {
        BinaryPrimitives.WriteUInt16BigEndian(payload, size.Rows);
        BinaryPrimitives.WriteUInt16BigEndian(payload[2..], size.Columns);
        payload[4] = drawAnew ? (byte)1 : (byte)0;
    });

    /// <summary>Length of the payload behind a head; negative when no such frame exists.</summary>
    public static int LengthOf(ReadOnlySpan<byte> head)
    {
        uint length = BinaryPrimitives.ReadUInt32BigEndian(head[1..]);
        return (char)head[0] switch
        {
            'H' when length == 2 * NumberBytes => (int)length,
            'O' when length is > NumberBytes and <= TerminalProgram.MaxFrame + NumberBytes => (int)length,
            'X' when length == sizeof(int) => (int)length,
            _ => -1,
        };
    }

    /// <summary>A frame whose head <see cref="LengthOf"/> took; null when its numbers are impossible.</summary>
    public static HolderFrame? Decode(byte kind, ReadOnlyMemory<byte> payload)
    {
        ReadOnlySpan<byte> bytes = payload.Span;
        switch ((char)kind)
        {
            case 'H':
                (long first, long end) = (BinaryPrimitives.ReadInt64BigEndian(bytes), BinaryPrimitives.ReadInt64BigEndian(bytes[NumberBytes..]));
                return first >= 0 && end >= first ? new HolderFrame.Hello(first, end) : null;
            case 'O':
                long number = BinaryPrimitives.ReadInt64BigEndian(bytes);
                return number >= 0 && number <= long.MaxValue - bytes.Length ? new HolderFrame.Output(number, payload[NumberBytes..]) : null;
            default:
                return new HolderFrame.Exit(BinaryPrimitives.ReadInt32BigEndian(bytes));
        }
    }

    private delegate void Fill(Span<byte> payload);

    private static byte[] Frame(byte kind, int length, Fill fill)
    {
        byte[] frame = new byte[HeadBytes + length];
        WriteHead(frame, kind, length);
        fill(frame.AsSpan(HeadBytes));
        return frame;
    }

    private static void WriteHead(Span<byte> frame, byte kind, int length)
    {
        frame[0] = kind;
        BinaryPrimitives.WriteInt32BigEndian(frame[1..], length);
    }
}
