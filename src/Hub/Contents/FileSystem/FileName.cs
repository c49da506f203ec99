using System.Text;

namespace Hub.Contents.FileSystem;

/// <summary>Names as the operating system wants them: bytes with a zero at the end.</summary>
internal static class FileName
{
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static byte[] Encode(string name)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetByteCount(name) + 1];
        Encoding.UTF8.GetBytes(name, bytes);
        return bytes;
    }

    /// <summary>The name as text, or null when its bytes are no UTF-8: such a file exists for kernels, but has no name an API could say.</summary>
    /// <param name="name">Without the zero.</param>
    public static string? Decode(ReadOnlySpan<byte> name)
    {
        try
        {
            return s_strict.GetString(name);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
