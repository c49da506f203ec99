namespace Web.Pages;

/// <summary>A way on from a page: what it says and where it leads.</summary>
public sealed record PageLink(string Text, string Url);
