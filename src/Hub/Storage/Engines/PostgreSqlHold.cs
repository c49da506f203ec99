using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using Npgsql;

namespace Hub.Storage.Engines;

/// <summary>
/// An advisory lock of the schema in a transaction that stays open: the server lets go of it when the connection ends, whichever way the hub does. A transaction's
/// lock and not a session's, because a pooler in transaction mode keeps a connection only for as long as a transaction. It has read nothing and written nothing,
/// so it holds up neither vacuum nor anybody else.
/// </summary>
/// <remarks>Who holds it is told by the connection's application name, of which PostgreSQL keeps 63 bytes; no table has to be right for it.</remarks>
internal sealed class PostgreSqlHold : IDatabaseHold
{
    private const int LongestName = 63;

    // 1. Nothing ends an idle transaction of this connection (transaction_timeout is PostgreSQL 17's). 2. A hub whose machine vanished is given up after half a minute.
    private const string SetUp =
        """
        SET LOCAL idle_in_transaction_session_timeout = 0;
        SELECT set_config(name, '0', true) FROM pg_settings WHERE name = 'transaction_timeout';
        SET LOCAL tcp_keepalives_idle = 15; SET LOCAL tcp_keepalives_interval = 5; SET LOCAL tcp_keepalives_count = 3;
        SELECT set_config('application_name', @name, true);
        """;

    private const string Key = "hashtextextended('notebook hub runs on ' || current_schema(), 0)";

    /// <summary>A lock of one 64 bit key shows as its two halves.</summary>
    private const string Holder =
        $"""
        SELECT a.application_name, COALESCE(host(a.client_addr), ''), a.xact_start
        FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
        WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
          AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND ((l.classid::bigint << 32) | l.objid::bigint) = {Key};
        """;

    private readonly string _connectionString;
    private readonly string _name;
    private NpgsqlConnection? _connection;
    private NpgsqlTransaction? _transaction;

    public PostgreSqlHold(NpgsqlConnectionStringBuilder connection)
    {
        _connectionString = new NpgsqlConnectionStringBuilder(connection.ConnectionString) { Pooling = false }.ConnectionString;
        string self = string.Create(CultureInfo.InvariantCulture, $"notebook-hub {Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(3))} {Environment.ProcessId} {Environment.MachineName}");
        _name = self.Length <= LongestName ? self : self[..LongestName];
    }

    public async Task<DatabaseHolder?> TryTakeAsync(CancellationToken cancellationToken)
    {
        await ReleaseAsync();
        try
        {
            _connection = new NpgsqlConnection(_connectionString);
            await _connection.OpenAsync(cancellationToken);
            _transaction = await _connection.BeginTransactionAsync(cancellationToken);
            await using (NpgsqlCommand setUp = new(SetUp, _connection, _transaction) { Parameters = { new("name", _name) } })
                await setUp.ExecuteNonQueryAsync(cancellationToken);
            await using NpgsqlCommand take = new($"SELECT pg_try_advisory_xact_lock({Key});", _connection, _transaction);
            if (await take.ExecuteScalarAsync(cancellationToken) is true)
                return null;
            DatabaseHolder holder = await FindHolderAsync(cancellationToken);
            await ReleaseAsync();
            return holder;
        }
        catch (Exception away) when (away is SocketException or TimeoutException)
        {
            await ReleaseAsync();
            throw new DatabaseUnavailableException($"The PostgreSQL server cannot be reached: {away.Message}", away);
        }
        catch
        {
            await ReleaseAsync();
            throw;
        }
    }

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        if (_connection is null)
            throw new DatabaseUnavailableException("The connection that holds the database for this hub is gone.");
        await using NpgsqlCommand ask = new("SELECT 1;", _connection, _transaction);
        await ask.ExecuteScalarAsync(cancellationToken);
    }

    public async Task ReleaseAsync()
    {
        (NpgsqlConnection? connection, _connection) = (_connection, null);
        (NpgsqlTransaction? transaction, _transaction) = (_transaction, null);
        try
        {
            if (transaction is not null)
                await transaction.DisposeAsync();
        }
        catch (Exception broken) when (broken is NpgsqlException or SocketException or TimeoutException or IOException)
        {
            // The server lets go of it with the connection.
        }
        if (connection is not null)
            await connection.DisposeAsync();
    }

    public void Dispose()
    {
        _connection?.Dispose();
        (_connection, _transaction) = (null, null);
    }

    private async Task<DatabaseHolder> FindHolderAsync(CancellationToken cancellationToken)
    {
        await using NpgsqlCommand ask = new(Holder, _connection, _transaction);
        await using NpgsqlDataReader row = await ask.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken))
            return new("it ended at this moment", IsThisHub: false);
        string name = await row.IsDBNullAsync(0, cancellationToken) ? "" : row.GetString(0);
        string address = row.GetString(1) is { Length: > 0 } from ? $" at {from}" : "";
        DateTime? began = await row.IsDBNullAsync(2, cancellationToken) ? null : await row.GetFieldValueAsync<DateTime>(2, cancellationToken);
        string since = began is { } at ? string.Create(CultureInfo.InvariantCulture, $", since {at.ToUniversalTime():yyyy-MM-dd HH:mm:ss} UTC") : "";
        // Another role's connections keep their name to themselves.
        return name.Split(' ', 4) is ["notebook-hub", _, { } process, { } machine]
            ? new($"process {process} on {machine}{address}{since}", name == _name)
            : new($"a connection of another role{address}{since}", IsThisHub: false);
    }
}
