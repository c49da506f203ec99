namespace Hub.Accounts;

/// <summary>Keeps the groups that a sign-in provider tells of. Whose groups changed has the rights of the new ones from then on.</summary>
internal sealed partial class GroupMembership(GroupsStore groups, CallerWatch watch, ILogger<GroupMembership> logger) : IGroupMembership
{
    public async Task SetFromAsync(string source, long userId, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        string[] usable = [.. names.Where(IsUsable).Distinct(StringComparer.Ordinal)];
        if (usable.Length < names.Distinct(StringComparer.Ordinal).Count())
            LogUnusable(source);
        if (await groups.SetFromAsync(source, userId, usable, cancellationToken))
            watch.EndUser(userId); // what is open was opened by the old rights
    }

    private static bool IsUsable(string name) => name.Length is > 0 and <= GroupName.MaxLength && !name.Any(letter => char.IsControl(letter) || char.IsSurrogate(letter));

    [LoggerMessage(502, LogLevel.Warning, "{Provider} names a group that is empty, too long or holds control characters: left out")]
    private partial void LogUnusable(string provider);
}
