using Hub.Accounts;
using Hub.Http;
using Hub.Servers;

namespace Hub.Admin;

/// <summary>The panel's list of users: searched, filtered, sorted and cut in the database; of the result one page, with what runs for each.</summary>
internal sealed class AdminUsers(AccountsStore accounts, GroupsStore groups, ServerRegistry servers)
{
    /// <summary>As <paramref name="scopes"/> let it be seen.</summary>
    /// <param name="state"><c>running</c>, <c>disabled</c>, <c>admin</c>, or empty for all.</param>
    /// <param name="sort"><c>name</c>, <c>last_activity</c> or <c>id</c>, with a - before it for the other way round.</param>
    /// <exception cref="ArgumentException">State or sort is none of these; the text is for the caller.</exception>
    public async Task<UserListPage> ListAsync(ScopeSet scopes, string? name, string state, string sort, int offset, int limit, CancellationToken cancellationToken)
    {
        bool descending = sort.StartsWith('-');
        UserQuery query = new()
        {
            Among = scopes.UsersOf(Scope.ListUsers),
            AmongGroups = scopes.GroupsOf(Scope.ListUsers),
            NamePart = string.IsNullOrWhiteSpace(name) ? null : name.Trim(),
            Offset = offset,
            Limit = limit,
            Descending = descending,
            Order = sort.TrimStart('-') switch
            {
                "name" or "" => UserOrder.Name,
                "last_activity" => UserOrder.LastActivity,
                "id" => UserOrder.Id,
                _ => throw new ArgumentException($"sort must be name, last_activity or id, with or without a - before it; not {sort}"),
            },
        };
        query = state switch
        {
            "" => query,
            "admin" => query with { Admin = true },
            "disabled" => query with { Disabled = true },
            "running" => query with { Only = await RunningAsync(scopes, cancellationToken) },
            _ => throw new ArgumentException($"state must be running, disabled or admin; not {state}"),
        };
        (IReadOnlyList<User> users, int total) = await accounts.ListAsync(query, cancellationToken);
        IReadOnlyDictionary<string, IReadOnlyList<string>>? theirs = await MembershipsAsync(scopes, [.. users.Select(user => user.Name)], cancellationToken);
        return new UserListPage([.. users.Select(user => Row(user, scopes, theirs?.GetValueOrDefault(user.Name)))], offset, limit, total);
    }

    private async Task<IReadOnlyCollection<string>> RunningAsync(ScopeSet scopes, CancellationToken cancellationToken)
    {
        string[] names = [.. servers.List().Select(server => server.UserName).Distinct()];
        IReadOnlyDictionary<string, IReadOnlyList<string>>? theirs = await MembershipsAsync(scopes, names, cancellationToken);
        return [.. names.Where(name => scopes.AllowsServer(Scope.ReadServers, name, "", theirs?.GetValueOrDefault(name)))];
    }

    /// <summary>The groups of these users; null for whoever reaches nobody by a group.</summary>
    private async Task<IReadOnlyDictionary<string, IReadOnlyList<string>>?> MembershipsAsync(ScopeSet scopes, string[] names, CancellationToken cancellationToken) =>
        scopes.ReachesGroups && names.Length > 0 ? await groups.OfUsersAsync(names, cancellationToken) : null;

    private UserListRow Row(User user, ScopeSet scopes, IReadOnlyList<string>? theirs)
    {
        bool all = scopes.AllowsUser(Scope.ReadUsers, user.Name, theirs);
        bool activity = all || scopes.AllowsUser(Scope.ReadUsersActivity, user.Name, theirs);
        (UserServer Server, ServerPhase Phase)? server = servers.Find(user.Name);
        bool running = scopes.AllowsServer(Scope.ReadServers, user.Name, "", theirs);
        return new UserListRow(
            user.Name, user.DisplayName, user.Admin, all ? user.Disabled : null, all ? ApiTime.Format(user.Created) : null,
            activity && Latest(user.LastActivity, server?.Server.LastActivity) is { } at ? ApiTime.Format(at) : null,
            running ? server switch { null => "stopped", (_, ServerPhase.Stopping) => "stopping", _ => "running" } : null,
            running ? servers.CountRunning(user.Name) : null);
    }

    /// <summary>The database is written only now and then; a running server knows better.</summary>
    private static DateTimeOffset? Latest(DateTimeOffset? stored, DateTimeOffset? running) => stored > running || running is null ? stored : running;
}
