using System.Globalization;

namespace Hub.Sharing;

/// <summary>A code that gives a share to whoever has it, any number of times until it runs out; the code itself is known only to whom it was shown.</summary>
public sealed record ShareCode(
    long Number, long OwnerId, string OwnerName, string Server, IReadOnlyList<string> ScopeNames, DateTimeOffset Created, DateTimeOffset ExpiresAt, long Exchanges, DateTimeOffset? LastExchanged)
{
    private const string Prefix = "sc_";

    public string Id => IdOf(Number);

    public IEnumerable<string> Scopes => ShareScopesPolicy.Filtered(ScopeNames, OwnerName, Server);

    public static string IdOf(long number) => Prefix + number.ToString(CultureInfo.InvariantCulture);

    /// <summary>The number in <c>sc_3</c>; null when it is none.</summary>
    public static long? NumberOf(string id) =>
        id.StartsWith(Prefix, StringComparison.Ordinal) && long.TryParse(id.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
}
