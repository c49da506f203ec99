using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Net.Sockets;
using Dapper;
using Npgsql;

namespace Hub.Storage.Engines;

/// <summary>
/// A PostgreSQL server. Everything lies in the first schema of the connection's search path, so several hubs may share a database, each with a schema of its own.
/// </summary>
/// <remarks>
/// What a transaction needs is set inside of it, not on the connection, so that a pooler such as PgBouncer may stand between in its transaction mode.
/// </remarks>
internal sealed class PostgreSqlEngine : ISqlEngine
{
    private readonly NpgsqlConnectionStringBuilder _connection;
    private readonly NpgsqlDataSource _source;
    private readonly string _beginWrite;

    /// <exception cref="StorageException">The connection string is not understood; the message names no value of it.</exception>
    public PostgreSqlEngine(StorageOptions options)
    {
        // 1. A server that waits for a hub that is gone lets go. 2. Who waits too long is told. 3. One writer at a time, whoever it is: the stores rely on it,
        // as with SQLite. The lock is this schema's and ends with the transaction, also when the connection breaks.
        int milliseconds = options.BusyTimeoutSeconds * 1000;
        _beginWrite = string.Create(
            CultureInfo.InvariantCulture,
            $"""
            SET LOCAL idle_in_transaction_session_timeout = {Math.Max(milliseconds, 60_000)};
            SET LOCAL lock_timeout = {milliseconds};
            SELECT pg_advisory_xact_lock(hashtextextended('notebook hub ' || current_schema(), 0));
            """);
        try
        {
            _connection = new(options.ConnectionString)
            {
                ApplicationName = "notebook-hub",
                Timeout = options.ConnectSeconds,
                CommandTimeout = options.CommandSeconds,
                Pooling = true,
                MinPoolSize = 0,
                MaxPoolSize = options.MaxConnections,
                KeepAlive = 0,
                TcpKeepAlive = true,
                PersistSecurityInfo = false,
                IncludeErrorDetail = false,
            };
            _source = NpgsqlDataSource.Create(_connection);
        }
        catch (Exception wrong) when (wrong is ArgumentException or FormatException or InvalidOperationException)
        {
            // Without the cause: what surrounds it may hold the password.
            throw new StorageException($"The setting Storage:ConnectionString is wrong: {(wrong is ArgumentException { ParamName: { } part } ? $"'{part}' is not understood" : "it has not the form Host=…;Database=…;Username=…;Password=…")}.");
        }
    }

    public string Name => StorageOptions.PostgreSql;

    public async Task<DbConnection> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _source.OpenConnectionAsync(cancellationToken);
        }
        catch (Exception away) when (away is SocketException or TimeoutException)
        {
            // A host name that is not found comes as it is from the resolver.
            throw new DatabaseUnavailableException($"The PostgreSQL server cannot be reached: {away.Message}", away);
        }
    }

    public Task<DbConnection> OpenToWriteAsync(CancellationToken cancellationToken) => OpenAsync(cancellationToken);

    public async Task<DbTransaction> BeginWriteAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        DbTransaction transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);
        try
        {
            await connection.ExecuteAsync(new CommandDefinition(_beginWrite, transaction: transaction, cancellationToken: cancellationToken));
            return transaction;
        }
        catch
        {
            await transaction.DisposeAsync();
            throw;
        }
    }

    public async Task<DbTransaction> BeginSnapshotAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        DbTransaction transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        await connection.ExecuteAsync("SET TRANSACTION READ ONLY;", transaction: transaction);
        return transaction;
    }

    public Task PrepareAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public IDatabaseHold CreateHold() => new PostgreSqlHold(_connection);

    public string Translate(string schema) => PostgreSqlSchemaCodec.Translate(schema);

    public string IsIn(string column, string parameter) => $"{column} = ANY({parameter})";

    public object List<T>(IEnumerable<T> values) => values.ToArray();

    public async Task<IReadOnlyList<TableShape>> TablesAsync(DbConnection connection, DbTransaction transaction, IReadOnlySet<string> among)
    {
        // Tables are numbered as they are made.
        IEnumerable<string> names = await connection.QueryAsync<string>(
            "SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' ORDER BY c.oid::bigint;", transaction: transaction);
        List<TableShape> tables = [];
        foreach (string name in names.Where(among.Contains))
        {
            IEnumerable<string> columns = await connection.QueryAsync<string>(
                "SELECT column_name::text FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = @name ORDER BY ordinal_position;", new { name }, transaction);
            string? sequence = await SequenceOfAsync(connection, transaction, name);
            long? last = sequence is null ? null
                : await connection.ExecuteScalarAsync<long>($"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence};", transaction: transaction);
            IEnumerable<string> references = await connection.QueryAsync<string>(
                "SELECT DISTINCT r.relname::text FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class r ON r.oid = k.confrelid "
                + "WHERE k.contype = 'f' AND c.relname = @name AND c.relnamespace = current_schema()::regnamespace;", new { name }, transaction);
            tables.Add(new(name, [.. columns], last, [.. references]));
        }
        return TableShape.InOrder(tables);
    }

    public async Task SetLastNumberAsync(DbConnection connection, DbTransaction transaction, string table, long last)
    {
        if (last > 0 && await SequenceOfAsync(connection, transaction, table) is { } sequence)
            await connection.ExecuteAsync("SELECT setval(@sequence::regclass, @last);", new { sequence, last }, transaction);
    }

    public void Dispose() => _source.Dispose();

    /// <summary>The sequence behind the column <c>id</c>, with quotes where it needs them; null where there is none.</summary>
    private static async Task<string?> SequenceOfAsync(DbConnection connection, DbTransaction transaction, string table) =>
        await connection.ExecuteScalarAsync<string?>(
            """
            SELECT pg_get_serial_sequence(quote_ident(current_schema()) || '.' || quote_ident(@table), 'id')
            WHERE EXISTS (SELECT 1 FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = @table AND column_name = 'id');
            """,
            new { table },
            transaction);
}
