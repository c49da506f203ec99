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

    private static async Task IsSetUpAsync(DbConnection connection)
    {
        Assert.Equal(1, await connection.ExecuteScalarAsync<long>("PRAGMA synchronous;"));
        Assert.Equal(1, await connection.ExecuteScalarAsync<long>("PRAGMA foreign_keys;"));
        Assert.Equal(1000, await connection.ExecuteScalarAsync<long>("PRAGMA busy_timeout;"));
    }
}
