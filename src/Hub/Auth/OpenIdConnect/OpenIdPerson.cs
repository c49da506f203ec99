namespace Hub.Auth.OpenIdConnect;

/// <summary>Somebody a provider vouches for, in our words.</summary>
/// <param name="Subject">Who it is, for ever; only together with <paramref name="Issuer"/>.</param>
/// <param name="UserName">The name they would get here; null when the provider gives none that fits.</param>
/// <param name="Admin">What the provider says about being an administrator; null when it is not asked.</param>
/// <param name="Admission">Whether the rules let them in.</param>
public sealed record OpenIdPerson(
    string Issuer, string Subject, string? SessionId, string? UserName, string DisplayName, string Email, IReadOnlyList<string> Groups, bool? Admin, Admission Admission);
