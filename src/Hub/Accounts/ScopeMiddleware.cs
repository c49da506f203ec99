using Hub.Http;

namespace Hub.Accounts;

/// <summary>
/// Lets a request reach its endpoint only if the caller holds what the endpoint asks for. An endpoint that asks for nothing and does not
/// say it is public is refused: forgetting is not permitting.
/// </summary>
internal sealed partial class ScopeMiddleware(RequestDelegate next, GroupsStore groups, ILogger<ScopeMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        Endpoint? endpoint = context.GetEndpoint();
        // Without a route there is nothing to guard: what follows answers 404, or 405 for a known path.
        if (endpoint is null || (endpoint is not RouteEndpoint && endpoint.Metadata.Count == 0))
        {
            await next(context);
            return;
        }
        switch (endpoint.Metadata.LastOrDefault(statement => statement is RequiredScope or PublicRoute))
        {
            case PublicRoute:
                await next(context);
                break;
            case RequiredScope when context.FindCaller() is null:
                await AskToSignInAsync(context);
                break;
            case RequiredScope required when await RefuseAsync(context, context.GetCaller(), required) is var (status, why):
                await ErrorAnswer.WriteAsync(context, status, why);
                break;
            case RequiredScope:
                await next(context);
                break;
            default:
                LogUnguarded(endpoint.DisplayName);
                await ErrorAnswer.WriteAsync(context, StatusCodes.Status403Forbidden, "This endpoint states no scope.");
                break;
        }
    }

    /// <summary>
    /// Never 401, which would make browsers ask for a password of their own. A person is led to the sign-in page, unless their request already
    /// named itself by a token, which then was wrong.
    /// </summary>
    private static Task AskToSignInAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        switch (ErrorAnswer.ShapeOf(request))
        {
            case ApiShape.Page when !request.Headers.ContainsKey("Authorization"):
                string here = request.PathBase.ToUriComponent() + context.AddressedPath().ToUriComponent() + request.QueryString.ToUriComponent();
                context.Response.Redirect($"{request.PathBase.ToUriComponent()}/hub/login?next={Uri.EscapeDataString(here)}");
                return Task.CompletedTask;
            case ApiShape.Hub:
                return ErrorAnswer.WriteAsync(context, StatusCodes.Status403Forbidden, "Missing or invalid credentials.");
            default:
                return ErrorAnswer.WriteAsync(context, StatusCodes.Status403Forbidden, "Forbidden");
        }
    }

    private async Task<(int Status, string Why)?> RefuseAsync(HttpContext context, Caller caller, RequiredScope required)
    {
        string user = CanonicalUser(context);
        if (IsAllowed(context, caller.Scopes, required, user, []))
            return null;
        // Who is in which group is looked up only for whoever may reach people by a group.
        bool byUser = required.Filter is ScopeFilter.User or ScopeFilter.Server;
        if (byUser && caller.Scopes.GroupsOf(required.Name).Count > 0
            && (await groups.OfUsersAsync([user], context.RequestAborted)).TryGetValue(user, out IReadOnlyList<string>? theirs)
            && IsAllowed(context, caller.Scopes, required, user, theirs))
            return null;
        // Who may do this for somebody, but not for this one, does not learn whether this one exists.
        return required.Filter is ScopeFilter.User or ScopeFilter.Server or ScopeFilter.Group or ScopeFilter.Service && caller.Scopes.Has(required.Name)
            ? (StatusCodes.Status404NotFound, "No access to resources or resources not found")
            : (StatusCodes.Status403Forbidden, $"Action is not authorized with current scopes; requires any of [{required.Name}]");
    }

    private static bool IsAllowed(HttpContext context, ScopeSet scopes, RequiredScope required, string user, IReadOnlyList<string> groupsOfUser) => required.Filter switch
    {
        ScopeFilter.None => scopes.Allows(required.Name),
        ScopeFilter.User => scopes.AllowsUser(required.Name, user, groupsOfUser),
        ScopeFilter.Server => scopes.AllowsServer(required.Name, user, context.GetRouteValue("server") as string ?? context.ServerName(), groupsOfUser),
        ScopeFilter.Group => scopes.AllowsGroup(required.Name, context.GetRouteValue("group") as string ?? ""),
        ScopeFilter.Service => scopes.AllowsService(required.Name, context.GetRouteValue("service") as string ?? ""),
        ScopeFilter.Self => true,
        ScopeFilter.Any => scopes.Has(required.Name),
        _ => false,
    };

    /// <summary>The user in the path, spelled as the database spells it; endpoints find it so in their route values.</summary>
    private static string CanonicalUser(HttpContext context)
    {
        if (context.GetRouteValue("user") is not string written)
            return "";
        string name = UserName.Normalise(written);
        context.Request.RouteValues["user"] = name;
        return name;
    }

    [LoggerMessage(501, LogLevel.Error, "Endpoint {Endpoint} states neither a scope nor that it is public: refused")]
    private partial void LogUnguarded(string? endpoint);
}
