namespace Web.Pages;

/// <summary>A provider people can sign in with.</summary>
/// <param name="Text">What the operator calls it, such as "School account".</param>
/// <param name="Icon">A <c>data:</c> address of a picture; null draws none.</param>
public sealed record SignInWay(string Url, string Text, string? Icon = null);
