namespace Web.Pages;

/// <summary>Making an account: posts <c>username</c>, <c>password</c>, <c>password_again</c> and <c>_xsrf</c>.</summary>
/// <param name="Action">Where the form goes.</param>
/// <param name="UserName">What was typed before.</param>
/// <param name="MinimumLength">Characters a password needs.</param>
/// <param name="Waits">Whether an administrator must let them in afterwards.</param>
/// <param name="Error">Why the last attempt failed, in a sentence.</param>
public sealed record SignUpView(PageFrame Frame, string Action, string UserName = "", int MinimumLength = 8, bool Waits = false, string? Error = null);
