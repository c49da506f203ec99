using System.Text;

namespace Hub.Auth.TwoStep;

/// <summary>Bytes as letters and digits that are hard to mistake (RFC 4648 § 6), without padding.</summary>
internal static class Base32Codec
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new((bytes.Length * 8 / 5) + 1);
        int waiting = 0;
        int bits = 0;
        foreach (byte one in bytes)
        {
            waiting = (waiting << 8) | one;
            for (bits += 8; bits >= 5; bits -= 5)
                text.Append(Alphabet[(waiting >> (bits - 5)) & 31]);
            waiting &= (1 << bits) - 1;
        }
        if (bits > 0)
            text.Append(Alphabet[(waiting << (5 - bits)) & 31]);
        return text.ToString();
    }
}
