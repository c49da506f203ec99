using Hub.Accounts;
using Hub.Http;

namespace Hub.Sharing;

/// <summary>What is shared with a user or group, on JupyterHub's API; and leaving it.</summary>
internal sealed class SharedApi(ShareCallHandler calls, AccountsStore accounts, GroupsStore groups, SharesStore store, Shares shares, ShareModels models)
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/hub/api/users/{user}/shared", (SharedApi api, HttpContext context, string user) => api.OfUserAsync(context, user))
            .RequireScope(Scope.ReadUsersShares, ScopeFilter.User);
        const string ofUser = "/hub/api/users/{user}/shared/{owner}/{server?}";
        routes.MapGet(ofUser, (SharedApi api, HttpContext context, string user, string owner) => api.GetAsync(context, user, isGroup: false, owner))
            .RequireScope(Scope.ReadUsersShares, ScopeFilter.User);
        routes.MapDelete(ofUser, (SharedApi api, HttpContext context, string user, string owner) => api.LeaveAsync(context, user, isGroup: false, owner))
            .RequireScope(Scope.UsersShares, ScopeFilter.User);

        routes.MapGet("/hub/api/groups/{group}/shared", (SharedApi api, HttpContext context, string group) => api.OfGroupAsync(context, group))
            .RequireScope(Scope.ReadGroupsShares, ScopeFilter.Group);
        const string ofGroup = "/hub/api/groups/{group}/shared/{owner}/{server?}";
        routes.MapGet(ofGroup, (SharedApi api, HttpContext context, string group, string owner) => api.GetAsync(context, group, isGroup: true, owner))
            .RequireScope(Scope.ReadGroupsShares, ScopeFilter.Group);
        routes.MapDelete(ofGroup, (SharedApi api, HttpContext context, string group, string owner) => api.LeaveAsync(context, group, isGroup: true, owner))
            .RequireScope(Scope.GroupsShares, ScopeFilter.Group);
    }

    private async Task<IResult> OfUserAsync(HttpContext context, string user)
    {
        if (await accounts.FindAsync(user, context.RequestAborted) is not { } found)
            return ApiError.Hub(StatusCodes.Status404NotFound, $"No such user: {user}");
        Paging paging = Paging.Of(context.Request, alwaysObject: true);
        (IReadOnlyList<Share> page, int total) = await store.WithUserAsync(found.Id, paging.Offset, paging.Limit, context.RequestAborted);
        return paging.Answer(context.Request, [.. page.Select(models.Of)], total);
    }

    private async Task<IResult> OfGroupAsync(HttpContext context, string group)
    {
        if (await groups.FindAsync(group, context.RequestAborted) is not { } found)
            return ApiError.Hub(StatusCodes.Status404NotFound, $"No such group: {group}");
        Paging paging = Paging.Of(context.Request, alwaysObject: true);
        (IReadOnlyList<Share> page, int total) = await store.WithGroupAsync(found.Id, paging.Offset, paging.Limit, context.RequestAborted);
        return paging.Answer(context.Request, [.. page.Select(models.Of)], total);
    }

    private async Task<IResult> GetAsync(HttpContext context, string name, bool isGroup, string owner) =>
        await FindAsync(context, name, isGroup, owner) is { } share ? Results.Json(models.Of(share)) : NoSuchShare(context, name, owner);

    private async Task<IResult> LeaveAsync(HttpContext context, string name, bool isGroup, string owner)
    {
        if (await FindAsync(context, name, isGroup, owner) is not { } share)
            return NoSuchShare(context, name, owner);
        await shares.RevokeAsync(share, null, context.GetCaller().UserName, context.RequestAborted);
        return Results.NoContent();
    }

    private async Task<Share?> FindAsync(HttpContext context, string name, bool isGroup, string owner)
    {
        ShareTarget? with = isGroup
            ? await groups.FindAsync(name, context.RequestAborted) is { } group ? new ShareTarget(true, group.Id, group.Name) : null
            : await accounts.FindAsync(name, context.RequestAborted) is { } user ? new ShareTarget(false, user.Id, user.Name) : null;
        return with is not null && await calls.FindOwnerAsync(owner, null, context.RequestAborted) is { } found
            ? await store.FindAsync(found.Id, ServerOf(context), with, context.RequestAborted)
            : null;
    }

    private static string ServerOf(HttpContext context) => context.GetRouteValue("server") as string ?? "";

    private static IResult NoSuchShare(HttpContext context, string name, string owner) =>
        ApiError.Hub(StatusCodes.Status404NotFound, $"No such share: {owner}/{ServerOf(context)} with {name}");
}
