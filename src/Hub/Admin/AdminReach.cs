using System.Data.Common;
using Hub.Accounts;

namespace Hub.Admin;

/// <summary>Who is in the groups by which open panels reach people; asked anew for each picture, since people join while it is looked at.</summary>
internal sealed partial class AdminReach(GroupsStore groups, ILogger<AdminReach> logger)
{
    /// <param name="before">Told again while the database does not answer.</param>
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<string>>> ReadAsync(
        IEnumerable<AdminWatcher> watchers, IReadOnlyDictionary<string, IReadOnlyList<string>> before, CancellationToken cancellationToken)
    {
        string[] named = [.. watchers.SelectMany(watcher => watcher.Groups).Distinct(StringComparer.Ordinal)];
        if (named.Length == 0)
            return before.Count == 0 ? before : new Dictionary<string, IReadOnlyList<string>>();
        try
        {
            return await groups.OfMembersAsync(named, cancellationToken);
        }
        catch (DbException)
        {
            LogAway(logger);
            return before;
        }
    }

    [LoggerMessage(1805, LogLevel.Warning, "Who is in which group could not be read for the panels; what was read last holds")]
    private static partial void LogAway(ILogger logger);
}
