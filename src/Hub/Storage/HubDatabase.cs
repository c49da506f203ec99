using System.Data.Common;
using Dapper;
using Hub.Storage.Engines;
using Microsoft.Extensions.Options;

namespace Hub.Storage;

/// <summary>
/// The database as stores see it: pooled connections, each set up the same way, and transactions. Stores write plain SQL against
/// <see cref="DbConnection"/>, the same for every engine; what differs is in <see cref="ISqlEngine"/>.
/// </summary>
/// <remarks>
/// There is one writer at a time, so what a store reads in a write is still so when it writes. Writers of this process queue here, in order of arrival;
/// writers of other processes are waited for by the engine. Either wait ends after <c>Storage:BusyTimeoutSeconds</c>.
/// </remarks>
public sealed class HubDatabase : IDisposable
{
    private readonly TimeSpan _patience;
    private readonly SemaphoreSlim _writer = new(1, 1);
    private long _writes;
    private bool _isShared;

    static HubDatabase() => DefaultTypeMap.MatchNamesWithUnderscores = true;

    /// <exception cref="StorageException">The connection string is not understood.</exception>
    public HubDatabase(DataLayout layout, IOptions<StorageOptions> options)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(options);
        _patience = TimeSpan.FromSeconds(options.Value.BusyTimeoutSeconds);
        Engine = options.Value.Provider == StorageOptions.PostgreSql ? new PostgreSqlEngine(options.Value) : new SqliteEngine(layout.Database, options.Value);
    }

    internal ISqlEngine Engine { get; }

    /// <summary>
    /// How many writes have ended. What was read is still so while this is what it was before the reading: a hub has its database for itself
    /// (<see cref="DataLock"/>, <see cref="DatabaseLock"/>), and no write returns before it is counted.
    /// </summary>
    public long Writes => Volatile.Read(ref _writes);

    /// <summary>Another hub may write at this moment: nothing that was read is still so.</summary>
    public bool IsShared
    {
        get => Volatile.Read(ref _isShared);
        internal set
        {
            Interlocked.Increment(ref _writes);
            Volatile.Write(ref _isShared, value);
        }
    }

    /// <summary>A connection ready for use; dispose it to give it back.</summary>
    /// <exception cref="StorageException">The system has no SQLite library.</exception>
    /// <exception cref="DbException">The database cannot be opened.</exception>
    public Task<DbConnection> OpenAsync(CancellationToken cancellationToken) => Engine.OpenAsync(cancellationToken);

    /// <summary>The condition that <paramref name="column"/> is one of the list <paramref name="parameter"/> (with its <c>@</c>), given as <see cref="ListOf{T}"/>.</summary>
    public string IsIn(string column, string parameter) => Engine.IsIn(column, parameter);

    /// <summary>The value of a parameter that is a list; of any length.</summary>
    public ListParameter ListOf<T>(IEnumerable<T> values) => new(Engine.List(values));

    /// <summary>Runs <paramref name="read"/> on a connection of its own.</summary>
    public async Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken)
    {
        await using DbConnection connection = await OpenAsync(cancellationToken);
        return await read(connection);
    }

    /// <summary>
    /// Runs <paramref name="write"/> in one transaction: committed when it returns, rolled back when it throws. Do nothing slow inside,
    /// other writers wait.
    /// </summary>
    /// <exception cref="DbException">The database is away, or others write for longer than <c>Storage:BusyTimeoutSeconds</c>; nothing was changed.</exception>
    public async Task<T> WriteAsync<T>(Func<DbConnection, DbTransaction, Task<T>> write, CancellationToken cancellationToken)
    {
        if (!await _writer.WaitAsync(_patience, cancellationToken))
            throw new DatabaseUnavailableException($"Other writes take longer than {_patience.TotalSeconds} seconds (Storage:BusyTimeoutSeconds).");
        try
        {
            await using DbConnection connection = await OpenAsync(cancellationToken);
            await using DbTransaction transaction = await Engine.BeginWriteAsync(connection, cancellationToken);
            T result = await write(connection, transaction);
            await transaction.CommitAsync(cancellationToken);
            return result;
        }
        finally
        {
            // Also after a failure: a commit that was sent may have been done.
            Interlocked.Increment(ref _writes);
            _writer.Release();
        }
    }

    /// <summary>As <see cref="WriteAsync{T}"/>, without a result.</summary>
    public Task WriteAsync(Func<DbConnection, DbTransaction, Task> write, CancellationToken cancellationToken) =>
        WriteAsync(async (connection, transaction) =>
        {
            await write(connection, transaction);
            return true;
        }, cancellationToken);

    /// <summary>Closes the pooled connections.</summary>
    public void Dispose()
    {
        Engine.Dispose();
        _writer.Dispose();
    }
}
