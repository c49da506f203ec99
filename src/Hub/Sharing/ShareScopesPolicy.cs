using System.Diagnostics.CodeAnalysis;
using Hub.Accounts;

namespace Hub.Sharing;

/// <summary>Which scopes a share may be made of: those that mean something for one server, and for the shared one only.</summary>
public static class ShareScopesPolicy
{
    private static readonly string[] s_ofServers =
        [Scope.AccessServers, Scope.Servers, Scope.ReadServers, Scope.StartServers, Scope.DeleteServers, Scope.Shares, Scope.ReadShares];

    /// <summary>What is shared where nothing is said.</summary>
    public static IReadOnlyList<string> Default { get; } = [Scope.AccessServers];

    /// <summary>The names of <paramref name="written"/> without filters, sorted; false with the reason when one cannot be shared. Without a filter a scope means this server.</summary>
    public static bool TryName(
        IEnumerable<string> written, string owner, string server, [NotNullWhen(true)] out IReadOnlyList<string>? names, [NotNullWhen(false)] out string? error)
    {
        string only = FilterOf(owner, server);
        var known = new SortedSet<string>(StringComparer.Ordinal);
        (names, error) = (null, null);
        foreach (string scope in written)
        {
            string[] parts = scope.Split('!', 2);
            if (!s_ofServers.Contains(parts[0]))
                error ??= $"Scope cannot be shared: {scope} (shareable: {string.Join(", ", s_ofServers)})";
            else if (parts.Length > 1 && parts[1] != only)
                error ??= $"!{parts[1]} not allowed on sharing {parts[0]}, only !{only}";
            known.Add(parts[0]);
        }
        if (error is null)
            names = [.. known];
        return error is null;
    }

    /// <summary>The names as scopes of one server.</summary>
    public static IEnumerable<string> Filtered(IEnumerable<string> names, string owner, string server)
    {
        string filter = FilterOf(owner, server);
        return names.Select(name => $"{name}!{filter}");
    }

    private static string FilterOf(string owner, string server) => $"server={owner}/{server}";
}
