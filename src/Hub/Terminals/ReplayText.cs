using System.Text;

namespace Hub.Terminals;

/// <summary>
/// Makes of what a terminal showed something that can be shown again (pure). Programs ask the terminal questions in their output, such as where the cursor is;
/// a page that shows the output again would answer them again, and the answers would be typed into whatever runs now. So the questions are left out.
/// Questions and their forms: ECMA-48 §8.3, and "XTerm Control Sequences".
/// </summary>
internal static class ReplayText
{
    private const byte Escape = 0x1B;
    private const byte Bell = 0x07;
    private const byte Enquiry = 0x05;

    /// <summary>Full reset: a page that comes back shows the history once, not behind what it showed before.</summary>
    private static ReadOnlySpan<byte> Reset => "\u001bc"u8;

    /// <summary>What a tab is sent when it comes; nothing when there is nothing to show.</summary>
    /// <param name="history">The output that is kept.</param>
    /// <param name="isWhole">Nothing came before it that was lost; else it begins at its first whole line.</param>
    public static byte[] Of(ReadOnlySpan<byte> history, bool isWhole)
    {
        if (history.IsEmpty)
            return [];
        ReadOnlySpan<byte> shown = isWhole ? history : history[FirstLine(history)..];
        byte[] text = new byte[Reset.Length + shown.Length];
        Reset.CopyTo(text);
        int length = Reset.Length;
        while (!shown.IsEmpty)
        {
            int taken = Take(shown, out bool isQuestion);
            if (!isQuestion)
            {
                shown[..taken].CopyTo(text.AsSpan(length));
                length += taken;
            }

            shown = shown[taken..];
        }

        return text[..length];
    }

    /// <summary>Said to a tab that could not keep up.</summary>
    public static byte[] Missed(long bytes) =>
        Encoding.UTF8.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"\u001b[0m\r\n[… {bytes:N0} bytes of output left out: they came faster than they could be shown …]\r\n"));

    /// <summary>Where the first whole line begins; the beginning where there is no line soon.</summary>
    public static int FirstLine(ReadOnlySpan<byte> text)
    {
        int line = text[..Math.Min(text.Length, 4096)].IndexOf((byte)'\n') + 1;
        return line > 0 ? line : Utf8Cut.BrokenStart(text);
    }

    /// <summary>Length of what stands at the beginning: a run of text, or one control sequence.</summary>
    private static int Take(ReadOnlySpan<byte> text, out bool isQuestion)
    {
        isQuestion = text[0] == Enquiry;
        if (text[0] == Enquiry)
            return 1;
        if (text[0] != Escape)
            return text.IndexOfAny(Escape, Enquiry) is >= 0 and var run ? run : text.Length;
        if (text.Length < 2)
            return 1;
        switch (text[1])
        {
            case (byte)'[':
                return TakeControl(text, out isQuestion);
            case (byte)']' or (byte)'P':
                return TakeString(text, out isQuestion);
            default:
                // DECID, an old way to ask who is there.
                isQuestion = text[1] == (byte)'Z';
                return 2;
        }
    }

    /// <summary>CSI: parameters 0x30–0x3F, intermediates 0x20–0x2F, one final byte 0x40–0x7E.</summary>
    private static int TakeControl(ReadOnlySpan<byte> text, out bool isQuestion)
    {
        isQuestion = false;
        int at = 2;
        while (at < text.Length && text[at] is >= 0x30 and <= 0x3F)
            at++;
        ReadOnlySpan<byte> parameters = text[2..at];
        int intermediate = at;
        while (at < text.Length && text[at] is >= 0x20 and <= 0x2F)
            at++;
        if (at >= text.Length || text[at] is < 0x40 or > 0x7E)
            return at;
        ReadOnlySpan<byte> between = text[intermediate..at];
        isQuestion = text[at] switch
        {
            (byte)'c' => between.IsEmpty,                                                       // device attributes
            (byte)'n' => between.IsEmpty && !parameters.StartsWith(">"u8),                      // status, cursor position
            (byte)'p' => between.SequenceEqual("$"u8),                                          // is a mode set?
            (byte)'q' => parameters.StartsWith(">"u8),                                          // name and version
            (byte)'t' => parameters.Length >= 2 && parameters[0] is (byte)'1' or (byte)'2' && parameters[1] is >= (byte)'0' and <= (byte)'9' && !parameters.StartsWith("22"u8) && !parameters.StartsWith("23"u8),
            (byte)'u' => parameters.StartsWith("?"u8),                                          // keyboard protocol
            (byte)'w' => between.SequenceEqual("$"u8),                                          // presentation state
            (byte)'x' => between.IsEmpty,                                                       // terminal parameters
            (byte)'y' => between.SequenceEqual("*"u8),                                          // checksum of a rectangle
            _ => false,
        };
        return at + 1;
    }

    /// <summary>OSC and DCS: anything up to BEL or ESC \. One without an end is left as it is.</summary>
    private static int TakeString(ReadOnlySpan<byte> text, out bool isQuestion)
    {
        isQuestion = false;
        for (int at = 2; at < text.Length; at++)
        {
            bool isBell = text[at] == Bell;
            if (!isBell && text[at] != Escape)
                continue;
            // An ESC that is not the beginning of the end begins something else.
            if (!isBell && (at + 1 >= text.Length || text[at + 1] != (byte)'\\'))
                return at;
            ReadOnlySpan<byte> content = text[2..at];
            isQuestion = text[1] == (byte)']' ? content.EndsWith(";?"u8) : content.StartsWith("$q"u8) || content.StartsWith("+q"u8);
            return isBell ? at + 1 : at + 2;
        }

        return text.Length;
    }
}
