namespace Hub.Admin;

/// <summary>The way from the rows a panel was told to those that are now, as far as it may see.</summary>
public static class RowDifference
{
    /// <summary>What to tell a panel now.</summary>
    /// <param name="before">By id; null when the panel was told nothing yet.</param>
    /// <param name="now">By id. The row of what did not change is the same object as before.</param>
    /// <param name="reaches">As far as its reader reaches now.</param>
    /// <param name="reached">As far as they did then: people join a group and leave it.</param>
    public static RowChanges<TRow> Between<TRow>(
        IReadOnlyDictionary<string, TRow>? before, IReadOnlyDictionary<string, TRow> now, Func<TRow, bool> reaches, Func<TRow, bool> reached)
        where TRow : class
    {
        if (before is null)
            return new RowChanges<TRow>(true, [.. now.Values.Where(reaches)], []);
        return new RowChanges<TRow>(
            false,
            [.. now.Where(row => reaches(row.Value) && (!before.TryGetValue(row.Key, out TRow? known) || !ReferenceEquals(known, row.Value) || !reached(row.Value))).Select(row => row.Value)],
            [.. before.Where(row => reached(row.Value) && (!now.TryGetValue(row.Key, out TRow? still) || !reaches(still))).Select(row => row.Key)]);
    }
}
