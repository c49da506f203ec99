using Hub.Accounts;
using Hub.Storage;
using Microsoft.Extensions.Options;

namespace Hub.Contents.Quotas;

/// <summary>Quotas of the members of groups, as <c>Homes:Quotas</c> says. The database is asked when a group changed; where several hubs share one, each time.</summary>
internal sealed partial class GroupQuotas(GroupsStore groups, HubDatabase database, IOptions<HomesOptions> options, ILogger<GroupQuotas> logger) : IHomeQuotaSource
{
    private readonly ReadCache<string, IReadOnlyDictionary<string, long>> _known = new(database, AccountKinds.Users, AccountKinds.Groups, AccountKinds.Memberships);

    /// <summary>The largest of the entries that name each group.</summary>
    private readonly Dictionary<string, long> _bytes = options.Value.Quotas.Values
        .SelectMany(one => one.Groups, (one, group) => (group, one.Bytes))
        .GroupBy(one => one.group, StringComparer.Ordinal)
        .ToDictionary(one => one.Key, one => one.Max(entry => entry.Bytes), StringComparer.Ordinal);

    public async Task<IReadOnlyDictionary<string, long>?> FindAsync(CancellationToken cancellationToken)
    {
        if (_bytes.Count == 0)
            return new Dictionary<string, long>();
        if (_known.Find("") is { } known)
            return known;
        try
        {
            long asOf = _known.AsOf;
            IReadOnlyDictionary<string, IReadOnlyList<string>> members = await groups.OfMembersAsync(_bytes.Keys, cancellationToken);
            Dictionary<string, long> found = members.ToDictionary(one => one.Key, one => one.Value.Max(group => _bytes[group]), StringComparer.Ordinal);
            _known.Keep("", found, asOf);
            return found;
        }
        catch (Exception away) when (away is not OperationCanceledException)
        {
            LogUnknown(away);
            return null;
        }
    }

    [LoggerMessage(912, LogLevel.Warning, "Who is in the groups that Homes:Quotas names is not known for the moment; what was known last holds")]
    private partial void LogUnknown(Exception failure);
}
