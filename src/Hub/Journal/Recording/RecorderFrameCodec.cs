using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Hub.Journal.Recording;

/// <summary>
/// What goes over <c>run/recorder.sock</c>, in little-endian numbers:
/// <code>
/// frame = length u32 of what follows │ verb u8 │ body
/// Hello          version u32                          Done          1 = yes, 0 = no
/// Watch          text kernel id │ text endpoint       FeedStart     u8 as FeedBeginning
/// Forget         text kernel id                       FeedMessage   n u32 │ n × ( length u32 │ bytes )
/// Journaled      text kernel id │ text msg_id         FeedLive      nothing
/// Open           text kernel id │ text msg_id         FeedDropped   count u64
/// text = length u16 │ UTF-8
/// </code>
/// </summary>
internal static class RecorderFrameCodec
{
    public const uint Version = 1;

    /// <summary>Length and verb.</summary>
    public const int Prefix = 5;

    /// <summary>Longest frame of a hub, which says only short things.</summary>
    public const int MaxCommand = 8_192;

    /// <summary>Longest text, in characters.</summary>
    public const int MaxText = 1_024;

    /// <summary>Most frames of a message: routing, signature, four parts and the buffers a message may have.</summary>
    public const int MaxFrames = 100_000;

    /// <summary>Reads the prefix.</summary>
    /// <returns>Length of the body; -1 when these are no frame's bytes.</returns>
    public static int ReadPrefix(ReadOnlySpan<byte> prefix, int longest, out RecorderVerb verb)
    {
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(prefix);
        verb = (RecorderVerb)prefix[4];
        return length is 0 || length - 1 > (uint)longest || verb is < RecorderVerb.Hello or > RecorderVerb.FeedDropped ? -1 : (int)length - 1;
    }

    public static void WriteNumber(IBufferWriter<byte> to, RecorderVerb verb, ulong value, int bytes)
    {
        Span<byte> frame = Begin(to, verb, bytes);
        for (int i = 0; i < bytes; i++)
            frame[i] = (byte)(value >> (8 * i));
        to.Advance(Prefix + bytes);
    }

    /// <summary>A frame of one or two texts.</summary>
    /// <exception cref="ArgumentException">A text is longer than <see cref="MaxText"/>.</exception>
    public static void WriteTexts(IBufferWriter<byte> to, RecorderVerb verb, string first, string? second = null)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first.Length, MaxText, nameof(first));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(second?.Length ?? 0, MaxText, nameof(second));
        int length = 2 + Encoding.UTF8.GetByteCount(first) + (second is null ? 0 : 2 + Encoding.UTF8.GetByteCount(second));
        Span<byte> body = Begin(to, verb, length);
        int at = WriteText(body, first);
        if (second is not null)
            WriteText(body[at..], second);
        to.Advance(Prefix + length);
    }

    public static void WriteMessage(IBufferWriter<byte> to, IReadOnlyList<ReadOnlyMemory<byte>> frames)
    {
        int length = 4;
        for (int i = 0; i < frames.Count; i++)
            length = checked(length + 4 + frames[i].Length);
        Span<byte> body = Begin(to, RecorderVerb.FeedMessage, length);
        BinaryPrimitives.WriteUInt32LittleEndian(body, (uint)frames.Count);
        int at = 4;
        for (int i = 0; i < frames.Count; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(body[at..], (uint)frames[i].Length);
            frames[i].Span.CopyTo(body[(at + 4)..]);
            at += 4 + frames[i].Length;
        }

        to.Advance(Prefix + length);
    }

    public static ulong? ReadNumber(ReadOnlySpan<byte> body, int bytes)
    {
        if (body.Length != bytes)
            return null;
        ulong value = 0;
        for (int i = 0; i < bytes; i++)
            value |= (ulong)body[i] << (8 * i);
        return value;
    }

    /// <summary>All texts of the body; null when it is none, or another number of them.</summary>
    public static string[]? ReadTexts(ReadOnlySpan<byte> body, int count)
    {
        string[] texts = new string[count];
        for (int i = 0; i < count; i++)
        {
            if (body.Length < 2 || BinaryPrimitives.ReadUInt16LittleEndian(body) is var length && length > body.Length - 2)
                return null;
            texts[i] = Encoding.UTF8.GetString(body.Slice(2, length));
            body = body[(2 + length)..];
        }

        return body.IsEmpty ? texts : null;
    }

    /// <summary>The frames of a message, slices of the body; null when the lengths contradict each other.</summary>
    public static ReadOnlyMemory<byte>[]? ReadMessage(ReadOnlyMemory<byte> body)
    {
        if (body.Length < 4 || BinaryPrimitives.ReadUInt32LittleEndian(body.Span) is var count && (count > MaxFrames || count > (body.Length - 4) / 4))
            return null;
        ReadOnlyMemory<byte>[] frames = new ReadOnlyMemory<byte>[count];
        body = body[4..];
        for (int i = 0; i < frames.Length; i++)
        {
            if (body.Length < 4 || BinaryPrimitives.ReadUInt32LittleEndian(body.Span) is var length && length > body.Length - 4)
                return null;
            frames[i] = body.Slice(4, (int)length);
            body = body[(4 + (int)length)..];
        }

        return body.IsEmpty ? frames : null;
    }

    private static Span<byte> Begin(IBufferWriter<byte> to, RecorderVerb verb, int body)
    {
        Span<byte> frame = to.GetSpan(Prefix + body);
        BinaryPrimitives.WriteUInt32LittleEndian(frame, (uint)body + 1);
        frame[4] = (byte)verb;
        return frame[Prefix..];
    }

    private static int WriteText(Span<byte> at, string text)
    {
        int length = Encoding.UTF8.GetBytes(text, at[2..]);
        BinaryPrimitives.WriteUInt16LittleEndian(at, (ushort)length);
        return 2 + length;
    }
}
