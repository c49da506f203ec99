namespace Hub.Accounts;

/// <summary>Who is asking, and what they may do right now: a token's scopes intersected with its owner's.</summary>
/// <param name="UserId">Row of the user in the database; also what the uid of the user's kernels is derived from.</param>
/// <param name="UserName">Normalised name.</param>
/// <param name="ByToken">True for API tokens: no XSRF check, no cookie.</param>
/// <param name="Scopes">Expanded scopes.</param>
public sealed record Caller(long UserId, string UserName, bool ByToken, ScopeSet Scopes);
