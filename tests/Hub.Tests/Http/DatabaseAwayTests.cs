using System.Net;
using System.Text.Json.Nodes;
using Hub.Accounts;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Hub.Tests.Http;

public sealed class DatabaseAwayTests
{
    [Fact]
    public async Task A_database_that_does_not_answer_is_told_as_503_and_to_be_tried_again()
    {
        await using HubFixture hub = await HubFixture.StartAsync(["Logging:LogLevel:Default=None"], services => services.AddSingleton<IUserServers, AwayServers>());
        using HttpResponseMessage answer = await hub.Client().GetAsync("hub/api/users/admin");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, 5), (answer.StatusCode, answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds));
        Assert.Contains("database", JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    private sealed class AwayServers : IUserServers
    {
        public IReadOnlyDictionary<string, ServerModel> Of(string userName, bool includeStopped) => throw new SqliteException("database is locked", 5);

        public int CountRunning(string userName) => 0;

        public IReadOnlyCollection<string> ActiveUsers() => [];

        public Task<bool> StopAllAsync(string userName, CancellationToken cancellationToken) => Task.FromResult(true);
    }
}
