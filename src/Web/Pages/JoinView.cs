namespace Web.Pages;

/// <summary>The way into a class; the form posts <c>code</c>, <c>name</c> (when nobody is signed in) and <c>_xsrf</c>.</summary>
/// <param name="Action">Where the form goes.</param>
/// <param name="SignIn">For who has an account.</param>
/// <param name="Code">As it was typed, or came with the link.</param>
/// <param name="Name">As it was typed.</param>
/// <param name="Error">Why the last attempt failed, in a sentence.</param>
public sealed record JoinView(PageFrame Frame, string Action, string SignIn, string Code = "", string Name = "", string? Error = null);
