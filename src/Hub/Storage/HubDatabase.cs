using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace Hub.Storage;

/// <summary>
/// The database as stores see it: pooled connections, each set up the same way, and transactions. Stores write plain SQL against
/// <see cref="DbConnection"/>, so that another engine can stand behind the same stores.
/// </summary>
/// <remarks>
/// SQLite takes one writer at a time and makes the others poll. Writers of this process therefore queue here, in order of arrival;
/// only writers of other processes are waited for by SQLite itself, up to <c>Storage:BusyTimeoutSeconds</c>.
/// </remarks>
public sealed class HubDatabase : IDisposable
{
    private readonly string _connectionString;
    private readonly string _setUp;
    private readonly SemaphoreSlim _writer = new(1, 1);

    static HubDatabase() => DefaultTypeMap.MatchNamesWithUnderscores = true;

    public HubDatabase(DataLayout layout, IOptions<StorageOptions> options)
    {
        int seconds = options.Value.BusyTimeoutSeconds;
        _connectionString = new SqliteConnectionStringBuilder { DataSource = layout.Database, Pooling = true, DefaultTimeout = seconds }.ToString();
        // The pool forgets nothing but promises nothing either: every open sets what the hub relies on.
        _setUp = $"PRAGMA busy_timeout={seconds * 1000}; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;";
    }

    /// <summary>A connection ready for use; dispose it to give it back.</summary>
    /// <exception cref="StorageException">The system has no SQLite library.</exception>
    /// <exception cref="DbException">The database cannot be opened.</exception>
    public async Task<DbConnection> OpenAsync(CancellationToken cancellationToken)
    {
        SqliteLibrary.Use();
        var connection = new SqliteConnection(_connectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            await connection.ExecuteAsync(_setUp);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

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
    public async Task<T> WriteAsync<T>(Func<DbConnection, DbTransaction, Task<T>> write, CancellationToken cancellationToken)
    {
        await _writer.WaitAsync(cancellationToken);
        try
        {
            await using DbConnection connection = await OpenAsync(cancellationToken);
            await using DbTransaction transaction = await connection.BeginTransactionAsync(cancellationToken);
            T result = await write(connection, transaction);
            await transaction.CommitAsync(cancellationToken);
            return result;
        }
        finally
        {
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

    /// <summary>Closes the pooled connections, so that the write-ahead log is folded into the database file.</summary>
    public void Dispose()
    {
        using (var connection = new SqliteConnection(_connectionString))
            SqliteConnection.ClearPool(connection);
        _writer.Dispose();
    }
}
