using System.Data.Common;
using System.Text.Json;
using Dapper;

namespace Hub.Storage.Engines;

/// <summary>The database in the data directory: connections to <c>hub.db</c> that stay open, write-ahead log.</summary>
internal sealed class SqliteEngine(string file, StorageOptions options) : ISqlEngine
{
    private readonly SqliteConnections _connections = new(file, options.BusyTimeoutSeconds);

    public string Name => StorageOptions.Sqlite;

    /// <exception cref="StorageException">The system has no SQLite library.</exception>
    public async Task<DbConnection> OpenAsync(CancellationToken cancellationToken) => await _connections.TakeAsync(cancellationToken);

    /// <exception cref="StorageException">The system has no SQLite library.</exception>
    public async Task<DbConnection> OpenToWriteAsync(CancellationToken cancellationToken) => await _connections.TakeWriterAsync(cancellationToken);

    /// <remarks>The driver begins with BEGIN IMMEDIATE, so the write lock is taken here and not in the middle.</remarks>
    public async Task<DbTransaction> BeginWriteAsync(DbConnection connection, CancellationToken cancellationToken) =>
        await connection.BeginTransactionAsync(cancellationToken);

    public Task<DbTransaction> BeginSnapshotAsync(DbConnection connection, CancellationToken cancellationToken) =>
        Task.FromResult(((SqliteLease)connection).BeginDeferred());

    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await using DbConnection connection = await OpenAsync(cancellationToken);
        await connection.ExecuteAsync("PRAGMA journal_mode=WAL;");
    }

    public IDatabaseHold? CreateHold() => null;

    public string Translate(string schema) => schema;

    /// <remarks>
    /// One parameter however long the list is: written out as so many, each would be looked for by its name among all the others, the statement would be read anew
    /// for every length, and the library takes only so many.
    /// </remarks>
    public string IsIn(string column, string parameter) => $"{column} IN (SELECT value FROM json_each({parameter}))";

    public object List<T>(IEnumerable<T> values) => JsonSerializer.Serialize(values);

    public async Task<IReadOnlyList<TableShape>> TablesAsync(DbConnection connection, DbTransaction transaction, IReadOnlySet<string> among)
    {
        IEnumerable<string> names = await connection.QueryAsync<string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid;", transaction: transaction);
        bool isNumbering = await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM sqlite_schema WHERE name = 'sqlite_sequence';", transaction: transaction) > 0;
        List<TableShape> tables = [];
        foreach (string name in names.Where(among.Contains))
        {
            IEnumerable<string> columns = await connection.QueryAsync<string>("SELECT name FROM pragma_table_info(@name) ORDER BY cid;", new { name }, transaction);
            bool isNumbered = await connection.ExecuteScalarAsync<long>(
                "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = @name AND sql LIKE '%AUTOINCREMENT%';", new { name }, transaction) > 0;
            long last = isNumbering ? await connection.ExecuteScalarAsync<long>("SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = @name;", new { name }, transaction) : 0;
            IEnumerable<string> references = await connection.QueryAsync<string>("SELECT DISTINCT \"table\" FROM pragma_foreign_key_list(@name);", new { name }, transaction);
            tables.Add(new(name, [.. columns], isNumbered ? last : null, [.. references]));
        }
        return TableShape.InOrder(tables);
    }

    public Task SetLastNumberAsync(DbConnection connection, DbTransaction transaction, string table, long last) =>
        connection.ExecuteAsync("DELETE FROM sqlite_sequence WHERE name = @table; INSERT INTO sqlite_sequence (name, seq) VALUES (@table, @last);", new { table, last }, transaction);

    /// <summary>Closes the connections, so that the write-ahead log is folded into the database file.</summary>
    public void Dispose() => _connections.Dispose();
}
