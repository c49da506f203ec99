using System.Text.Json.Nodes;

namespace Hub.Auth.OpenIdConnect;

/// <summary>Talks to one provider: redeems codes, refreshes, checks what it signed. Believes nothing it has not checked.</summary>
public sealed class OpenIdClient : IDisposable
{
    private readonly ProviderHttp _http;
    private readonly ProviderDirectory _directory;
    private readonly TimeProvider _time;

    public OpenIdClient(OpenIdProvider provider, TimeProvider time, ILogger<OpenIdClient> logger)
    {
        Provider = provider;
        _time = time;
        _http = new ProviderHttp(provider.Options);
        _directory = new ProviderDirectory(provider, _http, time, logger);
    }

    public OpenIdProvider Provider { get; }

    private OpenIdProviderOptions Options => Provider.Options;

    /// <exception cref="OpenIdException">The provider is away or describes itself wrongly.</exception>
    public Task<ProviderMetadata> GetMetadataAsync(CancellationToken cancellationToken) => _directory.GetMetadataAsync(cancellationToken);

    /// <summary>Gets tokens for the code that a browser brought.</summary>
    /// <exception cref="OpenIdException">The provider is away, refuses the code, or gives tokens that are not believed.</exception>
    public async Task<TokenSet> RedeemAsync(string code, string? codeVerifier, string redirectUri, string nonce, CancellationToken cancellationToken)
    {
        var form = new Dictionary<string, string> { ["grant_type"] = "authorization_code", ["code"] = code, ["redirect_uri"] = redirectUri };
        if (codeVerifier is not null)
            form["code_verifier"] = codeVerifier;
        TokenAnswer answer = await AskAsync(form, cancellationToken);
        if (answer.Error is { } error)
        {
            OpenIdRefusal refusal = error == "invalid_grant" ? OpenIdRefusal.UsedAnswer : OpenIdRefusal.ProviderWrong;
            throw new OpenIdException(refusal, $"the provider does not give tokens for the code: {error}");
        }
        if (answer.IdToken is null)
            throw new OpenIdException(OpenIdRefusal.ProviderWrong, "the provider gave no ID token; is openid among the scopes it allows?");
        ProviderMetadata metadata = await GetMetadataAsync(cancellationToken);
        IdTokenRules rules = RulesOf(metadata) with { Nonce = nonce, AccessToken = answer.AccessToken, Code = code, MaxAge = Options.MaxAge };
        JsonObject claims = await ReadIdTokenAsync(answer.IdToken, rules, cancellationToken);
        return new TokenSet(await WithUserInfoAsync(claims, answer.AccessToken, cancellationToken), answer.IdToken, answer.RefreshToken);
    }

    /// <summary>Asks by a refresh token whether somebody may still come in; null when the provider says no more.</summary>
    /// <exception cref="OpenIdException">The provider is away, or gives tokens that are not believed.</exception>
    public async Task<TokenSet?> RefreshAsync(string refreshToken, string subject, CancellationToken cancellationToken)
    {
        TokenAnswer answer = await AskAsync(new() { ["grant_type"] = "refresh_token", ["refresh_token"] = refreshToken }, cancellationToken);
        if (answer.Error == "invalid_grant")
            return null;
        if (answer.Error is { } error)
            throw new OpenIdException(OpenIdRefusal.ProviderWrong, $"the provider does not refresh: {error}");
        ProviderMetadata metadata = await GetMetadataAsync(cancellationToken);
        JsonObject? claims = null;
        if (answer.IdToken is not null)
            claims = await ReadIdTokenAsync(answer.IdToken, RulesOf(metadata) with { Subject = subject, AccessToken = answer.AccessToken }, cancellationToken);
        else if (Options.GetClaimsFromUserInfoEndpoint)
            claims = new JsonObject { ["iss"] = metadata.Issuer, ["sub"] = subject };
        if (claims is not null)
            claims = await WithUserInfoAsync(claims, answer.AccessToken, cancellationToken);
        return new TokenSet(claims, answer.IdToken, answer.RefreshToken ?? refreshToken);
    }

