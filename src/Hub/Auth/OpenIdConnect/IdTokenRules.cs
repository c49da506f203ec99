namespace Hub.Auth.OpenIdConnect;

/// <summary>What an ID token must say to be believed at one moment of one sign-in.</summary>
/// <param name="Issuer">The provider's, letter by letter.</param>
/// <param name="ClientId">Who we are at the provider.</param>
/// <param name="Skew">How far the two clocks may be apart.</param>
public sealed record IdTokenRules(string Issuer, string ClientId, DateTimeOffset Now, TimeSpan Skew)
{
    /// <summary>What was sent with the request; null when a refresh brought the token, in which there is none.</summary>
    public string? Nonce { get; init; }

    /// <summary>Who it was before, on a refresh.</summary>
    public string? Subject { get; init; }

    /// <summary>The access token that came along, for <c>at_hash</c>.</summary>
    public string? AccessToken { get; init; }

    /// <summary>The code the token was got for, for <c>c_hash</c>.</summary>
    public string? Code { get; init; }

    /// <summary>How long ago the person may have proved who they are; null when that was not asked.</summary>
    public TimeSpan? MaxAge { get; init; }
}
