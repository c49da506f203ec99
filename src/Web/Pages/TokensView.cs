namespace Web.Pages;

/// <summary>A person's API tokens, and the form for a new one, which posts <c>note</c>, <c>expires_in</c> (seconds, empty for never) and <c>_xsrf</c>.</summary>
/// <param name="Action">Where the form for a new token goes.</param>
/// <param name="Tokens">Those that are valid; the newest first.</param>
/// <param name="Now">The moment the page is drawn.</param>
/// <param name="NewToken">The secret just made: this page is the only time it can be seen.</param>
/// <param name="Error">Why the last attempt failed, in a sentence.</param>
/// <param name="Notice">Something just done, such as "The token was revoked."</param>
public sealed record TokensView(
    PageFrame Frame,
    string Action,
    IReadOnlyList<TokenRow> Tokens,
    DateTimeOffset Now,
    string? NewToken = null,
    string? Error = null,
    string? Notice = null);
