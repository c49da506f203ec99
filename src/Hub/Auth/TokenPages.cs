using System.Globalization;
using Hub.Accounts;
using Hub.Http;
using Web.Pages;

namespace Hub.Auth;

/// <summary>A user's own API tokens: list, make, revoke, with plain forms.</summary>
internal sealed class TokenPages(AccountsStore accounts, TokensStore tokens, TokenIssuer issuer, TimeProvider time)
{
    private const string Path = "/hub/token";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, (TokenPages pages, HttpContext context) => pages.ShowAsync(context)).RequireScope(Scope.ReadTokens, ScopeFilter.Any);
        routes.MapPost(Path, (TokenPages pages, HttpContext context) => pages.CreateAsync(context)).RequireScope(Scope.Tokens, ScopeFilter.Any);
        routes.MapPost(Path + "/{id}/revoke", (TokenPages pages, HttpContext context, string id) => pages.RevokeAsync(context, id))
            .RequireScope(Scope.Tokens, ScopeFilter.Any);
    }

    private async Task<IResult> ShowAsync(HttpContext context) => await OwnerAsync(context) is { } owner
        ? await DrawAsync(context, owner, notice: context.Request.Query.ContainsKey("revoked") ? "The token was revoked." : null)
        : NotByToken();

    private async Task<IResult> CreateAsync(HttpContext context)
    {
        if (await OwnerAsync(context) is not { } owner)
            return NotByToken();
        IFormCollection form = await context.ReadFormBodyAsync();
        string lifetime = form["expires_in"].ToString();
        if (lifetime.Length > 0 && !long.TryParse(lifetime, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            return await DrawAsync(context, owner, error: "The time a token is valid for is a number of seconds.", status: StatusCodes.Status400BadRequest);
        long? seconds = lifetime.Length > 0 ? long.Parse(lifetime, NumberStyles.None, CultureInfo.InvariantCulture) : null;
        TokenIssue issue = await issuer.CreateAsync(owner, context.GetCaller(), form["note"].ToString().Trim(), seconds, null, context.RequestAborted);
        return issue.Problem is { } problem
            ? await DrawAsync(context, owner, error: problem, status: StatusCodes.Status400BadRequest)
            : await DrawAsync(context, owner, secret: issue.Secret);
    }

    private async Task<IResult> RevokeAsync(HttpContext context, string id)
    {
        if (await OwnerAsync(context) is not { } owner)
            return NotByToken();
        if (!await issuer.RevokeAsync(owner, context.GetCaller(), id, context.RequestAborted))
            return await DrawAsync(context, owner, error: "There is no such token; it was revoked already or has run out.", status: StatusCodes.Status404NotFound);
        context.Response.Headers.Location = Path + "?revoked";
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }

    private async Task<IResult> DrawAsync(
        HttpContext context, User owner, string? secret = null, string? error = null, string? notice = null, int status = StatusCodes.Status200OK)
    {
        IReadOnlyList<ApiToken> all = await tokens.ListAsync(owner.Id, context.RequestAborted);
        return HubPages.Draw<TokensPage>(
            context,
            new TokensView(context.GetPageFrame(), Path, [.. all.Reverse().Select(Row)], time.GetUtcNow(), secret, error, notice),
            status);
    }

    private static TokenRow Row(ApiToken token) =>
        new(token.Id, token.Note, token.Scopes, token.Created, token.LastActivity, token.ExpiresAt, $"{Path}/{token.Id}/revoke");

    /// <summary>Whoever is signed in at the page; null for tokens, which have the API.</summary>
    private async Task<User?> OwnerAsync(HttpContext context) =>
        context.GetCaller() is { ByToken: false } caller ? await accounts.FindAsync(caller.UserName, context.RequestAborted) : null;

    private static IResult NotByToken() => ApiError.Hub(StatusCodes.Status403Forbidden, "This page is for people; with a token use /hub/api/users/{user}/tokens.");
}
