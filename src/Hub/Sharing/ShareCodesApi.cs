using Hub.Accounts;
using Hub.Http;

namespace Hub.Sharing;

/// <summary>Share codes on JupyterHub's API. A code is shown in the answer that made it and nowhere else.</summary>
internal sealed class ShareCodesApi(ShareCallHandler calls, ShareCodesStore store, Shares shares, ShareModels models)
{
    private const long DefaultSeconds = 86_400;
    private const long LeastSeconds = 60;
    private const long MostSeconds = 31_536_000;

    public static void Map(IEndpointRouteBuilder routes)
    {
        const string path = "/hub/api/share-codes/{user}/{server?}";
        routes.MapGet(path, (ShareCodesApi api, HttpContext context, string user) => api.ListAsync(context, user)).RequireScope(Scope.Shares, ScopeFilter.Server);
        routes.MapPost(path, (ShareCodesApi api, HttpContext context, string user) => api.CreateAsync(context, user)).RequireScope(Scope.Shares, ScopeFilter.Server);
        routes.MapDelete(path, (ShareCodesApi api, HttpContext context, string user) => api.RevokeAsync(context, user)).RequireScope(Scope.Shares, ScopeFilter.Server);
    }

    private async Task<IResult> ListAsync(HttpContext context, string user)
    {
        string? server = await calls.ListedAsync(context, user, Scope.Shares);
        if (await calls.FindOwnerAsync(user, server, context.RequestAborted) is not { } owner)
            return ShareCallHandler.NoSuchServer(user, server);
        Paging paging = Paging.Of(context.Request, alwaysObject: true);
        (IReadOnlyList<ShareCode> page, int total) = await store.ListAsync(owner.Id, server, paging.Offset, paging.Limit, context.RequestAborted);
        return paging.Answer(context.Request, [.. page.Select(code => models.Of(code))], total);
    }

    private async Task<IResult> CreateAsync(HttpContext context, string user)
    {
        string server = ShareCallHandler.Named(context);
        var body = new JsonFields(await context.ReadJsonObjectAsync(context.RequestAborted));
        body.RefuseOthers("scopes", "expires_in");
        long seconds = body.Number("expires_in") ?? DefaultSeconds;
        if (seconds is < LeastSeconds or > MostSeconds)
            throw new BadHttpRequestException($"expires_in must be between {LeastSeconds} and {MostSeconds} seconds");
        if (await calls.FindOwnerAsync(user, server, context.RequestAborted) is not { } owner)
            return ShareCallHandler.NoSuchServer(user, server);
        IReadOnlyList<string> names = ShareCallHandler.NamesIn(body, owner.Name, server) ?? ShareScopesPolicy.Default;
        await calls.RefuseAsync(context, owner, server, names);
        return await shares.CreateCodeAsync(owner, server, names, TimeSpan.FromSeconds(seconds), context.GetCaller().UserName, context.RequestAborted) is var (code, kept)
            ? Results.Json(models.Of(kept, code))
            : ApiError.Hub(StatusCodes.Status400BadRequest, "There are as many codes as there may be (Sharing:MaxCodesPerServer); revoke one first.");
    }

    private async Task<IResult> RevokeAsync(HttpContext context, string user)
    {
        string server = ShareCallHandler.Named(context);
        string? code = context.Request.Query["code"];
        string? id = context.Request.Query["id"];
        if (await calls.FindOwnerAsync(user, server, context.RequestAborted) is not { } owner)
            return ShareCallHandler.NoSuchServer(user, server);
        long? number = id is null ? null : ShareCode.NumberOf(id);
        if (id is not null && number is null)
            return NoSuchCode();
        bool ended = await shares.RevokeCodesAsync(owner, server, number, code, context.GetCaller().UserName, context.RequestAborted);
        return ended || (id is null && code is null) ? Results.NoContent() : NoSuchCode();
    }

    private static IResult NoSuchCode() => ApiError.Hub(StatusCodes.Status404NotFound, "No matching code found");
}
