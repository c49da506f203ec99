using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dapper;
using Hub.Storage;
using Microsoft.Extensions.DependencyInjection;
using Testing;
using Xunit;

namespace Hub.Tests.Backup;

/// <summary>One archive of a running hub, put back into an empty place, also on another engine.</summary>
public sealed class BackupTests : IDisposable
{
    private const string Password = "correct horse battery";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("hub-backup-");

    private string Archive => Path.Combine(_directory.FullName, "backup.tar.gz");

    private string Target => Path.Combine(_directory.FullName, "target");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("sqlite", "sqlite")]
    [InlineData("sqlite", "postgresql")]
    [InlineData("postgresql", "sqlite")]
    [InlineData("postgresql", "postgresql")]
    public async Task A_backup_of_a_running_hub_brings_back_people_sign_ins_and_files_on_either_engine(string from, string to)
    {
        CookieContainer cookies = new();
        string signIn, xsrf;
        await using (HubFixture hub = await HubFixture.StartAsync(await DatabaseAsync(from, "source")))
        {
            await hub.CreateUserAsync("ada", Password);
            await hub.CreateUserAsync("gone", Password);
            using HttpClient client = hub.Client();
            using (HttpResponseMessage deleted = await client.DeleteAsync("hub/api/users/gone"))
                deleted.EnsureSuccessStatusCode();
            using HttpClient browser = await hub.SignInAsync("ada", Password, cookies);
            signIn = cookies.GetCookies(hub.Address)["hub-signin"]!.Value;
            xsrf = hub.Xsrf(cookies);
            await StartServerAsync(hub, "ada");
            // A token that came with a sign-in: its table was made before the one its row refers to.
            using (HttpResponseMessage made = await browser.PostAsync("hub/api/users/ada/tokens", null))
                made.EnsureSuccessStatusCode();
            Assert.True(await hub.Services.GetRequiredService<HubDatabase>().WriteAsync(
                (connection, transaction) => connection.ExecuteAsync(
                    "UPDATE api_tokens SET sign_in_id = (SELECT MIN(id) FROM sign_ins) WHERE user_id = (SELECT id FROM users WHERE name = 'ada');", transaction: transaction), default) > 0);
            using (HttpResponseMessage saved = await client.PutAsJsonAsync("user/ada/api/contents/work.txt", new { type = "file", format = "text", content = "mine\n" }))
                saved.EnsureSuccessStatusCode();
            File.CreateSymbolicLink(Path.Combine(hub.Data, "homes/ada/link"), "../../../etc/passwd");
            File.WriteAllText(Path.Combine(hub.Data, "homes/ada/run.sh"), "#!/bin/sh\n");
            File.SetUnixFileMode(Path.Combine(hub.Data, "homes/ada/run.sh"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

            Assert.Equal(0, await BackupCommand.BackUpAsync([Archive, "--data", hub.Data, .. await DatabaseAsync(from, "source")], default));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Archive));
        }

        Assert.Equal(0, await BackupCommand.RestoreAsync([Archive, "--data", Target, .. await DatabaseAsync(to, "target")], default));
        await using HubFixture restored = await HubFixture.StartAsync(await DatabaseAsync(to, "target"), data: Target);
        using (HttpClient same = restored.Client(null))
        {
            same.DefaultRequestHeaders.Add("Cookie", $"hub-signin={signIn}; _xsrf={xsrf}");
            same.DefaultRequestHeaders.Add("X-XSRFToken", xsrf);
            Assert.Equal("ada", (await same.GetFromJsonAsync<JsonObject>("hub/api/user"))!.Text("name"));
        }
        (await restored.SignInAsync("ada", Password)).Dispose();
        using HttpClient admin = restored.Client();
        Assert.Equal("mine\n", (await admin.GetFromJsonAsync<JsonObject>("user/ada/api/contents/work.txt"))!.Text("content"));
        Assert.Equal("../../../etc/passwd", new FileInfo(Path.Combine(Target, "homes/ada/link")).LinkTarget);
        Assert.True(File.GetUnixFileMode(Path.Combine(Target, "homes/ada/run.sh")).HasFlag(UnixFileMode.UserExecute));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(Target, "keys")));
        Assert.Empty(Directory.EnumerateDirectories(Target, "restore-*"));
        // The number of a deleted user is not given again, or the next one would own what the last one left.
        await restored.CreateUserAsync("new", Password);
        Assert.Equal(["1", "2", "4"], await NumbersAsync(restored, to));
    }

    [Fact]
    public async Task A_restore_is_refused_where_a_hub_runs_or_something_is_and_forced_keeps_what_was_there()
    {
        await using (HubFixture hub = await HubFixture.StartAsync(data: Target))
        {
            await hub.CreateUserAsync("ada", Password);
            await BackUpAsync();
            await hub.CreateUserAsync("later", Password);
            await StartServerAsync(hub, "later");
            Directory.CreateDirectory(Path.Combine(Target, "homes", "later"));
            File.WriteAllText(Path.Combine(Target, "homes", "later", "kept.txt"), "kept");
            Assert.Contains("hub runs", (await Assert.ThrowsAsync<StorageException>(() => RestoreAsync("--force"))).Message, StringComparison.Ordinal);
        }
        Assert.Contains("--force", (await Assert.ThrowsAsync<StorageException>(() => RestoreAsync())).Message, StringComparison.Ordinal);
        Assert.Equal(0, await RestoreAsync("--force"));

        string before = Assert.Single(Directory.EnumerateDirectories(Target, "before-restore-*"));
        Assert.Equal("kept", File.ReadAllText(Path.Combine(before, "homes", "later", "kept.txt")));
        Assert.Contains("\"later\"", File.ReadAllText(Path.Combine(before, "database.ndjson")), StringComparison.Ordinal);
        await using HubFixture restored = await HubFixture.StartAsync(data: Target);
        using HttpClient client = restored.Client();
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("hub/api/users/ada")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("hub/api/users/later")).StatusCode);
    }

    [Fact]
    public async Task A_backup_overwrites_nothing_and_leaves_nothing_half()
    {
        await using HubFixture hub = await HubFixture.StartAsync(data: Target);
        File.WriteAllText(Archive, "mine");
        Assert.Contains(Archive, (await Assert.ThrowsAsync<StorageException>(BackUpAsync)).Message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(Archive));
        await Assert.ThrowsAnyAsync<IOException>(async () => await BackupCommand.BackUpAsync([Path.Combine(_directory.FullName, "nowhere", "x"), "--data", Target, .. await HubFixture.DatabaseOfAsync(Target)], default));
        Assert.Equal(["backup.tar.gz", "target"], _directory.EnumerateFileSystemInfos().Select(entry => entry.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Without_a_file_the_verbs_say_what_they_need()
    {
        Assert.Contains("FILE", (await Assert.ThrowsAsync<HubSettingsException>(() => BackupCommand.BackUpAsync(["--data", Target], default))).Message, StringComparison.Ordinal);
        Assert.Contains("FILE", (await Assert.ThrowsAsync<HubSettingsException>(() => BackupCommand.RestoreAsync([], default))).Message, StringComparison.Ordinal);
        Assert.Contains("no file", (await Assert.ThrowsAsync<StorageException>(() => RestoreAsync())).Message, StringComparison.Ordinal);
    }

    private static async Task StartServerAsync(HubFixture hub, string user)
    {
        using HttpClient client = hub.Client();
        using HttpResponseMessage started = await client.PostAsync($"hub/api/users/{user}/server", null);
        started.EnsureSuccessStatusCode();
    }

    private async Task BackUpAsync() => await BackupCommand.BackUpAsync([Archive, "--data", Target, .. await HubFixture.DatabaseOfAsync(Target)], default);

    private async Task<int> RestoreAsync(params string[] words) =>
        await BackupCommand.RestoreAsync([Archive, "--data", Target, .. words, .. await HubFixture.DatabaseOfAsync(Target)], default);

    /// <summary>Settings of a database by this test's own name on either engine, whatever the other tests run on.</summary>
    private async Task<string[]> DatabaseAsync(string engine, string name)
    {
        if (engine == "sqlite")
            return ["Storage:Provider=sqlite", "Storage:ConnectionString="];
        PostgreSqlServer server = await PostgreSqlServer.Shared;
        await server.CreateSchemaAsync(Schema(name));
        return ["Storage:Provider=postgresql", $"Storage:ConnectionString={server.ConnectionString(Schema(name))}"];
    }

    private string Schema(string name) => HubFixture.SchemaOf(Path.Combine(_directory.FullName, name));

    private async Task<string[]> NumbersAsync(HubFixture hub, string engine)
    {
        const string sql = "SELECT id FROM users ORDER BY id";
        if (engine == "postgresql")
            return (await (await PostgreSqlServer.Shared).SqlAsync($"SET search_path = {Schema("target")}; {sql}")).Split('\n');
        return [.. (await Dapper.SqlMapper.QueryAsync<long>(await ((HubDatabase)hub.Services.GetService(typeof(HubDatabase))!).OpenAsync(default), sql)).Select(id => id.ToString(System.Globalization.CultureInfo.InvariantCulture))];
    }
}
