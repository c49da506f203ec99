using System.Data.Common;
using Dapper;
using Xunit;

namespace Hub.Tests.Storage;

/// <summary>What is SQLite's alone.</summary>
public sealed class SqliteEngineTests
{
    [Fact]
    public async Task Every_connection_is_set_up_whether_new_or_from_the_pool()
    {
        using TemporaryDatabase temporary = TemporaryDatabase.CreateSqlite(busySeconds: 1);
        await TemporaryDatabase.MigratorOf(temporary.Database).RunAsync([], default);
        for (int round = 0; round < 3; round++)
        {
            await using DbConnection connection = await temporary.Database.OpenAsync(default);
            Assert.Equal("wal", await connection.ExecuteScalarAsync<string>("PRAGMA journal_mode;"));
            Assert.Equal(1, await connection.ExecuteScalarAsync<long>("PRAGMA synchronous;"));
            Assert.Equal(1, await connection.ExecuteScalarAsync<long>("PRAGMA foreign_keys;"));
            Assert.Equal(1000, await connection.ExecuteScalarAsync<long>("PRAGMA busy_timeout;"));
            // What somebody leaves behind does not reach the next.
            await connection.ExecuteAsync("PRAGMA foreign_keys=OFF; PRAGMA synchronous=FULL;");
        }
    }
}
