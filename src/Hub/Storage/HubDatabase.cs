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
    /// How many writes have ended that may have changed anything. What was read is still so while this, and the count of each <see cref="DataKind"/> it is of, is what
    /// it was before the reading: a hub has its database for itself (<see cref="DataLock"/>, <see cref="DatabaseLock"/>), and no write returns before it is counted.
    /// </summary>
    internal long Writes => Volatile.Read(ref _writes);

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
    /// other writers wait. All that a <see cref="ReadCache{TKey, TValue}"/> remembers is forgotten.
    /// </summary>
    /// <exception cref="DbException">The database is away, or others write for longer than <c>Storage:BusyTimeoutSeconds</c>; nothing was changed.</exception>
    public Task<T> WriteAsync<T>(Func<DbConnection, DbTransaction, Task<T>> write, CancellationToken cancellationToken) =>
        WriteAsync(null, write, null, cancellationToken);

    /// <summary>As <see cref="WriteAsync{T}(Func{DbConnection, DbTransaction, Task{T}}, CancellationToken)"/>, for a write that changes little of what is remembered.</summary>
    /// <param name="changed">Only what is remembered of these is forgotten: every kind of which the write may change what was found before. Null is all there are.</param>
    /// <param name="write">As above.</param>
    /// <param name="committed">Called with the result when it is in the database and what it changed is forgotten, before anybody else may write: for whoever knows the new state.</param>
    /// <exception cref="DbException">As above.</exception>
    public async Task<T> WriteAsync<T>(
        IReadOnlyList<DataKind>? changed, Func<DbConnection, DbTransaction, Task<T>> write, Action<T>? committed, CancellationToken cancellationToken)
    {
        if (!await _writer.WaitAsync(_patience, cancellationToken))
            throw new DatabaseUnavailableException($"Other writes take longer than {_patience.TotalSeconds} seconds (Storage:BusyTimeoutSeconds).");
        try
        {
            T result;
            try
            {
                await using DbConnection connection = await Engine.OpenToWriteAsync(cancellationToken);
                await using DbTransaction transaction = await Engine.BeginWriteAsync(connection, cancellationToken);
                result = await write(connection, transaction);
                await transaction.CommitAsync(cancellationToken);
            }
            finally
            {
                // Also after a failure: a commit that was sent may have been done.
                CountWrite(changed);
            }
            committed?.Invoke(result);
            return result;
        }
        finally
        {
            _writer.Release();
        }
    }

    /// <summary>As <see cref="WriteAsync{T}(Func{DbConnection, DbTransaction, Task{T}}, CancellationToken)"/>, without a result.</summary>
    public Task WriteAsync(Func<DbConnection, DbTransaction, Task> write, CancellationToken cancellationToken) =>
        WriteAsync(async (connection, transaction) =>
        {
            await write(connection, transaction);
            return true;
        }, cancellationToken);

    /// <summary>As above, without a result.</summary>
    public Task WriteAsync(IReadOnlyList<DataKind> changed, Func<DbConnection, DbTransaction, Task> write, CancellationToken cancellationToken) =>
        WriteAsync(changed, async (connection, transaction) =>
        {
            await write(connection, transaction);
            return true;
        }, null, cancellationToken);

    /// <summary>Closes the pooled connections.</summary>
    public void Dispose()
    {
        Engine.Dispose();
        _writer.Dispose();
    }

    private void CountWrite(IReadOnlyList<DataKind>? changed)
    {
        if (changed is null)
        {
            Interlocked.Increment(ref _writes);
            return;
        }
        foreach (DataKind kind in changed)
            kind.Changed();
    }
}
