using System.Data.Common;
using Dapper;
using Xunit;

namespace Hub.Tests.Storage;

/// <summary>What is SQLite's alone.</summary>
public sealed class SqliteEngineTests
{
    [Fact]
    public async Task Every_connection_is_set_up_whether_new_or_used_before()
    {
        using TemporaryDatabase temporary = TemporaryDatabase.CreateSqlite(busySeconds: 1);
        await TemporaryDatabase.MigratorOf(temporary.Database).RunAsync([], default);
        for (int round = 0; round < 3; round++)
        {
            // One more at the same time in each round: the last ones are new, the others were used before.
            List<DbConnection> open = [];
            for (int one = 0; one <= round; one++)
                open.Add(await temporary.Database.OpenAsync(default));
            foreach (DbConnection connection in open)
            {
                await IsSetUpAsync(connection);
                Assert.Equal("wal", await connection.ExecuteScalarAsync<string>("PRAGMA journal_mode;"));
            }
            open.ForEach(connection => connection.Dispose());
            // Given back once is given back: the second time does not reach whoever has it by then.
            open.ForEach(connection => connection.Dispose());
        }
    }

    [Fact]
    public async Task What_somebody_left_undone_does_not_reach_the_next()
    {
        using TemporaryDatabase temporary = TemporaryDatabase.CreateSqlite(busySeconds: 1);
        await using (DbConnection connection = await temporary.Database.OpenAsync(default))
            await connection.ExecuteAsync("CREATE TABLE t (x INTEGER); BEGIN IMMEDIATE; INSERT INTO t VALUES (1);");
        await using DbConnection next = await temporary.Database.OpenAsync(default);
        Assert.Equal(0, await next.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM t;"));
        await IsSetUpAsync(next);
    }

    [Fact]
    public async Task A_statement_that_is_kept_forgets_its_values_and_learns_of_new_tables()
    {
        using TemporaryDatabase temporary = TemporaryDatabase.CreateSqlite(busySeconds: 1);
        await using DbConnection connection = await temporary.Database.OpenAsync(default);
        await connection.ExecuteAsync("CREATE TABLE t (x INTEGER UNIQUE);");
        for (int x = 0; x < 3; x++)
            await connection.ExecuteAsync("INSERT INTO t VALUES (@x);", new { x });
        await Assert.ThrowsAnyAsync<DbException>(() => connection.ExecuteAsync("INSERT INTO t VALUES (@x);", new { x = 1 }));
        await Assert.ThrowsAnyAsync<Exception>(() => connection.ExecuteAsync("INSERT INTO t VALUES (@x);")); // the value of the time before is none
        Assert.Equal(1, await connection.ExecuteAsync("INSERT INTO t VALUES (@x);", new { x = 3 }));
        for (int round = 0; round < 2; round++)
            Assert.Equal([0, 1, 2, 3], await connection.QueryAsync<long>("SELECT * FROM t ORDER BY x;"));
        await connection.ExecuteAsync("ALTER TABLE t ADD COLUMN y INTEGER NOT NULL DEFAULT 7;");
        Assert.Equal((3, 7), await connection.QuerySingleAsync<(long, long)>("SELECT * FROM t WHERE x = @x;", new { x = 3 }));
    }

    [Fact]
    public async Task A_statement_is_there_twice_while_the_first_is_still_read()
    {
        using TemporaryDatabase temporary = TemporaryDatabase.CreateSqlite(busySeconds: 1);
        await using DbConnection connection = await temporary.Database.OpenAsync(default);
        const string numbers = "WITH n AS (SELECT value FROM json_each(@list)) SELECT value FROM n ORDER BY value;";
        for (int round = 0; round < 3; round++)
        {
            await using DbCommand first = connection.CreateCommand(), second = connection.CreateCommand();
            foreach ((DbCommand command, string list) in new[] { (first, "[1,2]"), (second, "[3,4]") })
            {
                command.CommandText = numbers;
                DbParameter parameter = command.CreateParameter();
                (parameter.ParameterName, parameter.Value) = ("@list", list);
                command.Parameters.Add(parameter);
            }
            await using DbDataReader one = await first.ExecuteReaderAsync();
            await using DbDataReader other = await second.ExecuteReaderAsync();
            for (int row = 0; row < 2; row++)
            {
                Assert.True(await one.ReadAsync() && await other.ReadAsync());
                Assert.Equal((1 + row, 3 + row), (one.GetInt64(0), other.GetInt64(0)));
            }
        }
    }

    [Fact]
    public async Task A_writer_that_failed_leaves_nothing_to_the_next()
    {
        using TemporaryDatabase temporary = TemporaryDatabase.CreateSqlite(busySeconds: 1);
        await temporary.Database.WriteAsync((connection, transaction) => connection.ExecuteAsync("CREATE TABLE t (x INTEGER);", transaction: transaction), default);
        for (int round = 0; round < 3; round++)
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => temporary.Database.WriteAsync(async (connection, transaction) =>
            {
                await connection.ExecuteAsync("INSERT INTO t VALUES (@x);", new { x = -1 }, transaction);
                throw new InvalidOperationException();
            }, default));
            await temporary.Database.WriteAsync((connection, transaction) => connection.ExecuteAsync("INSERT INTO t VALUES (@x);", new { x = 1 }, transaction), default);
        }
        Assert.Equal((3, 1), await temporary.Database.ReadAsync(connection => connection.QuerySingleAsync<(long, long)>("SELECT COUNT(*), MIN(x) FROM t;"), default));
    }

    private static async Task IsSetUpAsync(DbConnection connection)
    {
        Assert.Equal(1, await connection.ExecuteScalarAsync<long>("PRAGMA synchronous;"));
        Assert.Equal(1, await connection.ExecuteScalarAsync<long>("PRAGMA foreign_keys;"));
        Assert.Equal(1000, await connection.ExecuteScalarAsync<long>("PRAGMA busy_timeout;"));
    }
}
