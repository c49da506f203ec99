namespace Hub.Auth.OpenIdConnect;

/// <summary>What a token endpoint answered (RFC 6749 § 5).</summary>
/// <param name="Error">Its error code, which is a word of the standard; null on success.</param>
public sealed record TokenAnswer(string? Error, string? IdToken, string? AccessToken, string? RefreshToken);
