using Hub.Accounts;
using Hub.Auth;
using Hub.Http;

namespace Hub.Servers;

/// <summary>Addresses that lead a person to a server, started if need be. They draw nothing: starting takes no time.</summary>
/// <remarks>Named servers are started here, never made: a link somebody else wrote must not fill a person's list.</remarks>
internal static class ServerPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/hub/spawn", (HttpContext context, ServerRegistry registry) => SpawnAsync(context, registry, context.GetCaller().UserName, null))
            .RequireScope(Scope.AccessServers, ScopeFilter.Any);
        routes.MapGet("/hub/spawn/{user}/{server?}", (HttpContext context, ServerRegistry registry, string user, string? server) => SpawnAsync(context, registry, user, server))
            .RequireScope(Scope.StartServers, ScopeFilter.Server);
        routes.MapGet("/hub/spawn-pending/{user}/{server?}", (HttpContext context, ServerRegistry registry, string user, string? server) => SpawnAsync(context, registry, user, server))
            .RequireScope(Scope.StartServers, ScopeFilter.Server);
        routes.MapGet("/hub/user-redirect/{**path}", UserRedirectAsync).RequireScope(Scope.AccessServers, ScopeFilter.Any);
        // What JupyterHub's proxy does with /user/… of a stopped server, and old links still hold. Which server is meant, and who may, is asked where it leads.
        routes.MapGet("/hub/user/{user}/{**path}", (HttpContext context, string user) =>
            Results.Redirect(UserUrl.Of(user) + UserUrl.EncodePath(context.DecodedTail(3)) + context.Request.QueryString))
            .RequireScope(Scope.AccessServers, ScopeFilter.Any);
    }

    private static async Task<IResult> SpawnAsync(HttpContext context, ServerRegistry registry, string user, string? server)
    {
        ServerKey key = new(user, server ?? "");
        switch (await registry.TryStartAsync(key, context.RequestAborted))
        {
            case StartOutcome.NoSuchUser:
                return Results.NotFound();
            case StartOutcome.NoSuchServer:
                await ErrorAnswer.WriteAsync(context, StatusCodes.Status404NotFound, $"There is no server {key}. Servers are made on the home page, or by the API.");
                return Results.Empty;
            case StartOutcome.NotAllowed:
                await ErrorAnswer.WriteAsync(context, StatusCodes.Status400BadRequest, NamedServersHandler.NotAllowed);
                return Results.Empty;
        }
        string? next = context.Request.Query["next"];
        return Results.Redirect(LocalUrl.Of(next, UserUrl.Of(key)));
    }

    /// <summary>Links that work for everybody (nbgitpuller makes such): the same path on the caller's own server.</summary>
    private static async Task<IResult> UserRedirectAsync(HttpContext context, ServerRegistry registry)
    {
        string user = context.GetCaller().UserName;
        await registry.TryStartAsync(user, context.RequestAborted);
        return Results.Redirect(UserUrl.Of(user, context.DecodedTail(2)) + context.Request.QueryString);
    }
}
