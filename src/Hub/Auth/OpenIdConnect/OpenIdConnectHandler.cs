using System.Buffers.Text;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;

namespace Hub.Auth.OpenIdConnect;

/// <summary>
/// Signs somebody in by OpenID Connect: sends the browser to the provider, and takes it back with a code
/// (<see href="https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth">Core § 3.1</see>, PKCE of RFC 7636, <c>iss</c> of RFC 9207). What
/// becomes of the person then is decided behind the handler's events, which are the framework's.
/// </summary>
/// <remarks>
/// An answer belongs to a request by three ties: <c>state</c> is sealed by this hub for this provider, a cookie of this browser holds its other half and
/// goes with the first answer, and the <c>nonce</c> in it must stand in the signed token, and is taken once.
/// </remarks>
internal sealed class OpenIdConnectHandler(IOptionsMonitor<OpenIdConnectOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : RemoteAuthenticationHandler<OpenIdConnectOptions>(options, logger, encoder)
{
    private const string Nonce = "nonce";
    private const string Verifier = "code_verifier";
    private const string Began = "began";

    private OpenIdClient Client => Options.Client ?? throw new InvalidOperationException("The options have no client.");

    /// <exception cref="OpenIdException">The provider is away or describes itself wrongly.</exception>
    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        ProviderMetadata metadata = await Client.GetMetadataAsync(Context.RequestAborted);
        OpenIdProviderOptions settings = Client.Provider.Options;
        properties.Items[Nonce] = Random();
        properties.Items[Began] = TimeProvider.GetUtcNow().ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture);
        var query = new Dictionary<string, string?>(settings.AdditionalAuthorizationParameters.ToDictionary(one => one.Key, one => (string?)one.Value))
        {
            ["client_id"] = settings.ClientId,
            ["response_type"] = settings.ResponseType,
            ["scope"] = Client.Provider.Scope,
            ["redirect_uri"] = BuildRedirectUri(Options.CallbackPath),
            ["nonce"] = properties.Items[Nonce],
        };
        if (settings.Prompt.Length > 0)
            query["prompt"] = settings.Prompt;
        if (settings.MaxAge is { } most)
            query["max_age"] = ((long)most.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (settings.UsePkce)
        {
            string verifier = Random();
            properties.Items[Verifier] = verifier;
            query["code_challenge"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
            query["code_challenge_method"] = "S256";
        }
        GenerateCorrelationId(properties);
        query["state"] = Options.StateDataFormat!.Protect(properties);
        Response.Headers.CacheControl = "no-store";
        Response.Redirect(QueryHelpers.AddQueryString(metadata.AuthorizationEndpoint.AbsoluteUri, query));
    }

    /// <summary>
    /// 1. state and cookie: did this browser begin this here? 2. is it this provider that answers? 3. does it say yes? 4. the code is redeemed and the
    /// token checked; 5. the claims become a ticket.
    /// </summary>
    protected override async Task<HandleRequestResult> HandleRemoteAuthenticateAsync()
    {
        AuthenticationProperties? properties = Options.StateDataFormat!.Unprotect(Request.Query["state"].ToString());
        if (properties is null || IsTooOld(properties))
            return Refuse(OpenIdRefusal.UnknownAnswer, properties is null ? "the state was not made here for this provider" : "the sign-in began too long ago (RemoteAuthenticationTimeout)", null);
        if (!ValidateCorrelationId(properties))
            return Refuse(OpenIdRefusal.OtherBrowser, "the browser does not hold the cookie that goes with the state, or used it before", properties);
        try
        {
            TokenSet tokens = await TakeAsync(properties, Context.RequestAborted);
            return Ticket(tokens, properties);
        }
        catch (OpenIdException refused)
        {
            return HandleRequestResult.Fail(refused, properties);
        }
    }

    private async Task<TokenSet> TakeAsync(AuthenticationProperties properties, CancellationToken cancellationToken)
    {
        ProviderMetadata metadata = await Client.GetMetadataAsync(cancellationToken);
        string issuer = Request.Query["iss"].ToString();
        if (issuer.Length > 0 ? issuer != metadata.Issuer : metadata.NamesItself)
            throw new OpenIdException(OpenIdRefusal.NotBelieved, $"the answer is from {(issuer.Length > 0 ? IdTokenPolicy.Quoted(issuer) : "nobody who says")} (iss), not from {IdTokenPolicy.Quoted(metadata.Issuer)}");
        if (Request.Query["error"].ToString() is { Length: > 0 } error)
            throw new OpenIdException(OpenIdRefusal.ProviderDenied, $"the provider answered {TokenAnswerCodec.ErrorWord(error)}");
        string code = Request.Query["code"].ToString();
        string? nonce = properties.Items.TryGetValue(Nonce, out string? kept) ? kept : null;
        if (code.Length == 0 || nonce is null)
            throw new OpenIdException(OpenIdRefusal.ProviderWrong, "the provider answered without a code");
        if (!await Options.IsFirstUse(nonce, TimeProvider.GetUtcNow() + Options.RemoteAuthenticationTimeout, cancellationToken))
            throw new OpenIdException(OpenIdRefusal.UsedAnswer, "the answer was used before");
        string? verifier = properties.Items.TryGetValue(Verifier, out string? made) ? made : null;
        return await Client.RedeemAsync(code, verifier, BuildRedirectUri(Options.CallbackPath), nonce, cancellationToken);
    }

    private HandleRequestResult Ticket(TokenSet tokens, AuthenticationProperties properties)
    {
        // The framework would put these into its ticket; they have done their service.
        properties.Items.Remove(Nonce);
        properties.Items.Remove(Verifier);
        if (Options.SaveTokens)
        {
            var kept = new List<AuthenticationToken>();
            if (tokens.IdToken is not null)
                kept.Add(new AuthenticationToken { Name = "id_token", Value = tokens.IdToken });
            if (tokens.RefreshToken is not null)
                kept.Add(new AuthenticationToken { Name = "refresh_token", Value = tokens.RefreshToken });
            properties.StoreTokens(kept);
        }
        var person = new ClaimsPrincipal(new ClaimsIdentity(ClaimsCodec.ToClaims(tokens.Claims!), Scheme.Name));
        return HandleRequestResult.Success(new AuthenticationTicket(person, properties, Scheme.Name));
    }

    private bool IsTooOld(AuthenticationProperties properties) =>
        !properties.Items.TryGetValue(Began, out string? began)
        || !long.TryParse(began, System.Globalization.CultureInfo.InvariantCulture, out long seconds)
        || TimeProvider.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(seconds) > Options.RemoteAuthenticationTimeout;

    private static HandleRequestResult Refuse(OpenIdRefusal refusal, string why, AuthenticationProperties? properties)
    {
        var exception = new OpenIdException(refusal, why);
        return properties is null ? HandleRequestResult.Fail(exception) : HandleRequestResult.Fail(exception, properties);
    }

    private static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
}
