using System.Data.Common;
using Dapper;
using Hub.Storage;
using Xunit;

namespace Hub.Tests.Storage;

/// <summary>Migrations on a real database.</summary>
public sealed class MigratorTests : IAsyncLifetime
{
    private static readonly Migration s_notes = new(1, "0001-notes", "CREATE TABLE notes (text TEXT NOT NULL) STRICT; INSERT INTO notes VALUES ('kept');");
    private static readonly Migration s_stars = new(2, "0002-stars", "ALTER TABLE notes ADD COLUMN stars INTEGER NOT NULL DEFAULT 0;");

    private TemporaryDatabase _temporary = null!;

    private HubDatabase Database => _temporary.Database;

    public async ValueTask InitializeAsync() => _temporary = await TemporaryDatabase.CreateAsync();

    [Fact]
    public async Task A_fresh_database_gets_every_step_once_however_often_the_hub_starts()
    {
        await RunAsync(Migration.BuiltIn);
        await RunAsync(Migration.BuiltIn);
        Assert.Equal(Migration.BuiltIn.Count, await ScalarAsync("SELECT COUNT(*) FROM schema_version;"));
        Assert.Equal(0, await ScalarAsync("SELECT COUNT(*) FROM users;"));
    }

    [Fact]
    public async Task An_older_database_keeps_its_rows_and_gets_the_new_steps()
    {
        await RunAsync([s_notes]);
        await RunAsync([s_notes, s_stars]);
        Assert.Equal(1, await ScalarAsync("SELECT COUNT(*) FROM notes WHERE text = 'kept' AND stars = 0;"));
    }

    [Fact]
    public async Task A_newer_database_is_refused_and_left_alone()
    {
        await RunAsync([s_notes, s_stars]);
        StorageException refused = await Assert.ThrowsAsync<StorageException>(() => RunAsync([s_notes]));
        Assert.Contains("newer", refused.Message, StringComparison.Ordinal);
        Assert.Equal(2, await ScalarAsync("SELECT MAX(version) FROM schema_version;"));
    }

    [Fact]
    public async Task A_step_that_fails_leaves_nothing_behind()
    {
        var broken = new Migration(2, "0002-broken", "CREATE TABLE half (x TEXT) STRICT; INSERT INTO nowhere VALUES (1);");
        StorageException failed = await Assert.ThrowsAsync<StorageException>(() => RunAsync([s_notes, broken]));
        Assert.Contains("0002-broken", failed.Message, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<DbException>(() => ScalarAsync("SELECT COUNT(*) FROM half;"));
        Assert.Equal(1, await ScalarAsync("SELECT MAX(version) FROM schema_version;"));
    }

    [Fact]
    public async Task Two_hubs_that_start_at_once_do_each_step_once()
    {
        using HubDatabase other = _temporary.Open();
        await Task.WhenAll(
            Task.Run(() => TemporaryDatabase.MigratorOf(Database).RunAsync(Migration.BuiltIn, default)),
            Task.Run(() => TemporaryDatabase.MigratorOf(other).RunAsync(Migration.BuiltIn, default)));
        Assert.Equal(Migration.BuiltIn.Count, await ScalarAsync("SELECT COUNT(*) FROM schema_version;"));
    }

    public ValueTask DisposeAsync()
    {
        _temporary.Dispose();
        return ValueTask.CompletedTask;
    }

    private Task RunAsync(IReadOnlyList<Migration> known) => TemporaryDatabase.MigratorOf(Database).RunAsync(known, default);

    private Task<long> ScalarAsync(string sql) => Database.ReadAsync(connection => connection.ExecuteScalarAsync<long>(sql), default);
}
