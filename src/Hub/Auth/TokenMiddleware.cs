using Hub.Accounts;
using Hub.Accounts.Services;

namespace Hub.Auth;

/// <summary>
/// Finds the caller by an API token: <c>Authorization: token X</c> or <c>Bearer X</c> anywhere, <c>?token=X</c> below <c>/user/</c> only.
/// A token that is wrong leaves the request without a caller, whatever cookie it carries.
/// </summary>
internal sealed class TokenMiddleware(RequestDelegate next, TokensStore tokens, Rights rights, ServiceBook services)
{
    private static readonly object Presented = new();

    /// <summary>Did the request name itself by a token, right or wrong?</summary>
    public static bool IsPresented(HttpContext context) => context.Items.ContainsKey(Presented);

    public async Task InvokeAsync(HttpContext context)
    {
        if (Find(context.Request) is { } secret)
        {
            context.Items[Presented] = Presented;
            if (services.Authenticate(secret) is { } service)
            {
                context.SetCaller(service);
            }
            // A token of a service that is no longer in the settings is nobody's.
            else if (await tokens.AuthenticateAsync(secret, context.RequestAborted) is var (owner, token)
                && (token.OAuthClient is null || services.Find(token.OAuthClient) is not null))
            {
                context.SetCaller(CallerOf(owner, token, await rights.OfTokenAsync(owner, token.Scopes, context.RequestAborted)));
                tokens.NoteUse(owner, token);
            }
        }
        await next(context);
    }

    private static string? Find(HttpRequest request)
    {
        string header = request.Headers.Authorization.ToString();
        int space = header.IndexOf(' ');
        if (space > 0 && (header.AsSpan(0, space).Equals("token", StringComparison.OrdinalIgnoreCase)
            || header.AsSpan(0, space).Equals("bearer", StringComparison.OrdinalIgnoreCase)))
            return header[space..].Trim();
        if (header.Length > 0)
            return "";
        string? inQuery = request.Path.StartsWithSegments("/user") ? request.Query["token"].ToString() : null;
        return string.IsNullOrEmpty(inQuery) ? null : inQuery;
    }

    private static Caller CallerOf(User owner, ApiToken token, ScopeSet scopes) => new(owner.Id, owner.Name, ByToken: true, scopes)
    {
        DisplayName = owner.DisplayName,
        Admin = owner.Admin,
        Guest = owner.Guest,
        TokenId = token.Id,
        Until = token.ExpiresAt,
        GrantedBy = token.SignInNumber is { } signIn ? SignIn.IdOf(signIn) : null,
    };
}
