namespace Web.Pages;

/// <summary>One place where somebody is signed in.</summary>
/// <param name="Browser">Such as "Firefox on Linux"; null when it is not known.</param>
/// <param name="Address">Where it was begun; null when it is not known.</param>
/// <param name="Here">It is the one the page is asked by.</param>
/// <param name="EndAction">Where the button goes.</param>
public sealed record SignInRow(string? Browser, string? Address, DateTimeOffset Created, DateTimeOffset LastUsed, bool Here, string EndAction);
