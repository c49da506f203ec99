using Dapper;
using Hub.Storage;
using Xunit;

namespace Hub.Tests.Storage;

/// <summary>What is remembered of the database is forgotten by any write.</summary>
public sealed class ReadCacheTests
{
    [Fact]
    public async Task What_was_read_counts_until_anything_is_written()
    {
        using TemporaryDatabase temporary = TemporaryDatabase.CreateSqlite();
        ReadCache<string, string> cache = new(temporary.Database);
        cache.Keep("ada", "first", cache.AsOf);
        Assert.Equal("first", cache.Find("ada"));
        Assert.Null(cache.Find("grace"));
        await temporary.Database.WriteAsync((connection, transaction) => connection.ExecuteAsync("SELECT 1;", transaction: transaction), default);
        Assert.Null(cache.Find("ada"));
    }

    [Fact]
    public async Task What_was_read_while_somebody_wrote_is_not_kept()
    {
        using TemporaryDatabase temporary = TemporaryDatabase.CreateSqlite();
        ReadCache<string, string> cache = new(temporary.Database);
        long before = cache.AsOf;
        await Assert.ThrowsAsync<InvalidOperationException>(() => temporary.Database.WriteAsync((_, _) => throw new InvalidOperationException(), default));
        cache.Keep("ada", "old", before);
        Assert.Null(cache.Find("ada"));
    }

    [Fact]
    public void Nothing_is_remembered_while_another_hub_may_write()
    {
        using TemporaryDatabase temporary = TemporaryDatabase.CreateSqlite();
        ReadCache<string, string> cache = new(temporary.Database);
        cache.Keep("ada", "old", cache.AsOf);
        temporary.Database.IsShared = true;
        Assert.Null(cache.Find("ada"));
        cache.Keep("ada", "new", cache.AsOf);
        Assert.Null(cache.Find("ada"));
        temporary.Database.IsShared = false;
        Assert.Null(cache.Find("ada"));
    }
}
