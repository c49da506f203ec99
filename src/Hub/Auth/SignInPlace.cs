namespace Hub.Auth;

/// <summary>Where a sign-in was begun.</summary>
/// <param name="Address">Of the browser; null where none are kept.</param>
/// <param name="Browser">Such as <c>Firefox on Linux</c>; null where it is not kept.</param>
public sealed record SignInPlace(string? Address, string? Browser);
