namespace Web.Pages;

/// <summary>The page behind a one-time link: posts <c>password</c>, <c>password_again</c> and <c>_xsrf</c>.</summary>
/// <param name="Action">Where the form goes; it carries the one-time secret if the form must.</param>
/// <param name="UserName">Whose password is set; drawn, and told to password stores.</param>
/// <param name="MinimumLength">Characters a password needs.</param>
/// <param name="Error">Why the last attempt failed, in a sentence.</param>
public sealed record SetPasswordView(PageFrame Frame, string Action, string UserName, int MinimumLength = 8, string? Error = null);
