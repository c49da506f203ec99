namespace Hub.Accounts;

/// <summary>A token's scopes as one text: each ends with a line feed, since names in filters may hold spaces. What has none was written with spaces between.</summary>
internal static class TokenScopesCodec
{
    public static string Write(IEnumerable<string> scopes) => string.Concat(scopes.Select(scope => scope + "\n"));

    public static IReadOnlyList<string> Read(string written) => written.Split(written.Contains('\n') ? '\n' : ' ', StringSplitOptions.RemoveEmptyEntries);
}
