using System.Data.Common;
using Dapper;
using Hub.Storage.Engines;

namespace Hub.Storage.Copies;

/// <summary>Writes a copy of the database as it is at one moment, while the hub goes on working with it.</summary>
internal sealed class DatabaseExport(HubDatabase database)
{
    /// <summary>Returns how many rows it wrote; see <see cref="DatabaseCopyCodec"/> for the form.</summary>
    /// <exception cref="StorageException">There is no database of the hub's yet.</exception>
    /// <exception cref="DbException">The database is away.</exception>
    public async Task<long> WriteAsync(TextWriter copy, CancellationToken cancellationToken)
    {
        await using DbConnection connection = await database.OpenAsync(cancellationToken);
        await using DbTransaction snapshot = await database.Engine.BeginSnapshotAsync(connection, cancellationToken);
        IReadOnlyList<TableShape> tables = await database.Engine.TablesAsync(connection, snapshot, Migration.TablesOf(Migration.BuiltIn));
        if (tables.All(table => table.Name != Migrator.VersionTableName))
            throw new StorageException("There is nothing to back up: the database has no tables of a hub's.");
        int schema = await connection.ExecuteScalarAsync<int>("SELECT COALESCE(MAX(version), 0) FROM schema_version;", transaction: snapshot);
        await copy.WriteLineAsync(DatabaseCopyCodec.Write(new CopyHead(DatabaseCopyCodec.Format, schema, database.Engine.Name)));
        long rows = 0;
        foreach (TableShape table in tables.Where(table => table.Name != Migrator.VersionTableName))
            rows += await WriteAsync(connection, snapshot, table, copy, cancellationToken);
        await copy.WriteLineAsync(DatabaseCopyCodec.Write(new CopyEnd(true, rows)));
        await copy.FlushAsync(cancellationToken);
        return rows;
    }

    private static async Task<long> WriteAsync(DbConnection connection, DbTransaction snapshot, TableShape table, TextWriter copy, CancellationToken cancellationToken)
    {
        await copy.WriteLineAsync(DatabaseCopyCodec.Write(new CopyTable(table.Name, table.Columns, table.LastNumber)));
        await using DbDataReader reader = await connection.ExecuteReaderAsync(new CommandDefinition(
            $"SELECT {string.Join(", ", table.Columns.Select(column => $"\"{column}\""))} FROM \"{table.Name}\";", transaction: snapshot, cancellationToken: cancellationToken));
        long rows = 0;
        object?[] row = new object?[table.Columns.Count];
        for (; await reader.ReadAsync(cancellationToken); rows++)
        {
            for (int i = 0; i < row.Length; i++)
                row[i] = await reader.IsDBNullAsync(i, cancellationToken) ? null : reader.GetValue(i);
            await copy.WriteLineAsync(DatabaseCopyCodec.WriteRow(row));
        }
        return rows;
    }
}
