namespace Web.Pages;

/// <summary>Recovery codes, shown this once.</summary>
/// <param name="Next">Where to go on.</param>
public sealed record RecoveryCodesView(PageFrame Frame, IReadOnlyList<string> Codes, string Next);
