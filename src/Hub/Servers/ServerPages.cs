using Hub.Accounts;
using Hub.Auth;
using Hub.Http;

namespace Hub.Servers;

/// <summary>Addresses that lead a person to a server, started if need be. They draw nothing: starting takes no time.</summary>
internal static class ServerPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/hub/spawn", (HttpContext context, ServerRegistry registry) => SpawnAsync(context, registry, context.GetCaller().UserName))
            .RequireScope(Scope.AccessServers, ScopeFilter.Any);
        routes.MapGet("/hub/spawn/{user}/{server?}", (HttpContext context, ServerRegistry registry, string user) => SpawnAsync(context, registry, user))
            .RequireScope(Scope.StartServers, ScopeFilter.Server);
        routes.MapGet("/hub/spawn-pending/{user}/{server?}", (HttpContext context, ServerRegistry registry, string user) => SpawnAsync(context, registry, user))
            .RequireScope(Scope.StartServers, ScopeFilter.Server);
        routes.MapGet("/hub/user-redirect/{**path}", UserRedirectAsync).RequireScope(Scope.AccessServers, ScopeFilter.Any);
        // What JupyterHub's proxy does with /user/… of a stopped server, and old links still hold.
        routes.MapGet("/hub/user/{user}/{**path}", (HttpContext context, string user) =>
            Results.Redirect(UserUrl.Of(user) + UserUrl.EncodePath(context.DecodedTail(3)) + context.Request.QueryString))
            .RequireScope(Scope.AccessServers, ScopeFilter.Server);
    }

    private static async Task<IResult> SpawnAsync(HttpContext context, ServerRegistry registry, string user)
    {
        if (await registry.TryStartAsync(user, context.RequestAborted) == StartOutcome.NoSuchUser)
            return Results.NotFound();
        string? next = context.Request.Query["next"];
        return Results.Redirect(LocalUrl.Of(next, UserUrl.Of(user)));
    }

    /// <summary>Links that work for everybody (nbgitpuller makes such): the same path on the caller's own server.</summary>
    private static async Task<IResult> UserRedirectAsync(HttpContext context, ServerRegistry registry)
    {
        string user = context.GetCaller().UserName;
        await registry.TryStartAsync(user, context.RequestAborted);
        return Results.Redirect(UserUrl.Of(user, context.DecodedTail(2)) + context.Request.QueryString);
    }
}
