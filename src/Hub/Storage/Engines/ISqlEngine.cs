using System.Data.Common;

namespace Hub.Storage.Engines;

/// <summary>
/// What differs between one database and another, and nothing more. Stores write one SQL for all: <c>INSERT … ON CONFLICT</c>, <c>RETURNING</c>,
/// <c>LIMIT … OFFSET</c>, parameters as <c>@name</c>, and <see cref="IsIn"/> for lists; columns hold text and 64 bit integers.
/// </summary>
internal interface ISqlEngine : IDisposable
{
    /// <summary>As in <see cref="StorageOptions.Provider"/>.</summary>
    string Name { get; }

    /// <summary>A connection set up for the hub.</summary>
    /// <exception cref="DbException">There is none to be had.</exception>
    Task<DbConnection> OpenAsync(CancellationToken cancellationToken);

    /// <summary>As <see cref="OpenAsync"/>, for one who is about to write; one at a time.</summary>
    /// <exception cref="DbException">There is none to be had.</exception>
    Task<DbConnection> OpenToWriteAsync(CancellationToken cancellationToken);

    /// <summary>A transaction that is the only writing one, in this process and in all others on the same database, until it ends.</summary>
    /// <exception cref="DbException">Another process writes for longer than <see cref="StorageOptions.BusyTimeoutSeconds"/>.</exception>
    Task<DbTransaction> BeginWriteAsync(DbConnection connection, CancellationToken cancellationToken);

    /// <summary>A transaction in which every query sees the same moment; it may not write.</summary>
    Task<DbTransaction> BeginSnapshotAsync(DbConnection connection, CancellationToken cancellationToken);

    /// <summary>What a database needs once, before its first migration.</summary>
    Task PrepareAsync(CancellationToken cancellationToken);

    /// <summary>What keeps other hubs off the database; null where the data directory's lock does.</summary>
    IDatabaseHold? CreateHold();

    /// <summary>A step's SQL as this engine takes it.</summary>
    string Translate(string schema);

    /// <summary>The condition that <paramref name="column"/> is one of the list <paramref name="parameter"/> (with its <c>@</c>), given as <see cref="List{T}"/>.</summary>
    string IsIn(string column, string parameter);

    /// <summary>The value of one parameter that is a list.</summary>
    object List<T>(IEnumerable<T> values);

    /// <summary>Those of the tables <paramref name="among"/> that there are, each after those it refers to.</summary>
    Task<IReadOnlyList<TableShape>> TablesAsync(DbConnection connection, DbTransaction transaction, IReadOnlySet<string> among);

    /// <summary>Rows the engine numbers by itself get greater numbers from here on.</summary>
    Task SetLastNumberAsync(DbConnection connection, DbTransaction transaction, string table, long last);
}
