using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dapper;
using Hub.Events;
using Hub.Events.Audit;
using Hub.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Testing;
using Xunit;

namespace Hub.Tests.Events.Audit;

/// <summary>What a real hub writes down, shows, and can prove.</summary>
public sealed class AuditTests : IAsyncLifetime
{
    private const string Password = "correct horse battery";

    private readonly string _data = Directory.CreateTempSubdirectory("hub-audit-").FullName;
    private HubFixture _hub = null!;

    public async ValueTask InitializeAsync() => _hub = await HubFixture.StartAsync(["Storage:BusyTimeoutSeconds=1", "Audit:QueueLength=100", "Logging:LogLevel:Default=None"], data: _data);

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task Who_did_what_to_whom_is_written_down_without_a_secret()
    {
        await _hub.CreateUserAsync("ada", Password);
        using HttpClient admin = _hub.Client();
        using (HttpResponseMessage changed = await admin.PatchAsJsonAsync("hub/api/users/ada", new { admin = true }))
            changed.EnsureSuccessStatusCode();
        CookieContainer cookies = new();
        using (HttpClient browser = await _hub.SignInAsync("ada", Password, cookies))
            (await browser.GetAsync("hub/logout")).Dispose();
        using (HttpClient wrong = _hub.Browser(cookies))
        {
            (await wrong.GetAsync("hub/login")).Dispose();
            (await wrong.PostAsync("hub/login", new FormUrlEncodedContent(new Dictionary<string, string> { ["username"] = "ada", ["password"] = "wrong horse", ["_xsrf"] = _hub.Xsrf(cookies) }))).Dispose();
        }
        JsonObject token;
        using (HttpResponseMessage made = await admin.PostAsJsonAsync("hub/api/users/ada/tokens", new { note = "n" }))
            token = (await made.Content.ReadFromJsonAsync<JsonObject>())!;
        (await admin.DeleteAsync($"hub/api/users/ada/tokens/{token.Text("id")}")).Dispose();
        (await admin.PostAsync("hub/api/users/ada/server", null)).Dispose();
        (await admin.GetAsync("user/ada/api/contents")).Dispose();
        (await admin.GetAsync("user/ada/api/contents")).Dispose();
        (await admin.DeleteAsync("hub/api/users/ada")).Dispose();

        IReadOnlyList<JsonObject> records = await ReadAsync("user-deleted");
        Assert.Equal("hub-started", records[0].Text("kind"));
        string[] told = [.. records.Where(record => record.Text("user") == "ada" && record.Text("kind") != "acted").Select(record => $"{record.Text("kind")} by {record.Text("by")}")];
        Assert.Equal(
            ["user-created by admin", "password-changed by ", "user-changed by admin", "sign-in by ada", "sign-out by ada", "sign-in-failed by ", "token-created by admin", "token-revoked by admin", "server-started by ", "server-stopped by ", "user-deleted by admin"],
            told);
        Assert.Equal("""{"admin":true}""", records.Single(record => record.Text("kind") == "user-changed")["detail"]!.ToJsonString());
        JsonObject[] acted = [.. records.Where(record => record.Text("kind") == "acted")];
        Assert.Contains(acted, record => record["detail"]!.ToJsonString().Contains("PUT", StringComparison.Ordinal) && record["detail"]!.ToJsonString().Contains("/password", StringComparison.Ordinal));
        Assert.Single(acted, record => record["detail"]!.ToJsonString().Contains("/user/{user}", StringComparison.Ordinal) && record["detail"]!.ToJsonString().Contains("GET", StringComparison.Ordinal));
        Assert.All(acted, record => Assert.StartsWith("a", record["detail"]!["token"]!.GetValue<string>(), StringComparison.Ordinal));

        string all = string.Concat(records.Select(record => record.ToJsonString()));
        foreach (string secret in new[] { Password, "wrong horse", token.Text("token")!, HubFixture.AdminToken })
            Assert.DoesNotContain(secret, all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_audit_is_asked_for_by_page_filter_or_line_by_administrators_only()
    {
        for (int i = 0; i < 5; i++)
            await _hub.CreateUserAsync($"user{i}", Password);
        await ReadAsync("user-created", 5);
        using HttpClient admin = _hub.Client();
        JsonObject page = (await admin.GetFromJsonAsync<JsonObject>("hub/api/audit?kind=user-created&limit=3"))!;
        Assert.Equal(["user0", "user1", "user2"], page["records"]!.AsArray().Select(record => record!["user"]!.GetValue<string>()));
        page = (await admin.GetFromJsonAsync<JsonObject>($"hub/api/audit?kind=user-created&limit=3&after={page["after"]}"))!;
        Assert.Equal(["user3", "user4"], page["records"]!.AsArray().Select(record => record!["user"]!.GetValue<string>()));
        Assert.Null(page["after"]);
        Assert.Equal(["user-created", "acted", "password-changed", "acted"], (await admin.GetFromJsonAsync<JsonObject>("hub/api/audit?user=user2"))!["records"]!.AsArray().Select(record => record!["kind"]!.GetValue<string>()));
        Assert.Empty((await admin.GetFromJsonAsync<JsonObject>("hub/api/audit?until=2020-01-01T00:00:00Z"))!["records"]!.AsArray());
        Assert.Empty((await admin.GetFromJsonAsync<JsonObject>("hub/api/audit?by=nobody"))!["records"]!.AsArray());

        using HttpResponseMessage lines = await admin.GetAsync("hub/api/audit?format=ndjson&kind=user-created");
        Assert.Equal("application/x-ndjson", lines.Content.Headers.ContentType?.MediaType);
        Assert.Equal(5, (await lines.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!["hash"]!.GetValue<string>()).Distinct().Count());

        foreach (string wrong in new[] { "limit=0", "limit=1001", "after=-1", "since=yesterday" })
        {
            using HttpResponseMessage refused = await admin.GetAsync("hub/api/audit?" + wrong);
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            Assert.Contains(wrong.Split('=')[0], await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        using HttpClient person = await _hub.SignInAsync("user1", Password);
        Assert.Equal(HttpStatusCode.Forbidden, (await person.GetAsync("hub/api/audit")).StatusCode);
        using HttpClient anybody = _hub.Client(null);
        Assert.Equal(HttpStatusCode.Forbidden, (await anybody.GetAsync("hub/api/audit")).StatusCode);
    }

    [Theory]
    [InlineData("UPDATE audit SET user_name = 'eve' WHERE number = 3;", "record 3 was changed")]
    [InlineData("UPDATE audit SET detail = '{\"admin\":true}' WHERE number = 2;", "record 2 was changed")]
    [InlineData("DELETE FROM audit WHERE number = 4;", "record 4 is missing")]
    [InlineData("DELETE FROM audit WHERE number = 1;", "begins with record 2")]
    [InlineData("DELETE FROM audit WHERE number = 4; UPDATE audit SET number = number - 1 WHERE number = 5;", "record 4 does not follow")]
    public async Task A_record_that_was_changed_or_removed_is_named(string tampering, string said)
    {
        for (int i = 0; i < 3; i++)
            await _hub.CreateUserAsync($"user{i}", Password);
        await ReadAsync("user-created", 3);
        Assert.StartsWith("The audit is whole", (await VerifyAsync()).Said, StringComparison.Ordinal);
        await _hub.StopAsync();
        using (HubDatabase database = new(new DataLayout(_data), Options.Create(await StorageAsync())))
            await database.WriteAsync((connection, transaction) => connection.ExecuteAsync(tampering, transaction: transaction), default);
        (int code, string verdict) = await VerifyAsync();
        Assert.Equal(1, code);
        Assert.Contains(said, verdict, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_end_that_was_cut_off_is_noticed_by_whoever_noted_it()
    {
        await _hub.CreateUserAsync("ada", Password);
        await _hub.StopAsync();
        (int code, string whole) = await VerifyAsync();
        Assert.Equal(0, code);
        string last = whole.Split(' ')[^1].Trim();
        Assert.Equal(0, (await VerifyAsync(last)).Code);
        using (HubDatabase database = new(new DataLayout(_data), Options.Create(await StorageAsync())))
            await database.WriteAsync((connection, transaction) => connection.ExecuteAsync("DELETE FROM audit WHERE number = (SELECT MAX(number) FROM audit);", transaction: transaction), default);
        Assert.Equal(0, (await VerifyAsync()).Code);
        (code, string cut) = await VerifyAsync(last);
        Assert.Equal(1, code);
        Assert.Contains("cut off", cut, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_happens_while_the_database_is_away_is_written_later_and_what_was_too_much_is_counted()
    {
        EventStream events = _hub.Services.GetRequiredService<EventStream>();
        await ReadAsync("hub-started");
        using (HubDatabase other = new(new DataLayout(_data), Options.Create(await StorageAsync())))
        {
            await other.WriteAsync(async (connection, transaction) =>
            {
                await connection.ExecuteAsync("UPDATE users SET display_name = display_name;", transaction: transaction);
                events.Publish(new HubEvent.SignedIn(DateTimeOffset.UnixEpoch, "first"));
                // Until the writer has taken the first it counts against the length; then 100 may wait, whoever comes later pushes the oldest out.
                await Eventually.Holds(() => _hub.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<AuditLog>().Single().Waiting == 0);
                for (int i = 0; i < 130; i++)
                    events.Publish(new HubEvent.SignedIn(DateTimeOffset.UnixEpoch, $"user{i}"));
            }, default);
        }
        IReadOnlyList<JsonObject> records = await ReadAsync("sign-in", 101);
        Assert.Equal(["first", .. Enumerable.Range(30, 100).Select(i => $"user{i}")], records.Where(record => record.Text("kind") == "sign-in").Select(record => record.Text("user")));
        Assert.Equal("""{"events":30}""", Assert.Single(records, record => record.Text("kind") == "lost")["detail"]!.ToJsonString());
        Assert.Equal(0, (await VerifyAsync()).Code);
    }

    [Fact]
    public async Task Beginning_and_end_of_a_hub_are_records_and_nothing_that_happened_before_the_end_is_missing()
    {
        for (int i = 0; i < 50; i++)
            _hub.Services.GetRequiredService<EventStream>().Publish(new HubEvent.SignedIn(DateTimeOffset.UnixEpoch, $"user{i}"));
        await _hub.StopAsync();
        _hub = await HubFixture.StartAsync(data: _data);
        IReadOnlyList<JsonObject> records = await ReadAsync("hub-started", 2);
        Assert.Equal(["hub-started", .. Enumerable.Repeat("sign-in", 50), "hub-stopped", "hub-started"], records.Select(record => record.Text("kind")));
        Assert.Equal(0, (await VerifyAsync()).Code);
    }

    /// <summary>All records, once there are <paramref name="count"/> of this kind.</summary>
    private async Task<IReadOnlyList<JsonObject>> ReadAsync(string kind, int count = 1)
    {
        using HttpClient admin = _hub.Client();
        List<JsonObject> records = [];
        await Eventually.Holds(async () =>
        {
            records = [.. (await admin.GetFromJsonAsync<JsonObject>("hub/api/audit?limit=1000"))!["records"]!.AsArray().Select(record => record!.AsObject())];
            return records.Count(record => record.Text("kind") == kind) >= count;
        });
        return records;
    }

    private async Task<(int Code, string Said)> VerifyAsync(params string[] expected)
    {
        StringWriter output = new();
        int code = await AuditCommand.RunAsync(["verify", .. expected, "--data", _data, .. await HubFixture.DatabaseOfAsync(_data)], output, default);
        return (code, output.ToString());
    }

    private async Task<StorageOptions> StorageAsync() => PostgreSqlServer.IsWanted
        ? new StorageOptions { Provider = StorageOptions.PostgreSql, ConnectionString = (await PostgreSqlServer.Shared).ConnectionString(HubFixture.SchemaOf(_data)) }
        : new StorageOptions();
}
