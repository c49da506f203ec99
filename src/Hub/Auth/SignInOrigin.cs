namespace Hub.Auth;

/// <summary>The provider a sign-in came by, and as whom.</summary>
/// <param name="Provider">Name of its section in the settings.</param>
/// <param name="SessionId">The provider's own name of the sign-in there (<c>sid</c>); null when it gives none.</param>
/// <param name="Tokens">Sealed; null when none are kept.</param>
/// <param name="Refreshes">There is a refresh token among them, so the provider can be asked again.</param>
public sealed record SignInOrigin(string Provider, string Issuer, string Subject, string? SessionId, string? Tokens, bool Refreshes);
