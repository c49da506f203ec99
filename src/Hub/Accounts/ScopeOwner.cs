namespace Hub.Accounts;

/// <summary>Whom the bare filters <c>!user</c> and <c>!server</c> stand for.</summary>
/// <param name="UserName">Owner of the role or token.</param>
/// <param name="ServerName">The server a token was issued to; null for all others.</param>
public sealed record ScopeOwner(string UserName, string? ServerName = null);
