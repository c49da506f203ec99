using System.Text;

namespace Hub.Auth;

/// <summary>Where a page may send a browser on to: a path of this hub, never another site.</summary>
public static class LocalUrl
{
    /// <summary>
    /// <paramref name="next"/> fit for a Location header if it is a path of ours, else <paramref name="otherwise"/>. Browsers take <c>//host</c> and
    /// <c>/\host</c> for another site and drop tabs and line ends before they look.
    /// </summary>
    public static string Of(string? next, string otherwise)
    {
        if (string.IsNullOrEmpty(next) || next[0] != '/' || next.AsSpan().ContainsAny('\\', '\uFFFD') || next.Any(char.IsControl))
            return otherwise;
        if (next.Length > 1 && next[1] == '/')
            return otherwise;
        // Leading back to these would end the visit that just began, or ask for a password again.
        string path = next.Split('?', '#')[0].TrimEnd('/');
        return path is "/hub/login" or "/hub/login/code" or "/hub/login/set-up" or "/hub/logout" or "/hub/set-password" || path.EndsWith("/logout", StringComparison.Ordinal) ? otherwise : Escape(next);
    }

    private static string Escape(string url)
    {
        var escaped = new StringBuilder(url.Length);
        foreach (Rune rune in url.EnumerateRunes())
        {
            if (rune.Value is > 0x20 and < 0x7F && rune.Value is not ('"' or '<' or '>' or '`' or '{' or '}' or '|' or '^'))
                escaped.Append((char)rune.Value);
            else
                escaped.Append(Uri.EscapeDataString(rune.ToString()));
        }
        return escaped.ToString();
    }
}
