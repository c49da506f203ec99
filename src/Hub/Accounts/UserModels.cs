using Hub.Http;

namespace Hub.Accounts;

/// <summary>Users on the API in JupyterHub's keys; each key only for callers whose scopes grant it.</summary>
public sealed class UserModels(IUserServers servers, RoleBook roleBook)
{
    private static readonly IReadOnlyDictionary<string, ServerModel> None = new Dictionary<string, ServerModel>();

    /// <summary>What <paramref name="asker"/> may see of <paramref name="user"/>; null when that is nothing.</summary>
    /// <param name="userGroups">The groups the user is in.</param>
    public UserModel? Of(User user, IReadOnlyList<string> userGroups, ScopeSet asker, bool includeStoppedServers = false)
    {
        bool Granted(string scope) => asker.AllowsUser(scope, user.Name, userGroups);

        bool all = Granted(Scope.ReadUsers);
        bool name = all || Granted(Scope.ReadUsersName);
        bool roles = all || Granted(Scope.ReadRolesUsers);
        bool groups = all || Granted(Scope.ReadUsersGroups);
        bool activity = all || Granted(Scope.ReadUsersActivity);
        bool allServers = Granted(Scope.ReadServers);
        IReadOnlyDictionary<string, ServerModel> visible = Visible(user, userGroups, asker, includeStoppedServers);
        bool itsServers = allServers || visible.Count > 0;
        bool authState = Granted("admin:auth_state");
        if (!(name || roles || groups || activity || itsServers || authState))
            return null;

        IReadOnlyDictionary<string, ServerModel> active = includeStoppedServers || !allServers ? servers.Of(user.Name, includeStopped: false) : visible;
        return new UserModel(user)
        {
            ShowsAdmin = name || roles,
            Roles = roles ? roleBook.OfUser(user.Name, user.Admin) : null,
            Groups = groups ? userGroups : null,
            ShowsState = all,
            Running = active.GetValueOrDefault(""),
            ShowsActivity = activity,
            LastActivity = activity ? ActivityOf(user, active.Values) : null,
            Servers = itsServers ? visible : null,
            ShowsAuthState = authState,
            ShowsUserInfo = name,
        };
    }

    /// <summary>The caller's own model, with what identifies the token or sign-in it was asked with.</summary>
    public UserModel OfSelf(User user, IReadOnlyList<string> userGroups, Caller caller) =>
        (Of(user, userGroups, caller.Scopes) ?? new UserModel(user)) with { Self = caller };

    private IReadOnlyDictionary<string, ServerModel> Visible(User user, IReadOnlyList<string> userGroups, ScopeSet asker, bool includeStopped)
    {
        if (!asker.Has(Scope.ReadServers))
            return None;
        IReadOnlyDictionary<string, ServerModel> theirs = servers.Of(user.Name, includeStopped);
        return theirs.Count == 0 || asker.Allows(Scope.ReadServers)
            ? theirs
            : theirs.Where(server => asker.AllowsServer(Scope.ReadServers, user.Name, server.Key, userGroups)).ToDictionary();
    }

    /// <summary>The latest of what the database and the running servers know; the database is written only now and then.</summary>
    private static string? ActivityOf(User user, IEnumerable<ServerModel> running)
    {
        string? latest = user.LastActivity is { } at ? ApiTime.Format(at) : null;
        foreach (ServerModel server in running)
        {
            if (string.CompareOrdinal(server.LastActivity, latest) > 0)
                latest = server.LastActivity;
        }
        return latest;
    }
}
