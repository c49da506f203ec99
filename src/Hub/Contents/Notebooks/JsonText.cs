using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Hub.Contents.Notebooks;

/// <summary>
/// JSON strings as they stand in a file, quotes included. Notebooks hold megabytes of base64 in strings; cutting and joining them in their escaped form
/// spares decoding to UTF-16 and encoding again.
/// </summary>
internal static class JsonText
{
    private static readonly SearchValues<byte> s_lineStarts = SearchValues.Create((byte)'\\', 0xC2, 0xE2);

    /// <summary>
    /// The string with nothing escaped that need not be, as nbformat writes it (non-ASCII letters as themselves, control characters as <c>\u001b</c>).
    /// Most strings are so already and come back unchanged.
    /// </summary>
    public static ReadOnlyMemory<byte> Canonical(ReadOnlyMemory<byte> raw)
    {
        if (IsCanonical(raw.Span))
            return raw;
        using JsonDocument parsed = JsonDocument.Parse(raw);
        try
        {
            return Escape(parsed.RootElement.GetString()!);
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: browsers send it escaped, and only escaped it can be kept.
            return raw;
        }
    }

    /// <summary>
    /// Cuts a canonical string after every line end that Python's <c>str.splitlines</c> knows, since nbformat cuts there and files should not change
    /// from one program to the other. The pieces have no quotes; an empty string has none.
    /// </summary>
    public static List<Range> Lines(ReadOnlySpan<byte> canonical)
    {
        List<Range> lines = [];
        int end = canonical.Length - 1;
        int start = 1;
        for (int at = 1; at < end;)
        {
            int skipped = canonical[at..end].IndexOfAny(s_lineStarts);
            if (skipped < 0)
                break;
            at += skipped;
            int length = LineEnd(canonical[at..end], out int step);
            at += step;
            if (length > 0)
            {
                lines.Add(start..at);
                start = at;
            }
        }
        if (start < end)
            lines.Add(start..end);
        return lines;
    }

    /// <summary>Length of the line end that <paramref name="rest"/> begins with, 0 for none; <paramref name="step"/> is what to pass over either way.</summary>
    private static int LineEnd(ReadOnlySpan<byte> rest, out int step)
    {
        if (rest.StartsWith("\\r\\n"u8))
            return step = 4;
        if (rest.StartsWith("\\n"u8) || rest.StartsWith("\\r"u8) || rest.StartsWith("\\f"u8))
            return step = 2;
        if (rest.StartsWith("\\u000b"u8) || rest.StartsWith("\\u001c"u8) || rest.StartsWith("\\u001d"u8) || rest.StartsWith("\\u001e"u8))
            return step = 6;
        if (rest.StartsWith("\u0085"u8))
            return step = 2;
        if (rest.StartsWith("\u2028"u8) || rest.StartsWith("\u2029"u8))
            return step = 3;
        step = rest[0] != '\\' ? 1 : rest[1] == 'u' ? 6 : 2;
        return 0;
    }

    private static bool IsCanonical(ReadOnlySpan<byte> raw)
    {
        for (int at = 0; at < raw.Length;)
        {
            int skipped = raw[at..].IndexOf((byte)'\\');
            if (skipped < 0)
                return true;
            at += skipped;
            switch (raw[at + 1])
            {
                case (byte)'/':
                    return false;
                case (byte)'u':
                    // Only control characters without a short form are escaped by number, in lower case.
                    ReadOnlySpan<byte> code = raw.Slice(at + 2, 4);
                    if (!code.StartsWith("00"u8) || code[2] is not ((byte)'0' or (byte)'1') || code[3] is >= (byte)'A' and <= (byte)'F')
                        return false;
                    if (code[2] == '0' && code[3] is (byte)'8' or (byte)'9' or (byte)'a' or (byte)'c' or (byte)'d')
                        return false;
                    at += 6;
                    break;
                default:
                    at += 2;
                    break;
            }
        }
        return true;
    }

    private static byte[] Escape(string text)
    {
        StringBuilder escaped = new(text.Length + 2);
        escaped.Append('"');
        foreach (char letter in text)
        {
            _ = letter switch
            {
                '"' => escaped.Append("\\\""),
                '\\' => escaped.Append("\\\\"),
                '\n' => escaped.Append("\\n"),
                '\r' => escaped.Append("\\r"),
                '\t' => escaped.Append("\\t"),
                '\b' => escaped.Append("\\b"),
                '\f' => escaped.Append("\\f"),
                < ' ' => escaped.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}"),
                _ => escaped.Append(letter),
            };
        }
        return Encoding.UTF8.GetBytes(escaped.Append('"').ToString());
    }
}
