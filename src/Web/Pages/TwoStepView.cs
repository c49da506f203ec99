namespace Web.Pages;

/// <summary>Two-step sign-in that is on: posts <c>current_password</c> and <c>_xsrf</c> to <c>codes</c> and <c>off</c> below <paramref name="Here"/>.</summary>
/// <param name="UserName">Told to password stores.</param>
/// <param name="CodesLeft">Recovery codes that were not used yet.</param>
/// <param name="Required">The operator wants it, so it cannot be turned off.</param>
/// <param name="Error">Why the last attempt failed, in a sentence.</param>
public sealed record TwoStepView(
    PageFrame Frame, string Here, string UserName, DateTimeOffset Since, DateTimeOffset Now, int CodesLeft, bool Required, string? Error = null);
