using System.Collections.Concurrent;
using System.Globalization;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Hub.Storage.Engines;

/// <summary>
/// Connections to the database file, each set up once. As many are open as are used at the same moment; of those that are given back a few are kept.
/// One is for writing alone: what it has read of the file is still so at the next write, since nobody else wrote, while every other one reads it anew.
/// </summary>
internal sealed class SqliteConnections : IDisposable
{
    private const int MostKept = 32;

    private readonly ConcurrentStack<SqliteLink> _idle = new();
    private SqliteLink? _writer;
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
    public async Task<SqliteLease> TakeAsync(CancellationToken cancellationToken) =>
        new(this, _idle.TryPop(out SqliteLink? idle) ? idle : await OpenAsync(cancellationToken), isWriter: false);

    /// <summary>As <see cref="TakeAsync"/>, for whoever is about to write.</summary>
    public async Task<SqliteLease> TakeWriterAsync(CancellationToken cancellationToken) =>
        new(this, Interlocked.Exchange(ref _writer, null) ?? await OpenAsync(cancellationToken), isWriter: true);

    /// <summary>For the lease alone.</summary>
    public void GiveBack(SqliteLink link, bool isWriter)
    {
        // A transaction is open still when its owner failed to end it; closing ends it.
        if (!link.IsClean || _closed || (!isWriter && _idle.Count >= MostKept))
        {
            link.Dispose();
            return;
        }
        if (!isWriter || Interlocked.CompareExchange(ref _writer, link, null) is not null)
            _idle.Push(link);
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
        while (_idle.TryPop(out SqliteLink? idle))
            idle.Dispose();
        Interlocked.Exchange(ref _writer, null)?.Dispose();
    }

    private async Task<SqliteLink> OpenAsync(CancellationToken cancellationToken)
    {
        SqliteLibrary.Use();
        SqliteConnection connection = new(_connectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            await connection.ExecuteAsync(_setUp);
            return new SqliteLink(connection);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
