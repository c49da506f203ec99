using System.Net;
using Dapper;
using Hub.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace Hub.Tests.Storage;

/// <summary>The hub and its database at start and when it fails.</summary>
public sealed class StorageStartTests
{
    [Fact]
    public async Task A_hub_does_not_start_on_the_database_of_a_newer_one()
    {
        string data = Directory.CreateTempSubdirectory("hub-newer-").FullName;
        try
        {
            await using (HubFixture hub = await HubFixture.StartAsync(data: data))
            {
                await hub.Services.GetRequiredService<HubDatabase>().WriteAsync((connection, transaction) => connection.ExecuteAsync(
                    "INSERT INTO schema_version (version, name, applied) VALUES (9999, '9999-future', 0);", transaction: transaction), default);
            }
            StorageException refused = await Assert.ThrowsAsync<StorageException>(() => HubFixture.StartAsync(data: data));
            Assert.Contains("9999", refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task A_database_that_is_held_by_another_process_is_answered_503_and_then_works_again()
    {
        await using HubFixture hub = await HubFixture.StartAsync(["Storage:BusyTimeoutSeconds=1"]);
        using HttpClient client = hub.Client();
        using (var other = new HubDatabase(new DataLayout(hub.Data), hub.Services.GetRequiredService<IOptions<StorageOptions>>()))
        {
            await other.WriteAsync(async (connection, transaction) =>
            {
                await connection.ExecuteAsync("UPDATE users SET display_name = display_name;", transaction: transaction);
                using HttpResponseMessage away = await client.PostAsync("hub/api/users/late", null);
                Assert.Equal(HttpStatusCode.ServiceUnavailable, away.StatusCode);
                Assert.NotNull(away.Headers.RetryAfter);
                Assert.Contains("database", await away.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }, default);
        }
        using HttpResponseMessage back = await client.PostAsync("hub/api/users/late", null);
        Assert.Equal(HttpStatusCode.Created, back.StatusCode);
    }
}
