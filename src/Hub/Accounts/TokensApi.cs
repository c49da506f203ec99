using System.Text.Json.Nodes;
using Hub.Http;

namespace Hub.Accounts;

/// <summary>API tokens on JupyterHub's API.</summary>
internal sealed class TokensApi(AccountsStore accounts, TokensStore tokens, TokenIssuer issuer, RoleBook book)
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder ofUser = routes.MapGroup("/hub/api/users/{user}/tokens");
        ofUser.MapGet("", (TokensApi api, HttpContext context, string user) => api.ListAsync(context, user)).RequireScope(Scope.ReadTokens, ScopeFilter.User);
        ofUser.MapPost("", (TokensApi api, HttpContext context, string user) => api.CreateAsync(context, user)).RequireScope(Scope.Tokens, ScopeFilter.User);
        ofUser.MapGet("{id}", (TokensApi api, HttpContext context, string user, string id) => api.GetAsync(context, user, id))
            .RequireScope(Scope.ReadTokens, ScopeFilter.User);
        ofUser.MapDelete("{id}", (TokensApi api, HttpContext context, string user, string id) => api.RevokeAsync(context, user, id))
            .RequireScope(Scope.Tokens, ScopeFilter.User);
    }

    private async Task<IResult> ListAsync(HttpContext context, string user)
    {
        if (await accounts.FindAsync(user, context.RequestAborted) is not { } owner)
            return NoSuchUser(user);
        IReadOnlyList<ApiToken> all = await tokens.ListAsync(owner.Id, context.RequestAborted);
        return Results.Json(new { api_tokens = all.Select(Model) });
    }

    private async Task<IResult> CreateAsync(HttpContext context, string user)
    {
        Caller caller = context.GetCaller();
        var body = new JsonFields(await context.ReadJsonObjectAsync(context.RequestAborted));
        body.RefuseOthers("note", "expires_in", "scopes", "roles");
        string note = body.Text("note") ?? (caller.UserName == user ? "Requested via api" : $"Requested via api by user {caller.UserName}");
        long? seconds = body.Number("expires_in");
        IReadOnlyList<string>? scopes = Asked(body.Texts("scopes"), body.Texts("roles"));
        if (await accounts.FindAsync(user, context.RequestAborted) is not { } owner)
            return NoSuchUser(user);
        TokenIssue issue = await issuer.CreateAsync(owner, caller, note, seconds, scopes, context.RequestAborted);
        if (issue.Token is not { } token)
            return ApiError.Hub(StatusCodes.Status400BadRequest, issue.Problem!);
        JsonObject model = Model(token);
        model["token"] = issue.Secret;
        return new JsonAnswer<JsonObject>(model, StatusCodes.Status201Created);
    }

    private async Task<IResult> GetAsync(HttpContext context, string user, string id) =>
        await accounts.FindAsync(user, context.RequestAborted) is { } owner
        && ApiToken.NumberOf(id) is { } number
        && await tokens.FindAsync(owner.Id, number, context.RequestAborted) is { } token
            ? new JsonAnswer<JsonObject>(Model(token))
            : NoSuchToken(id);

    private async Task<IResult> RevokeAsync(HttpContext context, string user, string id) =>
        await accounts.FindAsync(user, context.RequestAborted) is { } owner && await issuer.RevokeAsync(owner, context.GetCaller(), id, context.RequestAborted)
            ? Results.NoContent()
            : NoSuchToken(id);

    /// <summary>Older clients name roles instead of scopes.</summary>
    private IReadOnlyList<string>? Asked(IReadOnlyList<string>? scopes, IReadOnlyList<string>? roles)
    {
        if (roles is null or [])
            return scopes;
        IEnumerable<string> ofRoles = roles.SelectMany(role => book.FindScopes(role) ?? throw new BadHttpRequestException($"No such role: {role}"));
        return [.. (scopes ?? []).Concat(ofRoles).Distinct()];
    }

    private static JsonObject Model(ApiToken token) => new()
    {
        ["user"] = token.UserName,
        ["id"] = token.Id,
        ["kind"] = "api_token",
        ["roles"] = new JsonArray(),
        ["scopes"] = new JsonArray([.. token.Scopes.Select(scope => JsonValue.Create(scope))]),
        ["created"] = ApiTime.Format(token.Created),
        ["last_activity"] = token.LastActivity is { } used ? ApiTime.Format(used) : null,
        ["expires_at"] = token.ExpiresAt is { } ends ? ApiTime.Format(ends) : null,
        ["note"] = token.Note,
        ["session_id"] = token.SignInNumber is { } signIn ? $"s{signIn}" : null,
        ["oauth_client"] = token.OAuthClient ?? "JupyterHub",
    };

    private static IResult NoSuchUser(string user) => ApiError.Hub(StatusCodes.Status404NotFound, $"No such user: {user}");

    private static IResult NoSuchToken(string id) => ApiError.Hub(StatusCodes.Status404NotFound, $"No such token: {id}");
}
