namespace Spawner.Processes;

/// <summary>One process for ever: its number alone is used again.</summary>
internal sealed record ProcessIdentity(int Id, long StartTicks, string BootId)
{
    /// <summary>Null when it is gone already.</summary>
    public static ProcessIdentity? Of(int id) =>
        ProcessTable.Find(id) is { } entry ? new ProcessIdentity(id, entry.StartTicks, ProcessTable.BootId) : null;
}
