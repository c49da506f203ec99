using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Hub.Accounts;
using Hub.Accounts.Services;
using Hub.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace Hub.Auth.OAuth;

/// <summary>The hub as OAuth provider, the service's part (RFC 6749 §4.1.3, RFC 7636 §4.5): a code and the service's secret buy a token.</summary>
internal sealed class OAuthTokenApi(ServiceBook services, OAuthCodesStore codes, TokenIssuer issuer, IOptions<AuthOptions> options)
{
    public const string Path = "/hub/api/oauth2/token";

    /// <summary>Longest form, in bytes.</summary>
    private const int LongestForm = 16 * 1024;

    private static readonly OAuthError BadGrant = new("invalid_grant", "the code is wrong, used or too old, or belongs to another client, address or verifier");

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(Path, (OAuthTokenApi api, HttpContext context) => api.IssueAsync(context))
            .Public("Services bring their own secret").WithoutXsrf("Called by services, which bring a secret and no cookie");

    private async Task<IResult> IssueAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (!context.Request.HasFormContentType)
            return Refuse(new OAuthError("invalid_request", "the body must be a form"));
        IFormCollection form;
        try
        {
            form = await context.Request.ReadFormAsync(new FormOptions { BufferBodyLengthLimit = LongestForm, ValueLengthLimit = LongestForm }, context.RequestAborted);
        }
        catch (InvalidDataException)
        {
            return Refuse(new OAuthError("invalid_request", "the form cannot be read"));
        }
        // 1. The service.
        (string id, string secret) = CredentialsOf(context.Request, form);
        if (services.FindClient(id) is not { } service || !services.IsSecretOf(service, secret))
            return Refuse(new OAuthError("invalid_client", "client_id or client_secret is wrong"), StatusCodes.Status401Unauthorized);
        if (form["grant_type"] != "authorization_code")
            return Refuse(new OAuthError("unsupported_grant_type", "grant_type must be authorization_code"));
        // 2. The code: whatever comes of it, it is used now.
        string code = form["code"].ToString();
        if (await codes.TakeAsync(code, context.RequestAborted) is not var (promised, user))
        {
            await issuer.RevokeByCodeAsync(code, context.RequestAborted); // used twice: one of the two was not the service
            return Refuse(BadGrant);
        }
        if (promised.Client != service.Name || promised.RedirectUri != form["redirect_uri"].ToString() || !IsProven(promised.Challenge, form["code_verifier"].ToString()))
            return Refuse(BadGrant);
        // 3. The token.
        long seconds = options.Value.OAuthTokenMinutes * 60L;
        if (await issuer.CreateForServiceAsync(user, service.Name, promised.Scopes, seconds, code, promised.SignInNumber, context.RequestAborted) is not var (token, scopes))
            return Refuse(new OAuthError("invalid_grant", "the user has too many tokens"));
        return Results.Json(new { access_token = token, token_type = "Bearer", expires_in = seconds, scope = string.Join(' ', scopes.ToStrings()) });
    }

    private static (string Id, string Secret) CredentialsOf(HttpRequest request, IFormCollection form)
    {
        string header = request.Headers.Authorization.ToString();
        if (!header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
            return (form["client_id"].ToString(), form["client_secret"].ToString());
        try
        {
            string[] parts = Encoding.UTF8.GetString(Convert.FromBase64String(header["Basic ".Length..].Trim())).Split(':', 2);
            return parts is [var id, var secret] ? (Uri.UnescapeDataString(id), Uri.UnescapeDataString(secret)) : ("", "");
        }
        catch (FormatException)
        {
            return ("", "");
        }
    }

    /// <summary>A verifier without a challenge is refused too: somebody left the challenge out on the way here.</summary>
    private static bool IsProven(string? challenge, string verifier) => challenge is null
        ? verifier.Length == 0
        : verifier.Length is >= 43 and <= 128
            && CryptographicOperations.FixedTimeEquals(
                Encoding.ASCII.GetBytes(Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)))), Encoding.ASCII.GetBytes(challenge));

    private static IResult Refuse(OAuthError error, int status = StatusCodes.Status400BadRequest) =>
        Results.Json(new { error = error.Code, error_description = error.Why }, statusCode: status);
}
