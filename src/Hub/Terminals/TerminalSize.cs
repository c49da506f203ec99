namespace Hub.Terminals;

/// <summary>Rows and columns.</summary>
public readonly record struct TerminalSize(ushort Rows, ushort Columns)
{
    /// <summary>Beyond it no screen is; programs allocate by these numbers.</summary>
    public const int Most = 1_000;

    /// <summary>The size every tab can show whole, as terminado does it; null when no tab has said its own.</summary>
    public static TerminalSize? SmallestOf(IEnumerable<TerminalSize> sizes)
    {
        TerminalSize? smallest = null;
        foreach (TerminalSize size in sizes)
            smallest = smallest is { } so ? new TerminalSize(Math.Min(so.Rows, size.Rows), Math.Min(so.Columns, size.Columns)) : size;
        return smallest;
    }
}
