namespace Hub.Auth.OpenIdConnect;

/// <summary>What a provider tells about itself (OpenID Connect Discovery § 3).</summary>
/// <param name="UserInfoEndpoint">Null when it has none.</param>
/// <param name="EndSessionEndpoint">Where a browser signs out of the provider, too; null when it has none.</param>
/// <param name="NamesItself">The provider promises <c>iss</c> with every answer, so one without is somebody else's (RFC 9207).</param>
/// <param name="SecretInForm">The provider takes the client's secret in the form; else by basic authentication.</param>
public sealed record ProviderMetadata(
    string Issuer, Uri AuthorizationEndpoint, Uri TokenEndpoint, Uri JwksUri, Uri? UserInfoEndpoint, Uri? EndSessionEndpoint, bool NamesItself, bool SecretInForm);
