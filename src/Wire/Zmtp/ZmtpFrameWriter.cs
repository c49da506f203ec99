namespace Wire.Zmtp;

/// <summary>Frames to bytes: a message or a command becomes one array, written by one send.</summary>
internal static class ZmtpFrameWriter
{
    public static byte[] Message(ReadOnlySpan<ReadOnlyMemory<byte>> frames) => Message([], frames);

    /// <param name="envelope">Frames before <paramref name="frames"/>, as REQ and REP add them.</param>
    /// <exception cref="ArgumentException">No frame at all, or together more than an array can hold.</exception>
    public static byte[] Message(ReadOnlySpan<ReadOnlyMemory<byte>> envelope, ReadOnlySpan<ReadOnlyMemory<byte>> frames)
    {
        if (frames.IsEmpty)
            throw new ArgumentException("a message has at least one frame", nameof(frames));
        long length = Measure(envelope) + Measure(frames);
        if (length > Array.MaxLength)
            throw new ArgumentException($"a message of {length} bytes is longer than {Array.MaxLength}", nameof(frames));
        byte[] encoded = GC.AllocateUninitializedArray<byte>((int)length);
        Span<byte> rest = encoded;
        foreach (ReadOnlyMemory<byte> frame in envelope)
            rest = Write(rest, frame.Span, ZmtpFrameHeader.MoreFlag);
        foreach (ReadOnlyMemory<byte> frame in frames[..^1])
            rest = Write(rest, frame.Span, ZmtpFrameHeader.MoreFlag);
        Write(rest, frames[^1].Span, 0);
        return encoded;
    }

    /// <summary>A command frame: name length, name, data.</summary>
    public static byte[] Command(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        int size = 1 + name.Length + data.Length;
        byte[] encoded = new byte[ZmtpFrameHeader.LengthFor(size) + size];
        int at = ZmtpFrameHeader.Write(encoded, size, ZmtpFrameHeader.CommandFlag);
        encoded[at++] = (byte)name.Length;
        name.CopyTo(encoded.AsSpan(at));
        data.CopyTo(encoded.AsSpan(at + name.Length));
        return encoded;
    }

    private static long Measure(ReadOnlySpan<ReadOnlyMemory<byte>> frames)
    {
        long length = 0;
        foreach (ReadOnlyMemory<byte> frame in frames)
            length += ZmtpFrameHeader.LengthFor(frame.Length) + frame.Length;
        return length;
    }

    private static Span<byte> Write(Span<byte> target, ReadOnlySpan<byte> frame, byte flags)
    {
        int header = ZmtpFrameHeader.Write(target, frame.Length, flags);
        frame.CopyTo(target[header..]);
        return target[(header + frame.Length)..];
    }
}
