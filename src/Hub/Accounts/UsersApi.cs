using Hub.Events;
using Hub.Http;
using Microsoft.Extensions.Options;

namespace Hub.Accounts;

/// <summary>Users on JupyterHub's API.</summary>
internal sealed class UsersApi(
    AccountsStore accounts,
    GroupsStore groups,
    UserModels models,
    IUserServers servers,
    IEnumerable<IUserPart> parts,
    CallerWatch watch,
    EventStream events,
    TimeProvider time,
    IOptions<AccountsOptions> options)
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/hub/api/users", (UsersApi api, HttpContext context) => api.ListAsync(context)).RequireScope(Scope.ListUsers, ScopeFilter.Any);
        routes.MapPost("/hub/api/users", (UsersApi api, HttpContext context) => api.CreateManyAsync(context)).RequireScope(Scope.AdminUsers);
        routes.MapGet("/hub/api/users/{user}", (UsersApi api, HttpContext context, string user) => api.GetAsync(context, user))
            .RequireScope(Scope.ReadUsersName, ScopeFilter.User);
        routes.MapPost("/hub/api/users/{user}", (UsersApi api, HttpContext context, string user) => api.CreateAsync(context, user))
            .RequireScope(Scope.AdminUsers);
        routes.MapPatch("/hub/api/users/{user}", (UsersApi api, HttpContext context, string user) => api.ChangeAsync(context, user))
            .RequireScope(Scope.AdminUsers, ScopeFilter.User);
        routes.MapDelete("/hub/api/users/{user}", (UsersApi api, HttpContext context, string user) => api.DeleteAsync(context, user))
            .RequireScope(Scope.DeleteUsers, ScopeFilter.User);
    }

    private async Task<IResult> ListAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        ScopeSet scopes = context.GetCaller().Scopes;
        Paging paging = Paging.Of(request);
        bool includeStopped = request.Query.ContainsKey("include_stopped_servers");
        UserQuery query = OrderedBy(request.Query["sort"].ToString(), new UserQuery
        {
            Among = scopes.UsersOf(Scope.ListUsers),
            AmongGroups = scopes.GroupsOf(Scope.ListUsers),
            NamePart = request.Query["name_filter"].ToString() is { Length: > 0 } part ? part : null,
            Offset = paging.Offset,
            Limit = paging.Limit,
        });
        query = InState(request.Query["state"].ToString(), query);

        (IReadOnlyList<User> users, int total) = await accounts.ListAsync(query, context.RequestAborted);
        IReadOnlyDictionary<long, IReadOnlyList<string>> theirGroups = await groups.OfAllAsync(users, context.RequestAborted);
        return paging.Answer(
            request, [.. users.Select(user => models.Of(user, theirGroups[user.Id], scopes, includeStopped)).OfType<UserModel>()], total);
    }

    private UserQuery InState(string state, UserQuery query)
    {
        return state switch
        {
            "" => query,
            "active" => query with { Only = servers.ActiveUsers() },
            "ready" => query with { Only = [.. servers.ActiveUsers().Where(name => servers.Of(name, includeStopped: false).Values.Any(server => server.Ready))] },
            "inactive" => query with { Except = servers.ActiveUsers() },
            _ => throw new BadHttpRequestException($"Unrecognized filter value: 'state'. Must be one of active, inactive, ready; not {state}"),
        };
    }

    private static UserQuery OrderedBy(string sort, UserQuery query)
    {
        bool descending = sort.StartsWith('-');
        return (descending ? sort[1..] : sort) switch
        {
            "" when !descending => query,
            "id" => query with { Order = UserOrder.Id, Descending = descending },
            "name" => query with { Order = UserOrder.Name, Descending = descending },
            "last_activity" => query with { Order = UserOrder.LastActivity, Descending = descending },
            _ => throw new BadHttpRequestException($"Unrecognized sort value: must be one of id, name, last_activity, with or without a - before it; not {sort}"),
        };
    }

    private async Task<IResult> CreateManyAsync(HttpContext context)
    {
        var body = new JsonFields(await context.ReadJsonObjectAsync(context.RequestAborted));
        body.RefuseOthers("usernames", "admin");
        IReadOnlyList<string> written = body.Texts("usernames") ?? [];
        if (written.Count == 0)
            throw new BadHttpRequestException("Must specify at least one user to create");
        if (written.Count > options.Value.MaxUsersPerRequest)
            throw new BadHttpRequestException($"More than {options.Value.MaxUsersPerRequest} users at once (Accounts:MaxUsersPerRequest).");
        return await CreateAsync(context, written, body.Flag("admin") ?? false, list: true);
    }

    private async Task<IResult> CreateAsync(HttpContext context, string user)
    {
        var body = new JsonFields(await context.ReadJsonObjectAsync(context.RequestAborted));
        body.RefuseOthers("admin");
        return await CreateAsync(context, [user], body.Flag("admin") ?? false, list: false);
    }

    private async Task<IResult> CreateAsync(HttpContext context, IReadOnlyList<string> written, bool admin, bool list)
    {
        Caller caller = context.GetCaller();
        if (admin && !caller.Admin)
            return ApiError.Hub(StatusCodes.Status403Forbidden, "Only admins can grant admin permissions");
        List<string> names = [.. written.Select(Parsed).Distinct()];
        IReadOnlyList<User> created = await accounts.CreateAsync(names, admin, context.RequestAborted);
        foreach (User one in created)
            await events.PublishAsync(new HubEvent.UserCreated(time.GetUtcNow(), one.Name, one.Admin) { By = caller.UserName });
        if (created.Count == 0)
            return ApiError.Hub(StatusCodes.Status409Conflict, list ? "All users already exist: " + string.Join(", ", names) : $"User {names[0]} already exists");
        UserModel[] answers = [.. created.Select(one => models.Of(one, [], caller.Scopes)).OfType<UserModel>()];
        return list ? Results.Json(answers, statusCode: StatusCodes.Status201Created) : new JsonAnswer<UserModel>(answers[0], StatusCodes.Status201Created);
    }

    private async Task<IResult> GetAsync(HttpContext context, string user) =>
        await accounts.FindAsync(user, context.RequestAborted) is { } found
        && models.Of(found, await groups.OfUserAsync(found.Id, context.RequestAborted), context.GetCaller().Scopes, IncludesStopped(context)) is { } model
            ? new JsonAnswer<UserModel>(model)
            : NoSuchUser(user);

    private async Task<IResult> ChangeAsync(HttpContext context, string user)
    {
        Caller caller = context.GetCaller();
        var body = new JsonFields(await context.ReadJsonObjectAsync(context.RequestAborted));
        body.RefuseOthers("name", "admin", "auth_state", "display_name", "disabled");
        var change = new UserChange
        {
            Name = body.Text("name") is { } written ? Parsed(written) : null,
            Admin = body.Flag("admin"),
            DisplayName = ParsedDisplayName(body.Text("display_name")),
            Disabled = body.Flag("disabled"),
        };
        if (await accounts.FindAsync(user, context.RequestAborted) is not { } before)
            return NoSuchUser(user);
        if (!caller.Admin && (before.Admin || change.Admin == true) && before.Id != caller.UserId)
            return ApiError.Hub(StatusCodes.Status403Forbidden, "Only admins can change admins or grant admin permissions");
        if (change.Disabled == true && before.Id == caller.UserId)
            return ApiError.Hub(StatusCodes.Status400BadRequest, "Cannot disable yourself!");
        bool renames = change.Name is not null && change.Name != before.Name;
        if (renames && servers.Of(user, includeStopped: false).Count > 0)
            return ApiError.Hub(StatusCodes.Status400BadRequest, $"{user}'s server is running; stop it before the user gets another name.");

        if (await accounts.ChangeAsync(before.Id, change, context.RequestAborted) is not { } after)
            return ApiError.Hub(StatusCodes.Status400BadRequest, $"User {change.Name} already exists, username must be unique");
        await events.PublishAsync(new HubEvent.UserChanged(
            time.GetUtcNow(), before.Name, renames ? after.Name : null, after.Admin == before.Admin ? null : after.Admin, after.Disabled == before.Disabled ? null : after.Disabled)
        {
            By = caller.UserName,
        });
        // What is open was opened under the old name and the old rights.
        if (renames || after.Disabled || after.Admin != before.Admin)
            watch.EndUser(after.Id);
        // Those with whom the user's servers are shared are in by rights that sleep now.
        if (after.Disabled)
            watch.EndHolders(scopes => scopes.NamesServersOf(before.Name));
        if (renames)
        {
            foreach (IUserPart part in parts)
                await part.RenamedAsync(after.Id, before.Name, after.Name, CancellationToken.None);
        }
        IReadOnlyList<string> theirGroups = await groups.OfUserAsync(after.Id, context.RequestAborted);
        return Results.Json(models.Of(after, theirGroups, caller.Scopes) ?? models.Of(after, theirGroups, ScopeSet.OfUser(after.Name, after.Admin)));
    }

    private async Task<IResult> DeleteAsync(HttpContext context, string user)
    {
        Caller caller = context.GetCaller();
        if (await accounts.FindAsync(user, context.RequestAborted) is not { } found)
            return NoSuchUser(user);
        if (found.Id == caller.UserId)
            return ApiError.Hub(StatusCodes.Status400BadRequest, "Cannot delete yourself!");
        if (found.Admin && !caller.Admin)
            return ApiError.Hub(StatusCodes.Status403Forbidden, "Only admins can delete admins");
        if (!await servers.StopAllAsync(user, context.RequestAborted))
            return ApiError.Hub(StatusCodes.Status400BadRequest, $"{user}'s server is in the process of stopping, please wait.");
        await accounts.DeleteAsync(found.Id, context.RequestAborted);
        watch.EndUser(found.Id);
        foreach (IUserPart part in parts)
            await part.DeletedAsync(found.Id, found.Name, CancellationToken.None);
        await events.PublishAsync(new HubEvent.UserDeleted(time.GetUtcNow(), found.Name) { By = caller.UserName });
        return Results.NoContent();
    }

    private string Parsed(string written) =>
        UserName.TryParse(written, options.Value, out string? name, out string? error) ? name : throw new BadHttpRequestException(error);

    private string? ParsedDisplayName(string? written)
    {
        string? name = written?.Trim();
        return name is not null && DisplayName.Problem(name, options.Value) is { } problem
            ? throw new BadHttpRequestException("user.display_name: " + problem)
            : name;
    }

    private static bool IncludesStopped(HttpContext context) => context.Request.Query.ContainsKey("include_stopped_servers");

    private static IResult NoSuchUser(string user) => ApiError.Hub(StatusCodes.Status404NotFound, $"No such user: {user}");
}
