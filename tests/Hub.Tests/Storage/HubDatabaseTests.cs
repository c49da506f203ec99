using System.Data.Common;
using Dapper;
using Hub.Storage;
using Xunit;

namespace Hub.Tests.Storage;

/// <summary>What every store may rely on, whatever the engine.</summary>
public sealed class HubDatabaseTests : IAsyncLifetime
{
    private TemporaryDatabase _temporary = null!;

    private HubDatabase Database => _temporary.Database;

    public async ValueTask InitializeAsync() => _temporary = await TemporaryDatabase.CreateAsync(busySeconds: 1);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(40_000)]
    public async Task A_list_of_any_length_is_one_parameter(int length)
    {
        string condition = Database.IsIn("n.name", "@names") + " AND " + Database.IsIn("n.number", "@numbers");
        IEnumerable<int> numbers = Enumerable.Range(1, length);
        int found = await Database.ReadAsync(connection => connection.ExecuteScalarAsync<int>(
            $"SELECT COUNT(*) FROM (SELECT 'it''s \"1\"' AS name, CAST(1 AS BIGINT) AS number UNION ALL SELECT 'b', 2) n WHERE {condition};",
            new { names = Database.ListOf(numbers.Select(number => $"it's \"{number}\"")), numbers = Database.ListOf(numbers.Select(number => (long)number)) }), default);
        Assert.Equal(length > 0 ? 1 : 0, found);
    }

    [Fact]
    public async Task A_write_that_throws_changes_nothing()
    {
        await CreateCounterAsync();
        await Assert.ThrowsAsync<TimeoutException>(() => Database.WriteAsync(async (connection, transaction) =>
        {
            await connection.ExecuteAsync("UPDATE counter SET n = 99;", transaction: transaction);
            throw new TimeoutException();
        }, default));
        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task Many_writers_at_once_lose_no_write()
    {
        await CreateCounterAsync();
        await Parallel.ForAsync(0, 200, async (_, cancellationToken) => await Database.WriteAsync(
            (connection, transaction) => connection.ExecuteAsync("UPDATE counter SET n = n + 1;", transaction: transaction), cancellationToken));
        Assert.Equal(200, await CountAsync());
    }

    [Fact]
    public async Task Readers_are_not_held_up_by_a_writer()
    {
        await CreateCounterAsync();
        await Database.WriteAsync(async (connection, transaction) =>
        {
            await connection.ExecuteAsync("UPDATE counter SET n = 7;", transaction: transaction);
            Assert.Equal(0, await CountAsync());
        }, default);
        Assert.Equal(7, await CountAsync());
    }

    [Fact]
    public async Task A_database_held_by_another_process_is_an_error_after_the_busy_timeout_and_works_again_later()
    {
        await CreateCounterAsync();
        using HubDatabase other = _temporary.Open();
        await other.WriteAsync(async (connection, transaction) =>
        {
            await connection.ExecuteAsync("UPDATE counter SET n = 1;", transaction: transaction);
            await Assert.ThrowsAnyAsync<DbException>(() => Database.WriteAsync(
                (mine, mineToo) => mine.ExecuteAsync("UPDATE counter SET n = 2;", transaction: mineToo), default));
        }, default);
        await Database.WriteAsync((connection, transaction) => connection.ExecuteAsync("UPDATE counter SET n = n + 2;", transaction: transaction), default);
        Assert.Equal(3, await CountAsync());
    }

    public ValueTask DisposeAsync()
    {
        _temporary.Dispose();
        return ValueTask.CompletedTask;
    }

    private Task CreateCounterAsync() => TemporaryDatabase.MigratorOf(Database).RunAsync(
        [new Migration(1, "0001-counter", "CREATE TABLE counter (n INTEGER NOT NULL) STRICT; INSERT INTO counter VALUES (0);")], default);

    private Task<long> CountAsync() => Database.ReadAsync(connection => connection.ExecuteScalarAsync<long>("SELECT n FROM counter;"), default);
}
