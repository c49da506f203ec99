namespace Web.Pages;

/// <summary>Asks somebody who followed a link whether to take what it shares; posts <c>code</c>, <c>next</c> and <c>_xsrf</c>.</summary>
/// <param name="Next">Where they want to go then; empty for nowhere in particular.</param>
/// <param name="Owner">What the owner goes by.</param>
/// <param name="OwnerName">User name of the owner, which nobody chooses to look like another's.</param>
/// <param name="Scopes">What they may do then, a sentence each.</param>
public sealed record AcceptShareView(PageFrame Frame, string Action, string Code, string Next, string Owner, string OwnerName, IReadOnlyList<string> Scopes);
