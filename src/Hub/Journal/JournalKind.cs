namespace Hub.Journal;

/// <summary>What an entry of a journal records; the numbers are those on disk.</summary>
public enum JournalKind : byte
{
    /// <summary>Something the kernel said, or the hub on its behalf.</summary>
    Said,

    /// <summary>A request that was sent to the kernel for somebody.</summary>
    Asked,

    /// <summary>A remark of the hub for whoever reads the journal: a gap, a drop, a start. No tab is shown it.</summary>
    Note,
}
