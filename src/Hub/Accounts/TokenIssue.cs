namespace Hub.Accounts;

/// <summary>A token just made, or why it was not.</summary>
/// <param name="Secret">Shown once, here.</param>
/// <param name="Problem">A sentence for whoever asked; then there is no token.</param>
public sealed record TokenIssue(string? Secret, ApiToken? Token, string? Problem);
