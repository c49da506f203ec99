namespace Web.Pages;

/// <summary>One view of the panel, as its navigation offers it.</summary>
public sealed record AdminTab(string Page, string Title);
