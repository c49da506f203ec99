namespace Hub.Auth.OAuth;

/// <summary>A code's promise: who let which service in, to do what.</summary>
/// <param name="RedirectUri">As the service asked with it; empty when it named none. It must be the same when the code is used.</param>
/// <param name="Challenge">SHA-256 of the verifier in base64url; null when the service sent none.</param>
internal sealed record OAuthCode(string Client, long UserId, long SignInNumber, string RedirectUri, IReadOnlyList<string> Scopes, string? Challenge);
