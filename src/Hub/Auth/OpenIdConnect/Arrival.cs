using Hub.Accounts;

namespace Hub.Auth.OpenIdConnect;

/// <summary>What became of somebody whom a provider sent.</summary>
/// <param name="Refusal">Why they may not come in; null when they may.</param>
/// <param name="User">Whose account it is; null when refused.</param>
/// <param name="IsNew">The account was made just now.</param>
/// <param name="AdminChanged">The provider made them an administrator, or no longer does.</param>
public sealed record Arrival(OpenIdRefusal? Refusal, User? User, bool IsNew = false, bool AdminChanged = false);
