using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Hub.Tests.Accounts;

/// <summary>Users on JupyterHub's API, asked for as its clients do.</summary>
public sealed class UsersApiTests(HubFixture hub) : IClassFixture<HubFixture>
{
    [Fact]
    public async Task The_version_is_told_to_anybody()
    {
        using HttpResponseMessage answer = await hub.Client(token: null).GetAsync("hub/api/");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("6.0.0", (await answer.Content.ReadFromJsonAsync<JsonObject>())!["version"]!.GetValue<string>());
        Assert.Equal("6.0.0", Assert.Single(answer.Headers.GetValues("X-JupyterHub-Version")));
    }

    [Fact]
    public async Task The_token_from_the_settings_is_the_administrators()
    {
        JsonObject self = (await hub.Client().GetFromJsonAsync<JsonObject>("hub/api/user"))!;
        Assert.Equal("admin", self["name"]!.GetValue<string>());
        Assert.True(self["admin"]!.GetValue<bool>());
        Assert.StartsWith("a", self["token_id"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains("admin:users", self["scopes"]!.AsArray().Select(scope => scope!.GetValue<string>()));
    }
}
