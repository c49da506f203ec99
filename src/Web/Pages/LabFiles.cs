namespace Web.Pages;

/// <summary>What one entry of the bundle loads first.</summary>
/// <param name="Scripts">Run in this order.</param>
/// <param name="Stylesheets">Applied in this order.</param>
/// <param name="Preload">Scripts and styles the entry will ask for at once; the browser is told before it finds out.</param>
public sealed record LabFiles(IReadOnlyList<string> Scripts, IReadOnlyList<string> Stylesheets, IReadOnlyList<string> Preload);
