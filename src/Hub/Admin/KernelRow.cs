namespace Hub.Admin;

/// <summary>One kernel as a panel shows it. A row that is equal to what a panel has is not sent again.</summary>
/// <param name="Kind">Name of its kernelspec.</param>
/// <param name="Path">Its notebook relative to the owner's home; a directory where no document is tied to it.</param>
/// <param name="State">As on the wire: <c>starting idle busy restarting dead</c>.</param>
/// <param name="BusySince">Null when no cell runs.</param>
/// <param name="BusyFor">Who ran the cell.</param>
/// <param name="Cell">Which of the asked cells runs, from 1; 0 when none does.</param>
/// <param name="LastActivity">To the second.</param>
/// <param name="Memory">In bytes; null when the spawner cannot tell.</param>
/// <param name="MemoryLimit">Bytes its process is held to since it was started; null where its spawner holds it to none.</param>
/// <param name="Cpu">In hundredths of one processor; null when the spawner cannot tell, or could not yet.</param>
/// <param name="Reason">Why it is dead, or what is wrong with it.</param>
/// <param name="Failed">The last cell that was run to its end failed.</param>
/// <param name="Server">Which of the owner's servers it is of; empty for the default one.</param>
public sealed record KernelRow(
    string Id,
    string User,
    string Kind,
    string Path,
    string State,
    DateTimeOffset? BusySince,
    string? BusyFor,
    int Cell,
    int Of,
    int Tabs,
    DateTimeOffset LastActivity,
    long? Memory,
    long? MemoryLimit,
    int? Cpu,
    string? Reason,
    bool Failed,
    string Server = "");
