using System.Buffers.Binary;

namespace Wire.Zmtp.Curve;

/// <summary>32 bytes of a key as the 40 characters in which people and files carry it (RFC 32).</summary>
internal static class Z85
{
    public const int KeyText = 40;

    private const string Digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

    /// <summary>False when the text is not 40 characters of the alphabet, or five of them say more than four bytes hold.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, Span<byte> key)
    {
        if (text.Length != KeyText)
            return false;
        for (int group = 0; group < KeyText / 5; group++)
        {
            ulong value = 0;
            foreach (char c in text.Slice(group * 5, 5))
            {
                int digit = Digits.IndexOf(c, StringComparison.Ordinal);
                if (digit < 0)
                    return false;
                value = (value * 85) + (ulong)digit;
            }

            if (value > uint.MaxValue)
                return false;
            BinaryPrimitives.WriteUInt32BigEndian(key[(group * 4)..], (uint)value);
        }

        return true;
    }

    public static string Write(ReadOnlySpan<byte> key)
    {
        Span<char> text = stackalloc char[KeyText];
        for (int group = 0; group < KeyText / 5; group++)
        {
            uint value = BinaryPrimitives.ReadUInt32BigEndian(key[(group * 4)..]);
            for (int i = 4; i >= 0; i--, value /= 85)
                text[(group * 5) + i] = Digits[(int)(value % 85)];
        }

        return new string(text);
    }
}
