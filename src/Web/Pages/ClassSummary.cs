namespace Web.Pages;

/// <summary>One class in a list.</summary>
/// <param name="Ended">It is over.</param>
/// <param name="Teaches">Whoever looks teaches it.</param>
/// <param name="ManageUrl">Its page for teachers; null for others.</param>
public sealed record ClassSummary(string Name, int Students, int Capacity, bool Ended, bool Teaches, string? ManageUrl);
