using Hub.Accounts;
using Hub.Http;
using Hub.Servers;

namespace Hub.Admin;

/// <summary>The panel's list of users: searched, filtered, sorted and cut in the database; of the result one page, with what runs for each.</summary>
internal sealed class AdminUsers(AccountsStore accounts, ServerRegistry servers)
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
            "running" => query with { Among = Running(scopes, query.Among) },
            _ => throw new ArgumentException($"state must be running, disabled or admin; not {state}"),
        };
        (IReadOnlyList<User> users, int total) = await accounts.ListAsync(query, cancellationToken);
        return new UserListPage([.. users.Select(user => Row(user, scopes))], offset, limit, total);
    }

    private IReadOnlyCollection<string> Running(ScopeSet scopes, IReadOnlyCollection<string>? among)
    {
        IEnumerable<string> names = servers.List().Select(server => server.UserName).Where(name => scopes.AllowsServer(Scope.ReadServers, name, ""));
        return among is null ? [.. names] : [.. names.Intersect(among)];
    }

    private UserListRow Row(User user, ScopeSet scopes)
    {
        bool all = scopes.AllowsUser(Scope.ReadUsers, user.Name);
        bool activity = all || scopes.AllowsUser(Scope.ReadUsersActivity, user.Name);
        (UserServer Server, ServerPhase Phase)? server = servers.Find(user.Name);
        bool running = scopes.AllowsServer(Scope.ReadServers, user.Name, "");
        return new UserListRow(
            user.Name, user.DisplayName, user.Admin, all ? user.Disabled : null, all ? ApiTime.Format(user.Created) : null,
            activity && Latest(user.LastActivity, server?.Server.LastActivity) is { } at ? ApiTime.Format(at) : null,
            running ? server switch { null => "stopped", (_, ServerPhase.Stopping) => "stopping", _ => "running" } : null,
            running ? servers.CountRunning(user.Name) : null);
    }

    /// <summary>The database is written only now and then; a running server knows better.</summary>
    private static DateTimeOffset? Latest(DateTimeOffset? stored, DateTimeOffset? running) => stored > running || running is null ? stored : running;
}