    /// <summary>The claims of a logout token that is believed, whether or not it came before.</summary>
    /// <exception cref="OpenIdException">It is not believed, or there are no keys to check it by.</exception>
    public async Task<JsonObject> ReadLogoutTokenAsync(string token, CancellationToken cancellationToken)
    {
        Jwt read = await ReadSignedAsync(token, cancellationToken);
        IdTokenRules rules = RulesOf(await GetMetadataAsync(cancellationToken));
        return LogoutTokenPolicy.Problem(read, rules) is { } problem ? throw new OpenIdException(OpenIdRefusal.NotBelieved, problem) : read.Claims;
    }

    public void Dispose()
    {
        _directory.Dispose();
        _http.Dispose();
    }

    private IdTokenRules RulesOf(ProviderMetadata metadata) =>
        new(metadata.Issuer, Options.ClientId, _time.GetUtcNow(), Options.TokenValidationParameters.ClockSkew);

    private async Task<TokenAnswer> AskAsync(Dictionary<string, string> form, CancellationToken cancellationToken)
    {
        ProviderMetadata metadata = await GetMetadataAsync(cancellationToken);
        byte[] json = await _http.PostAsync(metadata.TokenEndpoint, "the token endpoint's answer", form, metadata.SecretInForm, cancellationToken);
        return Read(() => TokenAnswerCodec.Parse(json), OpenIdRefusal.ProviderWrong);
    }

    private async Task<JsonObject> ReadIdTokenAsync(string token, IdTokenRules rules, CancellationToken cancellationToken)
    {
        Jwt read = await ReadSignedAsync(token, cancellationToken);
        return IdTokenPolicy.Problem(read, rules) is { } problem ? throw new OpenIdException(OpenIdRefusal.NotBelieved, problem) : read.Claims;
    }

    private async Task<Jwt> ReadSignedAsync(string token, CancellationToken cancellationToken)
    {
        Jwt read = Read(() => JwtCodec.Parse(token, Options.MaxTokenLength), OpenIdRefusal.NotBelieved);
        return await _directory.CheckAsync(read, cancellationToken) switch
        {
            SignatureVerdict.Good => read,
            SignatureVerdict.UnknownKey => throw new OpenIdException(OpenIdRefusal.NotBelieved, $"the token is signed with the key {IdTokenPolicy.Quoted(read.KeyId)}, which the provider does not list"),
            _ => throw new OpenIdException(OpenIdRefusal.NotBelieved, $"the signature is false, or {IdTokenPolicy.Quoted(read.Algorithm)} is not allowed or does not fit the key"),
        };
    }

    /// <summary>What the token says goes before what the user info says, since the token is signed.</summary>
    private async Task<JsonObject> WithUserInfoAsync(JsonObject claims, string? accessToken, CancellationToken cancellationToken)
    {
        ProviderMetadata metadata = await GetMetadataAsync(cancellationToken);
        if (!Options.GetClaimsFromUserInfoEndpoint || accessToken is null || metadata.UserInfoEndpoint is null)
            return claims;
        byte[] json = await _http.GetAsync(metadata.UserInfoEndpoint, "the user info", accessToken, cancellationToken);
        JsonObject info = Read(() => TokenAnswerCodec.ParseUserInfo(json), OpenIdRefusal.ProviderWrong);
        // Core § 5.3.2: whoever could exchange the access token could else make somebody somebody else.
        if (JwtCodec.Text(info, "sub") != JwtCodec.Text(claims, "sub"))
            throw new OpenIdException(OpenIdRefusal.NotBelieved, "the user info is about somebody else than the token (sub)");
        foreach ((string name, JsonNode? value) in info)
        {
            if (!claims.ContainsKey(name))
                claims[name] = value?.DeepClone();
        }
        return claims;
    }

    private static T Read<T>(Func<T> parse, OpenIdRefusal otherwise)
    {
        try
        {
            return parse();
        }
        catch (InvalidDataException wrong)
        {
            throw new OpenIdException(otherwise, wrong.Message, wrong);
        }
    }
}
