namespace Hub.Accounts;

/// <summary>What somebody may do at this moment: gathers what <see cref="ScopeSet"/> decides by. Kept nowhere, so a right that is taken away is gone at once.</summary>
public sealed class Rights(RoleBook roles, GroupsStore groups, IEnumerable<IScopeSource> sources)
{
    private readonly IScopeSource[] _sources = [.. sources];

    /// <summary>Does it depend on somebody's groups what they may do?</summary>
    public bool DependOnGroups => roles.AsksForGroups || _sources.Any(source => source.DependsOnGroups);

    public async Task<ScopeSet> OfUserAsync(User user, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        IReadOnlyList<string> theirGroups = roles.AsksForGroups ? await groups.OfUserAsync(user.Id, cancellationToken) : [];
        IReadOnlyList<string> theirRoles = roles.Of(user.Name, user.Admin, theirGroups);
        List<string> others = [];
        foreach (IScopeSource source in _sources)
            others.AddRange(await source.ScopesOfAsync(user.Id, user.Name, cancellationToken));
        // Nearly everybody holds the default roles and nothing else, and every administrator then shares one set.
        return others.Count == 0 && !roles.ChangesEverybody && theirRoles.Count == Role.Of(user.Admin).Count
            ? ScopeSet.OfUser(user.Name, user.Admin)
            : ScopeSet.Of(theirRoles.SelectMany(role => roles.FindScopes(role) ?? []).Concat(others), new ScopeOwner(user.Name));
    }

    /// <summary>What a token may do now, see <see cref="ScopeSet.OfToken"/>.</summary>
    public async Task<ScopeSet> OfTokenAsync(User owner, IReadOnlyList<string> tokenScopes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ScopeSet ofOwner = await OfUserAsync(owner, cancellationToken);
        return ScopeSet.OfToken(tokenScopes, ofOwner, new ScopeOwner(owner.Name), await MembershipsAsync(ofOwner, ScopeSet.UsersIn(tokenScopes), cancellationToken));
    }

    /// <summary>The groups of <paramref name="users"/>, as far as <paramref name="holder"/> could reach one of them by a group; null when by none.</summary>
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<string>>?> MembershipsAsync(
        ScopeSet holder, IReadOnlyCollection<string> users, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(holder);
        return users.Count > 0 && holder.ReachesGroups ? await groups.OfUsersAsync(users, cancellationToken) : null;
    }
}
