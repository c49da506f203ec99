using Hub.Accounts;

namespace Hub.Auth;

/// <summary>What came of comparing a password.</summary>
/// <param name="User">Whose it is; null when they may not sign in.</param>
/// <param name="Waits">It is right, and an administrator has not let them in yet.</param>
public readonly record struct PasswordCheck(User? User, bool Waits);
