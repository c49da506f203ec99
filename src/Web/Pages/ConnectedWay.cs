namespace Web.Pages;

/// <summary>A provider on the page of somebody who is signed in: connected with their account, or not yet.</summary>
/// <param name="Action">Where the button posts to: it connects, or disconnects.</param>
public sealed record ConnectedWay(string Text, bool Connected, string Action);
