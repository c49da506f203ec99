using Hub.Accounts;
using Hub.Http;

namespace Hub.Sharing;

/// <summary>Shares of somebody's servers on JupyterHub's API: with whom they are shared, sharing, revoking.</summary>
internal sealed class SharesApi(ShareCallHandler calls, SharesStore store, Shares shares, ShareModels models)
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        const string path = "/hub/api/shares/{user}/{server?}";
        routes.MapGet(path, (SharesApi api, HttpContext context, string user) => api.ListAsync(context, user)).RequireScope(Scope.ReadShares, ScopeFilter.Server);
        routes.MapPost(path, (SharesApi api, HttpContext context, string user) => api.GrantAsync(context, user)).RequireScope(Scope.Shares, ScopeFilter.Server);
        routes.MapPatch(path, (SharesApi api, HttpContext context, string user) => api.RevokeAsync(context, user)).RequireScope(Scope.Shares, ScopeFilter.Server);
        routes.MapDelete(path, (SharesApi api, HttpContext context, string user) => api.RevokeAllAsync(context, user)).RequireScope(Scope.Shares, ScopeFilter.Server);
    }

    private async Task<IResult> ListAsync(HttpContext context, string user)
    {
        string? server = await calls.ListedAsync(context, user, Scope.ReadShares);
        if (await calls.FindOwnerAsync(user, server, context.RequestAborted) is not { } owner)
            return ShareCallHandler.NoSuchServer(user, server);
        Paging paging = Paging.Of(context.Request, alwaysObject: true);
        (IReadOnlyList<Share> page, int total) = await store.OfOwnerAsync(owner.Id, server, paging.Offset, paging.Limit, context.RequestAborted);
        return paging.Answer(context.Request, [.. page.Select(models.Of)], total);
    }

    private async Task<IResult> GrantAsync(HttpContext context, string user)
    {
        string server = ShareCallHandler.Named(context);
        JsonFields body = await BodyAsync(context);
        if (await calls.FindOwnerAsync(user, server, context.RequestAborted) is not { } owner)
            return ShareCallHandler.NoSuchServer(user, server);
        IReadOnlyList<string> names = ShareCallHandler.NamesIn(body, owner.Name, server) ?? ShareScopesPolicy.Default;
        ShareTarget with = await calls.TargetAsync(context, body);
        await calls.RefuseAsync(context, owner, server, names);
        if (!with.IsGroup && with.Id == owner.Id)
            return ApiError.Hub(StatusCodes.Status400BadRequest, "You can't share with yourself!");
        return await shares.GrantAsync(owner, server, with, names, context.GetCaller().UserName, context.RequestAborted) is { } share
            ? Results.Json(models.Of(share))
            : ApiError.Hub(StatusCodes.Status400BadRequest, "The server is shared with as many as it may be (Sharing:MaxSharesPerServer); revoke a share first.");
    }

    /// <summary>Takes scopes away, all when none are named; <c>{}</c> says that nothing is left.</summary>
    private async Task<IResult> RevokeAsync(HttpContext context, string user)
    {
        string server = ShareCallHandler.Named(context);
        JsonFields body = await BodyAsync(context);
        if (await calls.FindOwnerAsync(user, server, context.RequestAborted) is not { } owner)
            return ShareCallHandler.NoSuchServer(user, server);
        IReadOnlyList<string>? names = ShareCallHandler.NamesIn(body, owner.Name, server);
        ShareTarget with = await calls.TargetAsync(context, body);
        return await store.FindAsync(owner.Id, server, with, context.RequestAborted) is { } share
            && await shares.RevokeAsync(share, names, context.GetCaller().UserName, context.RequestAborted) is { } left
                ? Results.Json(models.Of(left))
                : Results.Json(new { });
    }

    private async Task<IResult> RevokeAllAsync(HttpContext context, string user)
    {
        string server = ShareCallHandler.Named(context);
        if (await calls.FindOwnerAsync(user, server, context.RequestAborted) is not { } owner)
            return ShareCallHandler.NoSuchServer(user, server);
        await shares.RevokeAllAsync(owner, server, context.GetCaller().UserName, context.RequestAborted);
        return Results.NoContent();
    }

    private static async Task<JsonFields> BodyAsync(HttpContext context)
    {
        var body = new JsonFields(await context.ReadJsonObjectAsync(context.RequestAborted));
        body.RefuseOthers("user", "group", "scopes");
        return body;
    }
}
