namespace Hub.Admin;

/// <summary>What changed in a table since a panel was last told.</summary>
/// <param name="Whole">The rows are all there are, and what the panel knew is void.</param>
/// <param name="Rows">New and changed ones.</param>
/// <param name="Gone">Ids of rows that are no more.</param>
public sealed record RowChanges<TRow>(bool Whole, IReadOnlyList<TRow> Rows, IReadOnlyList<string> Gone)
    where TRow : class
{
    public bool IsEmpty => !Whole && Rows.Count == 0 && Gone.Count == 0;
}
