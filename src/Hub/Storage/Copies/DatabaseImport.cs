using System.Data.Common;
using System.Globalization;
using System.Text;
using Dapper;
using Hub.Storage.Engines;

namespace Hub.Storage.Copies;

/// <summary>
/// Fills the database from a copy, whichever engine the copy comes from: the schema of the copy's version is made by this program's own migrations, then
/// the rows go in, all in one transaction. Nothing of the copy is run as SQL; its names must be those of the schema.
/// </summary>
internal sealed class DatabaseImport(HubDatabase database, Migrator migrator)
{
    private const int RowsAtOnce = 100;

    /// <summary>Does the database hold anything of a hub's?</summary>
    public Task<bool> IsEmptyAsync(CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
        {
            IReadOnlyList<TableShape> tables = await database.Engine.TablesAsync(connection, transaction, new HashSet<string> { "users" });
            return tables.Count == 0 || await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM users;", transaction: transaction) == 0;
        }, cancellationToken);

    /// <summary>Replaces everything in the database by the copy and returns how many rows it has; or changes nothing.</summary>
    /// <exception cref="StorageException">The copy is from a newer hub, or is damaged; the message says where.</exception>
    public async Task<long> ReadAsync(TextReader copy, IReadOnlyList<Migration> known, CancellationToken cancellationToken)
    {
        await database.Engine.PrepareAsync(cancellationToken);
        return await database.WriteAsync(async (connection, transaction) =>
        {
            LineReader lines = new(copy, DatabaseCopyCodec.MaxLine);
            try
            {
                CopyHead head = DatabaseCopyCodec.Read<CopyHead>(lines.Next());
                if (head.Format != DatabaseCopyCodec.Format || head.Schema < 1 || head.Schema > known.Count)
                {
                    throw new StorageException($"The backup has schema version {head.Schema} in format {head.Format}; this program knows versions up to {known.Count} in format {DatabaseCopyCodec.Format}. "
                        + "Restore it with the Notebook Hub that made it, or a newer one.");
                }
                // From the last to the first, since a table that is referred to may not go.
                foreach (TableShape table in (await database.Engine.TablesAsync(connection, transaction, Migration.TablesOf(known))).Reverse())
                    await connection.ExecuteAsync($"DROP TABLE \"{table.Name}\";", transaction: transaction);
                await migrator.MakeAsync(connection, transaction, known, head.Schema);
                return await FillAsync(connection, transaction, lines, Migration.TablesOf(known), cancellationToken);
            }
            catch (Exception damaged) when (damaged is InvalidDataException or DbException)
            {
                throw new StorageException($"The backup's database cannot be read at line {lines.Number}: {damaged.Message} Nothing was changed in the database.", damaged);
            }
        }, cancellationToken);
    }

    private async Task<long> FillAsync(DbConnection connection, DbTransaction transaction, LineReader lines, HashSet<string> ours, CancellationToken cancellationToken)
    {
        Dictionary<string, TableShape> shapes = (await database.Engine.TablesAsync(connection, transaction, ours))
            .Where(table => table.Name != Migrator.VersionTableName).ToDictionary(table => table.Name, StringComparer.Ordinal);
        long rows = 0;
        for (string line = lines.Next(); ;)
        {
            if (line.StartsWith("{\"end\"", StringComparison.Ordinal))
            {
                CopyEnd end = DatabaseCopyCodec.Read<CopyEnd>(line);
                return end.Rows == rows && shapes.Count == 0 ? rows
                    : throw new InvalidDataException($"{end.Rows} rows are announced, {rows} are there; {shapes.Count} tables are missing.");
            }
            CopyTable table = DatabaseCopyCodec.Read<CopyTable>(line);
            if (!shapes.Remove(table.Table, out TableShape? shape) || !shape.Columns.Order(StringComparer.Ordinal).SequenceEqual(table.Columns.Order(StringComparer.Ordinal)))
                throw new InvalidDataException($"the table {table.Table} is not one of this schema, or has other columns.");
            List<object?[]> waiting = [];
            for (line = lines.Next(); DatabaseCopyCodec.IsRow(line); line = lines.Next())
            {
                waiting.Add(DatabaseCopyCodec.ReadRow(line, table.Columns.Count));
                if (waiting.Count == RowsAtOnce)
                    rows += await InsertAsync(connection, transaction, table, waiting, cancellationToken);
            }
            rows += await InsertAsync(connection, transaction, table, waiting, cancellationToken);
            if (table.Last is { } last)
                await database.Engine.SetLastNumberAsync(connection, transaction, table.Table, last);
        }
    }

    private static async Task<int> InsertAsync(DbConnection connection, DbTransaction transaction, CopyTable table, List<object?[]> rows, CancellationToken cancellationToken)
    {
        if (rows.Count == 0)
            return 0;
        StringBuilder sql = new($"INSERT INTO \"{table.Table}\" ({string.Join(", ", table.Columns.Select(column => $"\"{column}\""))}) VALUES ");
        DynamicParameters values = new();
        for (int at = 0; at < rows.Count; at++)
        {
            sql.Append(at == 0 ? "(" : ", (");
            for (int column = 0; column < rows[at].Length; column++)
            {
                if (column > 0)
                    sql.Append(", ");
                if (rows[at][column] is { } value)
                {
                    string name = string.Create(CultureInfo.InvariantCulture, $"p{at}_{column}");
                    values.Add(name, value);
                    sql.Append('@').Append(name);
                }
                else
                {
                    sql.Append("NULL");
                }
            }
            sql.Append(')');
        }
        await connection.ExecuteAsync(new CommandDefinition(sql.Append(';').ToString(), values, transaction, cancellationToken: cancellationToken));
        int count = rows.Count;
        rows.Clear();
        return count;
    }
}
