namespace Web.Pages;

/// <summary>A table of text, as the server draws a page of the panel.</summary>
/// <param name="Columns">Their heads; none draws the caption alone.</param>
/// <param name="Rows">The first cell of each names it.</param>
/// <param name="Note">A sentence below.</param>
public sealed record AdminTable(
    string Caption, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows, string? Note = null, PageLink? Back = null, PageLink? Next = null);
