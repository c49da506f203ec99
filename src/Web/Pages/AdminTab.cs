namespace Web.Pages;

/// <summary>One view of the panel, as its navigation offers it.</summary>
/// <param name="Waiting">People who wait there for a decision.</param>
public sealed record AdminTab(string Page, string Title, int Waiting = 0);
