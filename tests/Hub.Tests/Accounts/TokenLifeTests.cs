using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Testing;
using Xunit;

namespace Hub.Tests.Accounts;

/// <summary>What time and settings do to API tokens.</summary>
public sealed class TokenLifeTests : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private HubFixture _hub = null!;
    private HttpClient _admin = null!;

    public async ValueTask InitializeAsync()
    {
        _hub = await HubFixture.StartAsync(
            ["Accounts:MaxTokensPerUser=20"], services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(_time)));
        _admin = _hub.Client();
        using HttpResponseMessage created = await _admin.PostAsJsonAsync("hub/api/users", new { usernames = new[] { "ada", "bob" } });
    }

    public async ValueTask DisposeAsync()
    {
        _admin.Dispose();
        await _hub.DisposeAsync();
    }

    [Fact]
    public async Task A_token_ends_when_its_time_is_over()
    {
        JsonObject made = await MakeAsync("ada", new { expires_in = 60 });
        using HttpClient ada = _hub.Client(made.Text("token"));
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(HttpStatusCode.OK, (await ada.GetAsync("hub/api/user")).StatusCode);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.Forbidden, (await ada.GetAsync("hub/api/user")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _admin.GetAsync($"hub/api/users/ada/tokens/{made.Text("id")}")).StatusCode);
    }

    [Fact]
    public async Task A_user_has_only_so_many_tokens()
    {
        for (int i = 0; i < 20; i++)
            await MakeAsync("bob", new { expires_in = 100 });
        using HttpResponseMessage refused = await _admin.PostAsync("hub/api/users/bob/tokens", null);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("Accounts:MaxTokensPerUser", await refused.MessageAsync(), StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromSeconds(100));
        await MakeAsync("bob", new { });
    }

    [Fact]
    public async Task Using_a_token_is_noted_with_its_owner()
    {
        JsonObject made = await MakeAsync("ada", new { });
        using HttpClient ada = _hub.Client(made.Text("token"));
        _time.Advance(TimeSpan.FromMinutes(5));
        await ada.GetAsync("hub/api/user");
        await Eventually.Holds(async () =>
            (await _admin.GetFromJsonAsync<JsonObject>($"hub/api/users/ada/tokens/{made.Text("id")}"))!.Text("last_activity") == "2026-01-01T00:05:00.000000Z"
            && (await _admin.GetFromJsonAsync<JsonObject>("hub/api/users/ada"))!.Text("last_activity") == "2026-01-01T00:05:00.000000Z");
    }

    [Fact]
    public async Task A_token_of_the_settings_that_is_replaced_ends()
    {
        await _hub.StopAsync();
        await using HubFixture restarted = await HubFixture.StartAsync(["Hub:AdminToken=another-token-of-the-settings"], data: _hub.Data);
        using HttpClient old = restarted.Client();
        using HttpClient fresh = restarted.Client("another-token-of-the-settings");
        Assert.Equal(HttpStatusCode.Forbidden, (await old.GetAsync("hub/api/user")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await fresh.GetAsync("hub/api/user")).StatusCode);
    }

    private async Task<JsonObject> MakeAsync(string user, object body)
    {
        using HttpResponseMessage made = await _admin.PostAsJsonAsync($"hub/api/users/{user}/tokens", body);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        return await made.ObjectAsync();
    }
}
