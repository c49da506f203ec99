namespace Hub.Http;

/// <summary>
/// Takes the server's name out of <c>/user/{user}/{server}/…</c>, so that one table of routes serves all servers of a user. Decided on the decoded path and
/// on the one that was sent together: where the two disagree (an encoded slash, doubled slashes) nothing is taken out, and the routes say what it is.
/// </summary>
public static class NamedPathPolicy
{
    private const string Prefix = "/user/";

    /// <summary>What the request becomes; null when it is to no named server.</summary>
    /// <param name="path">Decoded but for <c>%2F</c>.</param>
    /// <param name="rawPath">As it was sent, without a query.</param>
    /// <param name="isServer">Does the user (as written in the path) have a server of this name?</param>
    public static NamedPath? Find(string path, ReadOnlySpan<char> rawPath, Func<string, string, bool> isServer)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(isServer);
        if (!path.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) || Cut(path) is not var (userEnd, nameEnd))
            return null;
        string user = path[Prefix.Length..userEnd];
        string name = path[(userEnd + 1)..nameEnd];
        if (!isServer(user, name) || CutRaw(rawPath) is not var (prefixEnd, rawUserEnd, rawNameEnd))
            return null;
        return RawPath.TryDecode(rawPath[(prefixEnd + 1)..rawUserEnd], out string? sentUser) && sentUser == user
            && RawPath.TryDecode(rawPath[(rawUserEnd + 1)..rawNameEnd], out string? sentName) && sentName == name
                ? new NamedPath(name, path[..userEnd] + path[nameEnd..], string.Concat(rawPath[..rawUserEnd], rawPath[rawNameEnd..]))
                : null;
    }

    /// <summary>Where the user and the name behind it end; null when one of them is missing.</summary>
    private static (int UserEnd, int NameEnd)? Cut(ReadOnlySpan<char> path)
    {
        int userEnd = EndOf(path, Prefix.Length);
        int nameEnd = userEnd < path.Length ? EndOf(path, userEnd + 1) : userEnd;
        return userEnd > Prefix.Length && nameEnd > userEnd + 1 ? (userEnd, nameEnd) : null;
    }

    /// <summary>The same for the path as sent, where the first segment may be encoded as well.</summary>
    private static (int PrefixEnd, int UserEnd, int NameEnd)? CutRaw(ReadOnlySpan<char> rawPath)
    {
        if (rawPath.IsEmpty || rawPath[0] != '/')
            return null;
        int prefixEnd = EndOf(rawPath, 1);
        int userEnd = prefixEnd < rawPath.Length ? EndOf(rawPath, prefixEnd + 1) : prefixEnd;
        int nameEnd = userEnd < rawPath.Length ? EndOf(rawPath, userEnd + 1) : userEnd;
        return prefixEnd > 1 && userEnd > prefixEnd + 1 && nameEnd > userEnd + 1 ? (prefixEnd, userEnd, nameEnd) : null;
    }

    private static int EndOf(ReadOnlySpan<char> path, int from) => path[from..].IndexOf('/') is >= 0 and int at ? from + at : path.Length;
}
