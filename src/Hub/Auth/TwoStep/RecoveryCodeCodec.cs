namespace Hub.Auth.TwoStep;

/// <summary>Codes for the day the phone is lost: 80 random bits as <c>abcd-efgh-ijkl-mnop</c>. That many bits need no slow hash.</summary>
internal static class RecoveryCodeCodec
{
    public const int Bytes = 10;

    private const int Letters = 16;

    public static string Encode(ReadOnlySpan<byte> random) => string.Join('-', Base32Codec.Encode(random).ToLowerInvariant().Chunk(4).Select(part => new string(part)));

    /// <summary>As it was given, however somebody typed it; null when it cannot be one.</summary>
    public static string? Normalise(string written)
    {
        string letters = string.Concat(written.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
        return letters.Length == Letters ? string.Join('-', letters.Chunk(4).Select(part => new string(part))) : null;
    }
}
