using System.Net;
using System.Text.Json.Nodes;
using Hub.Servers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace Hub.Tests.Servers;

/// <summary>Ending the hub through its API.</summary>
public sealed class ShutdownTests
{
    [Theory]
    [InlineData("", true)]
    [InlineData("""{"servers":false,"proxy":true}""", true)]
    [InlineData("""{"servers":true}""", false)]
    public async Task The_hub_ends_and_takes_servers_with_it_when_asked(string body, bool runsOn)
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        using HttpClient admin = hub.Client();
        await admin.PostAsync("hub/api/users/ada", null);
        await admin.PostAsync("hub/api/users/ada/server", null);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration told = hub.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(ended.SetResult);
        ServerRegistry servers = hub.Services.GetRequiredService<ServerRegistry>();

        using HttpResponseMessage answer = await admin.PostAsync("hub/api/shutdown", Json.Raw(body));
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal("Shutting down Hub", await answer.MessageAsync());
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(runsOn, servers.IsRunning("ada"));
    }

    [Theory]
    [InlineData("""{"servers":"yes"}""", "servers must be true or false")]
    [InlineData("""{"proxy":1}""", "proxy must be true or false")]
    [InlineData("""{"force":true}""", "Invalid JSON keys: force")]
    public async Task What_is_wrong_is_named_and_the_hub_runs_on(string body, string message)
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        using HttpClient admin = hub.Client();
        using HttpResponseMessage answer = await admin.PostAsync("hub/api/shutdown", Json.Raw(body));
        Assert.Equal((HttpStatusCode.BadRequest, message), (answer.StatusCode, await answer.MessageAsync()));
        await admin.PostAsync("hub/api/users/ada", null);
        JsonObject token = await (await admin.PostAsync("hub/api/users/ada/tokens", null)).ObjectAsync();
        using HttpClient ada = hub.Client(token.Text("token"));
        Assert.Equal(HttpStatusCode.Forbidden, (await ada.PostAsync("hub/api/shutdown", null)).StatusCode);
        Assert.False(hub.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);
    }
}
