using System.Data.Common;

namespace Hub.Storage.Engines;

/// <summary>Says to others on the same database that a hub runs on it, from a connection of its own; ends with that connection, however it ends.</summary>
internal interface IDatabaseHold : IDisposable
{
    /// <summary>Null when this hub has it now, else whose it is.</summary>
    /// <exception cref="DbException">The database is away.</exception>
    Task<DatabaseHolder?> TryTakeAsync(CancellationToken cancellationToken);

    /// <summary>Returns when this hub has it still.</summary>
    /// <exception cref="DbException">It is lost, or nobody can tell: the connection broke.</exception>
    Task CheckAsync(CancellationToken cancellationToken);

    /// <summary>Others may take it when this returns; nothing when this hub has it not. Disposing lets go of it, too, without waiting for the server.</summary>
    Task ReleaseAsync();
}
