using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace Hub.Http;

/// <summary>
/// Paths as the client sent them, decoded exactly once. <c>Request.Path</c> keeps <c>%2F</c> encoded and has dot segments removed, so it can neither
/// name every file nor show that somebody tried to climb. Requests that climb never arrive here: <see cref="RawPathMiddleware"/> refuses them.
/// </summary>
public static class RawPath
{
    /// <summary>
    /// What follows the first <paramref name="segments"/> segments of the request's path, decoded once, without a slash in front: for
    /// <c>/user/a/api/contents/x%2Fy%20z</c> and 4 it is <c>x/y z</c>. Empty when nothing follows.
    /// </summary>
    /// <exception cref="BadHttpRequestException">The escapes are not well-formed UTF-8.</exception>
    public static string DecodedTail(this HttpContext context, int segments)
    {
        ReadOnlySpan<char> path = PathOf(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        for (int passed = 0; passed < segments; passed++)
        {
            path = path.TrimStart('/');
            int slash = path.IndexOf('/');
            path = slash < 0 ? [] : path[slash..];
        }
        return TryDecode(path.TrimStart('/'), out string? decoded)
            ? decoded
            : throw new BadHttpRequestException("The path has malformed percent escapes; it must be percent-encoded UTF-8.");
    }

    /// <summary>The path of a request target, still encoded: no query, no scheme and host of the absolute form.</summary>
    internal static ReadOnlySpan<char> PathOf(string rawTarget)
    {
        ReadOnlySpan<char> path = rawTarget;
        if (path.IndexOfAny('?', '#') is >= 0 and int end)
            path = path[..end];
        if (path.IsEmpty || path[0] == '/')
            return path;
        int scheme = path.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0)
            return path;
        path = path[(scheme + 3)..];
        int slash = path.IndexOf('/');
        return slash < 0 ? "/" : path[slash..];
    }

    /// <summary>Decodes percent escapes once; false for escapes that are no two hex digits or bytes that are no UTF-8.</summary>
    internal static bool TryDecode(ReadOnlySpan<char> encoded, [NotNullWhen(true)] out string? decoded)
    {
        decoded = null;
        if (encoded.IndexOf('%') < 0)
        {
            decoded = encoded.ToString();
            return true;
        }
        byte[] bytes = new byte[Encoding.UTF8.GetMaxByteCount(encoded.Length)];
        int length = 0;
        for (int at = 0; at < encoded.Length; at++)
        {
            if (encoded[at] != '%')
            {
                int run = encoded[at..].IndexOf('%');
                ReadOnlySpan<char> plain = run < 0 ? encoded[at..] : encoded.Slice(at, run);
                length += Encoding.UTF8.GetBytes(plain, bytes.AsSpan(length));
                at += plain.Length - 1;
            }
            else if (at + 2 < encoded.Length && char.IsAsciiHexDigit(encoded[at + 1]) && char.IsAsciiHexDigit(encoded[at + 2]))
            {
                bytes[length++] = (byte)(Convert.ToInt32(encoded.Slice(at + 1, 2).ToString(), 16));
                at += 2;
            }
            else
            {
                return false;
            }
        }
        try
        {
            decoded = StrictUtf8.GetString(bytes, 0, length);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
}
