using System.Text.Json;
using System.Text.Json.Nodes;
using Hub.Events;
using Hub.Http;
using Microsoft.Extensions.Options;

namespace Hub.Accounts;

/// <summary>Groups on JupyterHub's API.</summary>
internal sealed class GroupsApi(
    GroupsStore groups, AccountsStore accounts, RoleBook roles, Rights rights, CallerWatch watch, EventStream events, TimeProvider time, IOptions<AccountsOptions> options)
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/hub/api/groups", (GroupsApi api, HttpContext context) => api.ListAsync(context)).RequireScope(Scope.ListGroups, ScopeFilter.Any);
        routes.MapPost("/hub/api/groups", (GroupsApi api, HttpContext context) => api.CreateManyAsync(context)).RequireScope(Scope.AdminGroups);
        RouteGroupBuilder one = routes.MapGroup("/hub/api/groups/{group}");
        one.MapGet("", (GroupsApi api, HttpContext context, string group) => api.GetAsync(context, group)).RequireScope(Scope.ReadGroupsName, ScopeFilter.Group);
        one.MapPost("", (GroupsApi api, HttpContext context, string group) => api.CreateAsync(context, group)).RequireScope(Scope.AdminGroups);
        one.MapDelete("", (GroupsApi api, HttpContext context, string group) => api.DeleteAsync(context, group)).RequireScope(Scope.DeleteGroups, ScopeFilter.Group);
        one.MapPost("users", (GroupsApi api, HttpContext context, string group) => api.AddAsync(context, group)).RequireScope(Scope.Groups, ScopeFilter.Group);
        one.MapDelete("users", (GroupsApi api, HttpContext context, string group) => api.RemoveAsync(context, group)).RequireScope(Scope.Groups, ScopeFilter.Group);
        one.MapPut("properties", (GroupsApi api, HttpContext context, string group) => api.SetPropertiesAsync(context, group))
            .RequireScope(Scope.Groups, ScopeFilter.Group);
    }

    private async Task<IResult> ListAsync(HttpContext context)
    {
        ScopeSet scopes = context.GetCaller().Scopes;
        Paging paging = Paging.Of(context.Request);
        IReadOnlyCollection<string>? among = scopes.Allows(Scope.ListGroups) ? null : scopes.GroupsOf(Scope.ListGroups);
        (IReadOnlyList<Group> page, int total) = await groups.ListAsync(among, paging.Offset, paging.Limit, context.RequestAborted);
        return paging.Answer(context.Request, [.. page.Select(group => Model(group, scopes))], total);
    }

    private async Task<IResult> CreateManyAsync(HttpContext context)
    {
        var body = new JsonFields(await context.ReadJsonObjectAsync(context.RequestAborted));
        body.RefuseOthers("groups");
        List<string> names = [.. (body.Texts("groups") ?? []).Distinct()];
        if (names.Count == 0)
            throw new BadHttpRequestException("Must specify at least one group to create");
        if (names.Count > options.Value.MaxUsersPerRequest)
            throw new BadHttpRequestException($"More than {options.Value.MaxUsersPerRequest} groups at once (Accounts:MaxUsersPerRequest).");
        names.ForEach(RefuseName);
        IReadOnlyList<Group> created = await groups.CreateAsync(names, context.RequestAborted);
        foreach (Group one in created)
            await TellAsync(context, one.Name, "created");
        return created.Count == 0
            ? ApiError.Hub(StatusCodes.Status409Conflict, "All groups already exist: " + string.Join(", ", names))
            : Results.Json(created.Select(one => Model(one, context.GetCaller().Scopes)), statusCode: StatusCodes.Status201Created);
    }

    private async Task<IResult> GetAsync(HttpContext context, string group) =>
        await groups.FindAsync(group, context.RequestAborted) is { } found ? new JsonAnswer<GroupModel>(Model(found, context.GetCaller().Scopes)) : NoSuchGroup(group);

    private async Task<IResult> CreateAsync(HttpContext context, string group)
    {
        RefuseName(group);
        var body = new JsonFields(await context.ReadJsonObjectAsync(context.RequestAborted));
        body.RefuseOthers("name", "users", "properties");
        string properties = PropertiesOf(body.Object("properties") ?? []);
        List<User> users = await UsersAsync(context, body.Texts("users") ?? []);
        if (await groups.CreateAsync(group, properties, [.. users.Select(user => user.Id)], context.RequestAborted) is not { } created)
            return ApiError.Hub(StatusCodes.Status409Conflict, $"Group {group} already exists");
        await TellAsync(context, group, "created", users);
        End(users);
        return Results.Json(Model(created, context.GetCaller().Scopes), statusCode: StatusCodes.Status201Created);
    }

    private async Task<IResult> DeleteAsync(HttpContext context, string group)
    {
        if (await groups.FindAsync(group, context.RequestAborted) is not { } found)
            return NoSuchGroup(group);
        RefuseManaged(found);
        List<User> members = await FindAllAsync(found.Users, context.RequestAborted);
        await groups.DeleteAsync(found.Id, context.RequestAborted);
        await TellAsync(context, group, "deleted", members);
        End(members);
        watch.EndHolders(scopes => scopes.NamesGroup(group));
        return Results.NoContent();
    }

    private async Task<IResult> AddAsync(HttpContext context, string group)
    {
        IReadOnlyList<string> names = await NamesAsync(context);
        if (await groups.FindEmptyAsync(group, context.RequestAborted) is not { } found)
            return NoSuchGroup(group);
        RefuseManaged(found);
        List<User> users = await UsersAsync(context, names);
        await groups.AddAsync(found.Id, [.. users.Select(user => user.Id)], context.RequestAborted);
        await TellAsync(context, group, "added", users);
        End(users);
        return await GetAsync(context, group);
    }

    private async Task<IResult> RemoveAsync(HttpContext context, string group)
    {
        IReadOnlyList<string> names = await NamesAsync(context);
        if (await groups.FindEmptyAsync(group, context.RequestAborted) is not { } found)
            return NoSuchGroup(group);
        RefuseManaged(found);
        // Who is asked to leave and is not there has left: only members are looked up, so nobody learns who else exists.
        List<User> users = await FindAllAsync(await groups.AmongAsync(found.Id, names.Select(UserName.Normalise), context.RequestAborted), context.RequestAborted);
        await groups.RemoveAsync(found.Id, [.. users.Select(user => user.Id)], context.RequestAborted);
        await TellAsync(context, group, "removed", users);
        End(users);
        watch.EndHolders(scopes => scopes.NamesGroup(group));
        return await GetAsync(context, group);
    }

    private async Task<IResult> SetPropertiesAsync(HttpContext context, string group)
    {
        JsonObject properties = await context.ReadJsonObjectAsync(context.RequestAborted) ?? [];
        if (await groups.FindEmptyAsync(group, context.RequestAborted) is not { } found)
            return NoSuchGroup(group);
        RefuseManaged(found);
        await groups.SetPropertiesAsync(found.Id, PropertiesOf(properties), context.RequestAborted);
        return await GetAsync(context, group);
    }

    private static async Task<IReadOnlyList<string>> NamesAsync(HttpContext context)
    {
        var body = new JsonFields(await context.ReadJsonObjectAsync(context.RequestAborted));
        body.RefuseOthers("users");
        return body.Texts("users") ?? throw new BadHttpRequestException("Must specify users to add or remove");
    }

    /// <summary>
    /// Those who shall be members. Being in a group gives its keepers rights, so who keeps only some groups may add only people they may see, and nobody
    /// but an administrator adds an administrator.
    /// </summary>
    private async Task<List<User>> UsersAsync(HttpContext context, IReadOnlyList<string> written)
    {
        if (written.Count > options.Value.MaxUsersPerRequest)
            throw new BadHttpRequestException($"More than {options.Value.MaxUsersPerRequest} users at once (Accounts:MaxUsersPerRequest).");
        Caller caller = context.GetCaller();
        List<string> names = [.. written.Select(UserName.Normalise).Distinct()];
        List<User> users = await FindAllAsync(names, context.RequestAborted);
        if (!caller.Scopes.Allows(Scope.Groups))
        {
            IReadOnlyDictionary<string, IReadOnlyList<string>> theirs = await groups.OfUsersAsync(names, context.RequestAborted);
            users.RemoveAll(user => !caller.Scopes.AllowsUser(Scope.ReadUsersName, user.Name, theirs.GetValueOrDefault(user.Name)));
        }
        if (names.Except(users.Select(user => user.Name)).ToList() is { Count: > 0 } unknown)
            throw new BadHttpRequestException("No such users: " + string.Join(", ", unknown));
        if (!caller.Admin && users.Any(user => user.Admin))
            throw new BadHttpRequestException("Only admins can put admins into a group", StatusCodes.Status403Forbidden);
        return users;
    }

    private async Task<List<User>> FindAllAsync(IEnumerable<string> names, CancellationToken cancellationToken)
    {
        string[] among = [.. names];
        return among.Length == 0 ? [] : [.. await accounts.FindAllAsync(among, cancellationToken)];
    }

    /// <summary>Whoever came or went has other rights now, and what is open was opened by the old ones; pages and tabs come back by themselves.</summary>
    private void End(List<User> users)
    {
        if (rights.DependOnGroups)
            users.ForEach(user => watch.EndUser(user.Id));
    }

    private async Task TellAsync(HttpContext context, string group, string what, IReadOnlyCollection<User>? users = null) =>
        await events.PublishAsync(new HubEvent.GroupChanged(time.GetUtcNow(), group, what, string.Join(' ', users?.Select(user => user.Name) ?? [])) { By = context.GetCaller().UserName });

    private GroupModel Model(Group group, ScopeSet asker)
    {
        bool all = asker.AllowsGroup(Scope.ReadGroups, group.Name);
        return new GroupModel(group.Name)
        {
            Roles = all || asker.AllowsGroup(Scope.ReadRolesGroups, group.Name) ? roles.OfGroup(group.Name) : null,
            Users = all ? group.Users : null,
            Properties = all ? JsonNode.Parse(group.Properties) : null,
        };
    }

    private string PropertiesOf(JsonObject properties)
    {
        string written = properties.ToJsonString(JsonSerializerOptions.Web);
        return written.Length <= options.Value.MaxGroupPropertiesLength
            ? written
            : throw new BadHttpRequestException($"The properties are longer than {options.Value.MaxGroupPropertiesLength} characters (Accounts:MaxGroupPropertiesLength).");
    }

    private static void RefuseName(string name)
    {
        if (GroupName.Problem(name) is { } problem)
            throw new BadHttpRequestException(problem);
    }

    private static void RefuseManaged(Group group)
    {
        if (group.Source is { } source)
            throw new BadHttpRequestException($"Group management via API is disabled: {source} says who is in {group.Name}");
    }

    private static IResult NoSuchGroup(string group) => ApiError.Hub(StatusCodes.Status404NotFound, $"No such group: {group}");
}
