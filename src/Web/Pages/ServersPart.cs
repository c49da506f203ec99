namespace Web.Pages;

/// <summary>What the home page shows of the servers somebody has beside the default one.</summary>
/// <param name="AddAction">Where the form that makes one posts; null when they may not, or have as many as they may.</param>
/// <param name="Typed">What they wrote into the form, when it was refused.</param>
public sealed record ServersPart(IReadOnlyList<ServerRow> Servers, string? AddAction, string Typed = "");
