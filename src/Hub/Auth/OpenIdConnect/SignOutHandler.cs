using System.Globalization;
using System.Security.Cryptography;
using Hub.Accounts;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;

namespace Hub.Auth.OpenIdConnect;

/// <summary>Signs somebody out at the provider, too (<see href="https://openid.net/specs/openid-connect-rpinitiated-1_0.html">RP-Initiated Logout</see>).</summary>
internal sealed partial class SignOutHandler(
    OpenIdProviders providers, OpenIdSignInsStore signIns, SavedTokens tokens, IDataProtectionProvider protection, ILogger<SignOutHandler> logger)
{
    /// <summary>A longer ID token is not sent along: addresses of this length are cut or refused on the way. The provider asks then.</summary>
    private const int LongestHint = 6000;

    private readonly ITimeLimitedDataProtector _seal = protection.CreateProtector("Hub.Auth.OpenIdConnect", "signed-out").ToTimeLimitedDataProtector();

    /// <summary>
    /// What the provider of <paramref name="caller"/> is called, and where a browser signs out there, given how many kernels run on; null when there is no
    /// need. To be asked while the sign-in lasts.
    /// </summary>
    public async Task<(string Provider, Func<int, string> Address)?> FindAsync(HttpContext context, Caller? caller)
    {
        if (SignIn.NumberOf(caller?.SignInId) is not { } number || await signIns.FindAsync(number, context.RequestAborted) is not { } origin)
            return null;
        if (providers.Find(origin.Provider) is not { } client || !client.Provider.Options.SignOutAtProvider)
            return null;
        try
        {
            return (await client.GetMetadataAsync(context.RequestAborted)).EndSessionEndpoint is { } end
                ? (client.Provider.DisplayName, running => AddressOf(end, context, client.Provider, origin, running))
                : null;
        }
        catch (OpenIdException away)
        {
            LogAway(client.Provider.Name, away.Message);
            return null;
        }
    }

    /// <summary>How many kernels the page before said run on; 0 when that is not to be read.</summary>
    public int RunningIn(string state)
    {
        try
        {
            return state.Length == 0 ? 0 : int.Parse(_seal.Unprotect(state), CultureInfo.InvariantCulture);
        }
        catch (CryptographicException)
        {
            return 0;
        }
    }

    private string AddressOf(Uri end, HttpContext context, OpenIdProvider provider, SignInOrigin origin, int running)
    {
        HttpRequest request = context.Request;
        var query = new Dictionary<string, string?>
        {
            ["client_id"] = provider.Options.ClientId,
            ["post_logout_redirect_uri"] = $"{request.Scheme}://{request.Host}{request.PathBase}{provider.SignedOutCallbackPath}",
            ["state"] = _seal.Protect(running.ToString(CultureInfo.InvariantCulture), TimeSpan.FromHours(1)),
        };
        if (tokens.Open(origin.Tokens).IdToken is { Length: <= LongestHint } hint)
            query["id_token_hint"] = hint;
        return QueryHelpers.AddQueryString(end.AbsoluteUri, query);
    }

    [LoggerMessage(707, LogLevel.Warning, "Somebody signed out here, but not with {Provider}: {Why}")]
    private partial void LogAway(string provider, string why);
}
