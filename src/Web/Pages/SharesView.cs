namespace Web.Pages;

/// <summary>The page about sharing.</summary>
/// <param name="NewLink">A link just made, shown this once.</param>
/// <param name="Notice">Something just done.</param>
public sealed record SharesView(PageFrame Frame, SharingPart Part, string? NewLink = null, string? Notice = null, string? Error = null);
