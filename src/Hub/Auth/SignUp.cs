namespace Hub.Auth;

/// <summary>Somebody who made an account at the page and waits for an administrator.</summary>
public sealed record SignUp(string UserName, DateTimeOffset Created);
