namespace Hub.Admin;

/// <summary>What changed among the kernels since a panel was last told.</summary>
/// <param name="Whole">The rows are all there are, and what the panel knew is void.</param>
/// <param name="Rows">New and changed ones.</param>
/// <param name="Gone">Ids of kernels that are no more.</param>
public sealed record KernelChanges(bool Whole, IReadOnlyList<KernelRow> Rows, IReadOnlyList<string> Gone)
{
    public bool IsEmpty => !Whole && Rows.Count == 0 && Gone.Count == 0;

    /// <summary>The way from what a panel was told to what is now, as far as <paramref name="reaches"/> lets it see.</summary>
    /// <param name="before">Null when it was told nothing yet.</param>
    /// <param name="reached">As far as it let it see then: people join a group and leave it.</param>
    public static KernelChanges Between(
        IReadOnlyDictionary<string, KernelRow>? before, IReadOnlyDictionary<string, KernelRow> now, Func<KernelRow, bool> reaches, Func<KernelRow, bool> reached)
    {
        if (before is null)
            return new KernelChanges(true, [.. now.Values.Where(reaches)], []);
        return new KernelChanges(
            false,
            // The row of an unchanged kernel is the same object from snapshot to snapshot.
            [.. now.Values.Where(row => reaches(row) && (!before.TryGetValue(row.Id, out KernelRow? known) || !ReferenceEquals(known, row) || !reached(row)))],
            [.. before.Values.Where(row => reached(row) && (!now.ContainsKey(row.Id) || !reaches(row))).Select(row => row.Id)]);
    }
}
