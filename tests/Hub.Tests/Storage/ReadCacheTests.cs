using Dapper;
using Hub.Storage;
using Xunit;

namespace Hub.Tests.Storage;

/// <summary>What is remembered of the database is forgotten by any write that may have changed it, and a write that does not say what it changes may have.</summary>
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

    [Fact]
    public async Task A_write_that_says_what_it_changes_leaves_the_rest()
    {
        using TemporaryDatabase temporary = TemporaryDatabase.CreateSqlite();
        DataKind users = new(), groups = new();
        ReadCache<string, string> ofUsers = new(temporary.Database, users), ofBoth = new(temporary.Database, users, groups);
        ofUsers.Keep("ada", "first", ofUsers.AsOf);
        ofBoth.Keep("ada", "first", ofBoth.AsOf);
        await temporary.Database.WriteAsync([groups], (connection, transaction) => connection.ExecuteAsync("SELECT 1;", transaction: transaction), default);
        Assert.Equal("first", ofUsers.Find("ada"));
        Assert.Null(ofBoth.Find("ada"));
        await temporary.Database.WriteAsync([], (connection, transaction) => connection.ExecuteAsync("SELECT 1;", transaction: transaction), default);
        Assert.Equal("first", ofUsers.Find("ada"));
        await temporary.Database.WriteAsync((connection, transaction) => connection.ExecuteAsync("SELECT 1;", transaction: transaction), default);
        Assert.Null(ofUsers.Find("ada"));
    }

    [Fact]
    public async Task What_a_write_that_failed_may_have_changed_is_forgotten_and_what_it_would_have_left_is_not_told()
    {
        using TemporaryDatabase temporary = TemporaryDatabase.CreateSqlite();
        DataKind users = new();
        ReadCache<string, string> cache = new(temporary.Database, users);
        cache.Keep("ada", "first", cache.AsOf);
        bool told = false;
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => temporary.Database.WriteAsync<bool>([users], (_, _) => throw new InvalidOperationException(), _ => told = true, default));
        Assert.Null(cache.Find("ada"));
        Assert.False(told);
    }

    [Fact]
    public async Task Who_knows_the_new_state_keeps_it_before_anybody_else_writes()
    {
        using TemporaryDatabase temporary = TemporaryDatabase.CreateSqlite();
        DataKind users = new();
        ReadCache<string, string> cache = new(temporary.Database, users);
        await temporary.Database.WriteAsync(
            [users], (connection, transaction) => connection.ExecuteScalarAsync<string>("SELECT 'new';", transaction: transaction), read => cache.Keep("ada", read!, cache.AsOf), default);
        Assert.Equal("new", cache.Find("ada"));
    }
}
