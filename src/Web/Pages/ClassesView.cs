namespace Web.Pages;

/// <summary>A person's classes.</summary>
/// <param name="New">The form for a new one; null for who may not make any.</param>
/// <param name="Error">Why the last attempt to make one failed, in a sentence.</param>
public sealed record ClassesView(PageFrame Frame, IReadOnlyList<ClassSummary> Classes, NewClassForm? New = null, string? Error = null);
