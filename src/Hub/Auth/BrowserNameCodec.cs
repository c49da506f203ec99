namespace Hub.Auth;

/// <summary>What people call their browser, from what it calls itself.</summary>
internal static class BrowserNameCodec
{
    private const int Longest = 40;

    /// <summary>The first that is named counts: later ones pretend to be the earlier ones of the web.</summary>
    private static readonly (string Mark, string Name)[] s_browsers =
        [("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];

    private static readonly (string Mark, string Name)[] s_systems =
        [("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "ChromeOS"), ("Mac OS X", "macOS"), ("Linux", "Linux")];

    /// <summary><c>Firefox on Linux</c>; the first word of a program's own name; null when it says nothing.</summary>
    public static string? Decode(string userAgent)
    {
        string? browser = Find(s_browsers, userAgent);
        string? system = Find(s_systems, userAgent);
        if (browser is not null)
            return system is null ? browser : $"{browser} on {system}";
        string word = string.Concat(userAgent.TakeWhile(letter => letter is > ' ' and <= '~')).Split('/')[0];
        return word.Length == 0 ? null : word[..Math.Min(word.Length, Longest)];
    }

    private static string? Find((string Mark, string Name)[] among, string userAgent) =>
        among.FirstOrDefault(one => userAgent.Contains(one.Mark, StringComparison.Ordinal)).Name;
}
