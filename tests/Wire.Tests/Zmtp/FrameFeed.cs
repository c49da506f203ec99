using Wire.Zmtp;

namespace Wire.Tests.Zmtp;

/// <summary>Gives bytes to a <see cref="ZmtpFrameReader"/> in pieces, as a network would.</summary>
internal static class FrameFeed
{
    /// <summary>Everything found: a message as its frames in hex, a command as <c>!</c> and its body in hex.</summary>
    /// <param name="piece">How long the next piece is; asked again for each.</param>
    /// <exception cref="ZmtpProtocolException">The reader refused; <paramref name="found"/> has what came before.</exception>
    public static void Read(ZmtpFrameReader reader, ReadOnlySpan<byte> bytes, Func<int> piece, List<string> found)
    {
        Drain(reader, found);
        while (!bytes.IsEmpty)
        {
            Span<byte> buffer = reader.GetBuffer().Span;
            int count = Math.Min(Math.Min(Math.Max(1, piece()), bytes.Length), buffer.Length);
            bytes[..count].CopyTo(buffer);
            bytes = bytes[count..];
            reader.Advance(count);
            Drain(reader, found);
            reader.ReleaseIfEmpty();
        }
    }

    public static string Describe(IEnumerable<ReadOnlyMemory<byte>> frames) => string.Join(' ', frames.Select(frame => $"[{Convert.ToHexString(frame.Span)}]"));

    private static void Drain(ZmtpFrameReader reader, List<string> found)
    {
        while (true)
        {
            switch (reader.Read(out ZmtpMessage message))
            {
                case ZmtpRead.NeedMore:
                    return;
                case ZmtpRead.Command:
                    found.Add($"!{Convert.ToHexString(reader.Command)}");
                    break;
                default:
                    found.Add(Describe(Enumerable.Range(0, message.Count).Select(frame => message[frame])));
                    break;
            }
        }
    }
}
