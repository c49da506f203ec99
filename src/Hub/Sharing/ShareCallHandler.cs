using Hub.Accounts;
using Hub.Http;

namespace Hub.Sharing;

/// <summary>What the calls about shares have in common: whose server is meant, and what of it shall be shared.</summary>
internal sealed class ShareCallHandler(AccountsStore accounts, GroupsStore groups, IUserServers servers, Shares shares)
{
    /// <summary>The owner; null when there is none, or none of their servers has this name. Null <paramref name="server"/> is for any.</summary>
    public async Task<User?> FindOwnerAsync(string user, string? server, CancellationToken cancellationToken) =>
        await accounts.FindAsync(UserName.Normalise(user), cancellationToken) is { } owner && (server is null || servers.Of(owner.Name, includeStopped: true).ContainsKey(server)) ? owner : null;

    public static IResult NoSuchServer(string user, string? server) =>
        ApiError.Hub(StatusCodes.Status404NotFound, server is null ? $"No such user: {user}" : $"No such server: {user}/{server}");

    /// <summary>
    /// The server a list is about: null for all of the owner's, <c>""</c> (the path ends in a slash) for the default one. Whoever reaches one server of the
    /// owner is not shown what is shared of the others.
    /// </summary>
    public async Task<string?> ListedAsync(HttpContext context, string user, string scope)
    {
        if (context.GetRouteValue("server") is string { Length: > 0 } server)
            return server;
        if (IsDefault(context))
            return "";
        IReadOnlyDictionary<string, IReadOnlyList<string>> theirs = await groups.OfUsersAsync([user], context.RequestAborted);
        return context.GetCaller().Scopes.AllowsUser(scope, user, theirs.GetValueOrDefault(user)) ? null : "";
    }

    /// <summary>The server that is changed, which must be named, the default one by a slash; as JupyterHub answers otherwise.</summary>
    /// <exception cref="BadHttpRequestException">No server is named (405).</exception>
    public static string Named(HttpContext context) => context.GetRouteValue("server") switch
    {
        string { Length: > 0 } server => server,
        _ when IsDefault(context) => "",
        _ => throw new BadHttpRequestException("Name the server: end the path with a slash for the default one.", StatusCodes.Status405MethodNotAllowed),
    };

    /// <summary>The names of the scopes in a body; null when it says nothing of them.</summary>
    /// <exception cref="BadHttpRequestException">One of them cannot be shared.</exception>
    public static IReadOnlyList<string>? NamesIn(JsonFields body, string owner, string server)
    {
        if (body.Texts("scopes") is not { Count: > 0 } written)
            return null;
        return ShareScopesPolicy.TryName(written, owner, server, out IReadOnlyList<string>? names, out string? error) ? names : throw new BadHttpRequestException(error);
    }

    /// <summary>Refuses what the caller may not give.</summary>
    /// <exception cref="BadHttpRequestException">They do not have it themselves (403).</exception>
    public async Task RefuseAsync(HttpContext context, User owner, string server, IReadOnlyList<string> names)
    {
        if (await shares.RefusalAsync(owner, server, names, context.GetCaller(), context.RequestAborted) is { } why)
            throw new BadHttpRequestException(why, StatusCodes.Status403Forbidden);
    }

    /// <summary>The user or group a body names. Whoever may not see the name does not learn whether it exists.</summary>
    /// <exception cref="BadHttpRequestException">Both, none (400), one out of sight (403) or an unknown one (400).</exception>
    public async Task<ShareTarget> TargetAsync(HttpContext context, JsonFields body)
    {
        ScopeSet scopes = context.GetCaller().Scopes;
        switch (body.Text("user"), body.Text("group"))
        {
            case ({ } written, null):
                string user = UserName.Normalise(written);
                IReadOnlyDictionary<string, IReadOnlyList<string>> theirs = await groups.OfUsersAsync([user], context.RequestAborted);
                if (!scopes.AllowsUser(Scope.ReadUsersName, user, theirs.GetValueOrDefault(user)))
                    throw new BadHttpRequestException($"Need scope 'read:users:name!user={user}' to share with this user", StatusCodes.Status403Forbidden);
                return await accounts.FindAsync(user, context.RequestAborted) is { } person
                    ? new ShareTarget(false, person.Id, person.Name)
                    : throw new BadHttpRequestException($"No such user: {written}");
            case (null, { } group):
                if (!scopes.AllowsGroup(Scope.ReadGroupsName, group))
                    throw new BadHttpRequestException($"Need scope 'read:groups:name!group={group}' to share with this group", StatusCodes.Status403Forbidden);
                return await groups.FindAsync(group, context.RequestAborted) is { } found
                    ? new ShareTarget(true, found.Id, found.Name)
                    : throw new BadHttpRequestException($"No such group: {group}");
            default:
                throw new BadHttpRequestException("Exactly one of user or group must be specified");
        }
    }

    private static bool IsDefault(HttpContext context) => context.Request.Path.Value?.EndsWith('/') == true;
}
