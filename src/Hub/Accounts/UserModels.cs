using System.Text.Json;
using System.Text.Json.Nodes;
using Hub.Http;

namespace Hub.Accounts;

/// <summary>Users on the API in JupyterHub's keys; each key only for callers whose scopes grant it.</summary>
public sealed class UserModels(IUserServers servers, RoleBook roleBook)
{
    /// <summary>What <paramref name="asker"/> may see of <paramref name="user"/>; null when that is nothing.</summary>
    /// <param name="userGroups">The groups the user is in.</param>
    public JsonObject? Of(User user, IReadOnlyList<string> userGroups, ScopeSet asker, bool includeStoppedServers = false)
    {
        bool Granted(string scope) => asker.AllowsUser(scope, user.Name, userGroups);

        bool all = Granted(Scope.ReadUsers);
        bool name = all || Granted(Scope.ReadUsersName);
        bool roles = all || Granted(Scope.ReadRolesUsers);
        bool groups = all || Granted(Scope.ReadUsersGroups);
        bool activity = all || Granted(Scope.ReadUsersActivity);
        bool itsServers = Granted(Scope.ReadServers) || (asker.Has(Scope.ReadServers) && Visible(user, userGroups, asker, includeStoppedServers).Count > 0);
        bool authState = Granted("admin:auth_state");
        if (!(name || roles || groups || activity || itsServers || authState))
            return null;

        Dictionary<string, ServerModel> visible = Visible(user, userGroups, asker, includeStoppedServers);
        IReadOnlyDictionary<string, ServerModel> active = servers.Of(user.Name, includeStopped: false);
        ServerModel? running = active.GetValueOrDefault("");
        var model = new JsonObject { ["kind"] = "user", ["name"] = user.Name };
        if (name || roles)
            model["admin"] = user.Admin;
        if (roles)
            model["roles"] = new JsonArray([.. roleBook.OfUser(user.Name, user.Admin).Select(role => JsonValue.Create(role))]);
        if (groups)
            model["groups"] = new JsonArray([.. userGroups.Select(group => JsonValue.Create(group))]);
        if (all)
        {
            model["server"] = running is { Ready: true } ? running.Url : null;
            model["pending"] = running?.Pending;
            model["created"] = ApiTime.Format(user.Created);
        }
        if (activity)
            model["last_activity"] = ActivityOf(user, active.Values);
        if (itsServers)
            model["servers"] = visible.Count == 0 ? new JsonObject() : JsonSerializer.SerializeToNode(visible, ApiJson.Options);
        if (authState)
            model["auth_state"] = null;
        if (name)
            model["user_info"] = new JsonObject { ["display_name"] = user.DisplayName };
        return model;
    }

    /// <summary>The caller's own model, with what identifies the token or sign-in it was asked with.</summary>
    public JsonObject OfSelf(User user, IReadOnlyList<string> userGroups, Caller caller)
    {
        JsonObject model = Of(user, userGroups, caller.Scopes) ?? new JsonObject { ["kind"] = "user", ["name"] = user.Name };
        model["token_id"] = caller.TokenId;
        model["session_id"] = caller.SignInId ?? caller.GrantedBy;
        model["scopes"] = new JsonArray([.. caller.Scopes.ToStrings().Select(scope => JsonValue.Create(scope))]);
        return model;
    }

    private Dictionary<string, ServerModel> Visible(User user, IReadOnlyList<string> userGroups, ScopeSet asker, bool includeStopped) =>
        servers.Of(user.Name, includeStopped)
            .Where(server => asker.AllowsServer(Scope.ReadServers, user.Name, server.Key, userGroups))
            .ToDictionary(server => server.Key, server => server.Value);

    /// <summary>The latest of what the database and the running servers know; the database is written only now and then.</summary>
    private static string? ActivityOf(User user, IEnumerable<ServerModel> running) =>
        running.Select(server => server.LastActivity).Append(user.LastActivity is { } at ? ApiTime.Format(at) : null).Max(StringComparer.Ordinal);
}
