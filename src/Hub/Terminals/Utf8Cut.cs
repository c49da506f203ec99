namespace Hub.Terminals;

/// <summary>Where a stream of UTF-8 can be cut so that no character is in two pieces.</summary>
internal static class Utf8Cut
{
    private const int LongestCharacter = 4;

    /// <summary>How many bytes may be sent now; the rest begins a character whose end has not come yet.</summary>
    public static int WholeLength(ReadOnlySpan<byte> bytes)
    {
        for (int back = 1; back <= Math.Min(LongestCharacter - 1, bytes.Length); back++)
        {
            byte one = bytes[^back];
            if (one < 0x80)
                return bytes.Length;
            if (one >= 0xC0)
                return LengthOf(one) > back ? bytes.Length - back : bytes.Length;
        }

        return bytes.Length;
    }

    /// <summary>How many bytes at the beginning are the end of a character that began before.</summary>
    public static int BrokenStart(ReadOnlySpan<byte> bytes)
    {
        int broken = 0;
        while (broken < Math.Min(LongestCharacter - 1, bytes.Length) && (bytes[broken] & 0xC0) == 0x80)
            broken++;
        return broken;
    }

    private static int LengthOf(byte first) => first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
}
