namespace Hub.Accounts;

/// <summary>How a service came by a token of somebody's.</summary>
/// <param name="Service">The service.</param>
/// <param name="CodeHash">Hash of the code it was bought with.</param>
/// <param name="SignInNumber">The sign-in that consented.</param>
public sealed record TokenGrant(string Service, string CodeHash, long SignInNumber);
