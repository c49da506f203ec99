namespace Hub.Accounts;

/// <summary>Who is asking, and what they may do right now: a token's scopes intersected with its owner's.</summary>
/// <param name="UserId">Row of the user in the database; also what the uid of the user's kernels is derived from.</param>
/// <param name="UserName">Normalised name.</param>
/// <param name="ByToken">True for API tokens: no XSRF check, no cookie.</param>
/// <param name="Scopes">Expanded scopes.</param>
public sealed record Caller(long UserId, string UserName, bool ByToken, ScopeSet Scopes)
{
    /// <summary>What the user is called on pages.</summary>
    public string DisplayName { get; init; } = UserName;

    public bool Admin { get; init; }

    /// <summary>A temporary guest of a class.</summary>
    public bool Guest { get; init; }

    /// <summary>The token asked with, such as <c>a12</c>; null for people at a page.</summary>
    public string? TokenId { get; init; }

    /// <summary>The sign-in asked with, such as <c>s12</c>; null for tokens.</summary>
    public string? SignInId { get; init; }

    /// <summary>The service that asks for itself; null for people and their tokens.</summary>
    public string? Service { get; init; }

    /// <summary>The sign-in that let a service in whose token this is, such as <c>s12</c>; the token ends with it.</summary>
    public string? GrantedBy { get; init; }

    /// <summary>Looks on at somebody else's server: changes nothing there, whatever the scopes would allow.</summary>
    public bool ReadsOnly { get; init; }

    /// <summary>When the token runs out; null when it does not, and for people at a page.</summary>
    public DateTimeOffset? Until { get; init; }
}
