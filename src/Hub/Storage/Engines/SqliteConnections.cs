using System.Collections.Concurrent;
using System.Globalization;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Hub.Storage.Engines;

/// <summary>
/// Connections to the database file, each set up once. As many are open as are used at the same moment; of those that are given back a few are kept.
/// </summary>
internal sealed class SqliteConnections : IDisposable
{
    private const int MostKept = 32;

    private readonly ConcurrentStack<SqliteConnection> _idle = new();
    private readonly string _connectionString;
    private readonly string _setUp;
    private volatile bool _closed;

    public SqliteConnections(string file, int busySeconds)
    {
        _connectionString = new SqliteConnectionStringBuilder { DataSource = file, Pooling = false, DefaultTimeout = busySeconds }.ToString();
        _setUp = string.Create(CultureInfo.InvariantCulture, $"PRAGMA busy_timeout={busySeconds * 1000}; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;");
    }

    /// <exception cref="StorageException">The system has no SQLite library.</exception>
    /// <exception cref="SqliteException">The file cannot be opened.</exception>
    public async Task<SqliteLease> TakeAsync(CancellationToken cancellationToken)
    {
        if (_idle.TryPop(out SqliteConnection? idle))
            return new SqliteLease(this, idle);
        SqliteLibrary.Use();
        SqliteConnection connection = new(_connectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            await connection.ExecuteAsync(_setUp);
            return new SqliteLease(this, connection);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>For the lease alone.</summary>
    public void GiveBack(SqliteConnection connection)
    {
        // A transaction is open still when its owner failed to end it; closing ends it.
        bool isClean = connection.State == System.Data.ConnectionState.Open && SQLitePCL.raw.sqlite3_get_autocommit(connection.Handle!) != 0;
        if (!isClean || _closed || _idle.Count >= MostKept)
        {
            connection.Dispose();
            return;
        }
        _idle.Push(connection);
        if (_closed)
            CloseIdle();
    }

    /// <summary>Closes what nobody uses; the last one folds the write-ahead log into the database file.</summary>
    public void Dispose()
    {
        _closed = true;
        CloseIdle();
    }

    private void CloseIdle()
    {
        while (_idle.TryPop(out SqliteConnection? idle))
            idle.Dispose();
    }
}
