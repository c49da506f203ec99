using System.Text;

namespace Spawner;

/// <summary>The end of a log as text (pure): bounded, beginning at a line where one fits, with no broken character.</summary>
internal static class LogTail
{
    /// <summary>How much of its log goes into a <see cref="KernelExit"/>.</summary>
    public const int ExitBytes = 4096;

    public static string Text(ReadOnlySpan<byte> log, int maxBytes)
    {
        if (maxBytes <= 0) return "";
        bool cut = log.Length > maxBytes;
        ReadOnlySpan<byte> end = cut ? log[^maxBytes..] : log;
        if (cut && end.IndexOf((byte)'\n') is >= 0 and int line && line < end.Length - 1) end = end[(line + 1)..];
        // A cut in the middle of a character leaves continuation bytes (10xxxxxx) in front.
        while (cut && end.Length > 0 && (end[0] & 0xc0) == 0x80) end = end[1..];
        return Encoding.UTF8.GetString(end);
    }
}
