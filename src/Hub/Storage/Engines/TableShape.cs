namespace Hub.Storage.Engines;

/// <summary>A table as a copy of the database needs to know it.</summary>
/// <param name="Name">Without quotes.</param>
/// <param name="Columns">In their order.</param>
/// <param name="LastNumber">The last number the engine gave to a row by itself, which it never gives again; null where rows come with their keys.</param>
/// <param name="References">Tables whose rows this one's rows refer to.</param>
internal sealed record TableShape(string Name, IReadOnlyList<string> Columns, long? LastNumber, IReadOnlyList<string> References)
{
    /// <summary>Each after those it refers to, which a column added later may have turned round; else in the order they are in.</summary>
    /// <exception cref="InvalidOperationException">Tables refer to each other in a circle.</exception>
    public static IReadOnlyList<TableShape> InOrder(IReadOnlyList<TableShape> tables)
    {
        List<TableShape> ordered = [];
        List<TableShape> left = [.. tables];
        while (left.Count > 0)
        {
            TableShape next = left.Find(table => !table.References.Any(to => to != table.Name && left.Exists(other => other.Name == to)))
                ?? throw new InvalidOperationException($"the tables {string.Join(", ", left.Select(table => table.Name))} refer to each other in a circle");
            ordered.Add(next);
            left.Remove(next);
        }

        return ordered;
    }
}
