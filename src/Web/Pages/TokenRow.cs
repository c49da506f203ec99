namespace Web.Pages;

/// <summary>One token as its owner may see it: everything but the secret.</summary>
/// <param name="Note">What it is for, in its owner's words.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="RevokeAction">Where the revoke button's form posts <c>_xsrf</c>.</param>
public sealed record TokenRow(
    string Id,
    string Note,
    IReadOnlyList<string> Scopes,
    DateTimeOffset Created,
    DateTimeOffset? LastUsed,
    DateTimeOffset? Expires,
    string RevokeAction);
