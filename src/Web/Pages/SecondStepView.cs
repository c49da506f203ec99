namespace Web.Pages;

/// <summary>The second page of signing in: posts <c>code</c>, <c>ticket</c> and <c>_xsrf</c>.</summary>
/// <param name="Action">Where the form goes, with its <c>?next=</c>.</param>
/// <param name="Ticket">Says that the password was right.</param>
/// <param name="Error">Why the last attempt failed, in a sentence.</param>
public sealed record SecondStepView(PageFrame Frame, string Action, string Ticket, string? Error = null);
