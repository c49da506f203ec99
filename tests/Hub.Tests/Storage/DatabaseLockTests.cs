using System.Net;
using Hub.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Testing;
using Xunit;

namespace Hub.Tests.Storage;

/// <summary>One hub at a time on a schema of a PostgreSQL server, whatever data directories there are.</summary>
public sealed class DatabaseLockTests : IAsyncLifetime
{
    private PostgreSqlServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await PostgreSqlServer.StartNewAsync();
        await _server.CreateSchemaAsync("one");
        await _server.CreateSchemaAsync("two");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private string[] Settings(string schema) => ["Storage:Provider=postgresql", $"Storage:ConnectionString={_server.ConnectionString(schema)}", "Storage:ConnectSeconds=2", "Storage:CommandSeconds=2", "Logging:LogLevel:Default=None"];

    [Fact]
    public async Task A_second_hub_on_a_schema_is_refused_and_told_who_the_first_is_until_that_has_ended()
    {
        await using HubFixture first = await HubFixture.StartAsync(Settings("one"));
        StorageException refused = await Assert.ThrowsAsync<StorageException>(() => HubFixture.StartAsync(Settings("one")));
        Assert.Contains($"process {Environment.ProcessId} on {Environment.MachineName}", refused.Message, StringComparison.Ordinal);
        Assert.Matches(@"since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", refused.Message);
        Assert.DoesNotContain("not-a-secret", refused.ToString(), StringComparison.Ordinal);
        await using (HubFixture other = await HubFixture.StartAsync(Settings("two")))
        {
            await Ready(other, HttpStatusCode.OK);
        }
        await first.StopAsync();
        await using HubFixture second = await HubFixture.StartAsync(Settings("one"));
        await Ready(second, HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_hub_takes_the_schema_again_when_the_server_comes_back()
    {
        await using HubFixture hub = await HubFixture.StartAsync(Settings("one"));
        await _server.StopAsync();
        await _server.StartAsync();
        await Eventually.Holds(async () => await HoldersAsync() == "1");
        await Eventually.Holds(async () => await ReadyAsync(hub) == HttpStatusCode.OK);
        await Assert.ThrowsAsync<StorageException>(() => HubFixture.StartAsync(Settings("one")));
    }

    [Fact]
    public async Task A_hub_that_lost_the_schema_to_another_says_so_and_is_not_ready_until_the_other_has_ended()
    {
        LogCapture log = new();
        await using HubFixture hub = await HubFixture.StartAsync(
            [.. Settings("one"), "Logging:LogLevel:Default=Information"], services => services.AddLogging(logging => logging.ClearProviders().AddProvider(log)));
        string connection = await _server.SqlAsync("SELECT application_name FROM pg_stat_activity JOIN pg_locks USING (pid) WHERE locktype = 'advisory' AND granted;");
        // The first one's connection is cut again and again, until the other is quicker.
        Task<HubFixture> starting = HubFixture.StartAsync(Settings("one"));
        while (!starting.IsCompletedSuccessfully)
        {
            if (starting.IsFaulted)
                starting = HubFixture.StartAsync(Settings("one"));
            await _server.SqlAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{connection}';");
        }
        await using (HubFixture other = await starting)
        {
            await Eventually.Holds(async () => await ReadyAsync(hub) == HttpStatusCode.ServiceUnavailable);
            await Ready(other, HttpStatusCode.OK);
            Assert.Contains("Another hub runs on this hub's database: process ", log.Text, StringComparison.Ordinal);
            await other.StopAsync();
        }
        await Eventually.Holds(async () => await ReadyAsync(hub) == HttpStatusCode.OK);
        Assert.Contains("held for this hub again", log.Text, StringComparison.Ordinal);
    }

    private Task<string> HoldersAsync() => _server.SqlAsync("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted;");

    private static async Task Ready(HubFixture hub, HttpStatusCode expected) => Assert.Equal(expected, await ReadyAsync(hub));

    private static async Task<HttpStatusCode> ReadyAsync(HubFixture hub)
    {
        using HttpClient anybody = hub.Client(null);
        using HttpResponseMessage answer = await anybody.GetAsync("health/ready");
        return answer.StatusCode;
    }
}
