namespace Hub.Sharing;

/// <summary>A server that somebody else may use.</summary>
/// <param name="Server">Name of the server; the default one is <c>""</c>.</param>
/// <param name="ScopeNames">What they may do there, without filters: <c>access:servers</c>.</param>
public sealed record Share(long Number, long OwnerId, string OwnerName, string Server, ShareTarget With, IReadOnlyList<string> ScopeNames, DateTimeOffset Created)
{
    /// <summary>As the APIs and the scope checks spell it: <c>access:servers!server=ada/</c>.</summary>
    public IEnumerable<string> Scopes => ShareScopesPolicy.Filtered(ScopeNames, OwnerName, Server);
}
