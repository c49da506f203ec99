using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Xunit;

namespace Hub.Tests.Accounts;

/// <summary>Roles of the settings.</summary>
public sealed class RolesTests
{
    [Theory]
    [InlineData("Roles:teacher:Scopes:0=no:such", "Roles:teacher:Scopes:0: No such scope: no:such")]
    [InlineData("Roles:teacher:Scopes:1=users!color=red", "Roles:teacher:Scopes:1")]
    [InlineData("Roles:teacher:Scopes:0=inherit", "inherit is for tokens only")]
    [InlineData("Roles:admin:Scopes:0=read:hub", "Roles:admin: the default role admin cannot be changed")]
    [InlineData("Roles:X:Scopes:0=read:hub", "Roles:X: a role's name")]
    [InlineData("Roles:user:Users:0=ada", "Roles:user: every user holds it")]
    public async Task What_is_no_role_stops_the_start_and_is_named(string setting, string named)
    {
        string[] settings = setting.Contains(":1=", StringComparison.Ordinal) ? ["Roles:teacher:Scopes:0=self", setting] : [setting];
        OptionsValidationException wrong = await Assert.ThrowsAsync<OptionsValidationException>(() => HubFixture.StartAsync(settings));
        Assert.Contains(named, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mistyped_key_of_a_role_is_told()
    {
        HubSettingsException wrong = await Assert.ThrowsAsync<HubSettingsException>(() => HubFixture.StartAsync(["Roles:teacher:Scope:0=self"]));
        Assert.Contains("Roles:teacher:Scopes", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_settings_say_what_every_user_may_and_what_some_may_besides()
    {
        await using HubFixture hub = await HubFixture.StartAsync(
        [
            "Roles:user:Scopes:0=self", "Roles:user:Scopes:1=read:users:name",
            "Roles:watcher:Scopes:0=read:metrics", "Roles:watcher:Users:0=ada",
        ]);
        using HttpClient admin = hub.Client();
        await admin.PostAsJsonAsync("hub/api/users", new { usernames = new[] { "ada", "bob" } });
        JsonObject token = await (await admin.PostAsync("hub/api/users/ada/tokens", null)).ObjectAsync();
        using HttpClient ada = hub.Client(token.Text("token"));
        JsonObject self = (await ada.GetFromJsonAsync<JsonObject>("hub/api/user"))!;
        Assert.Equal(["user", "watcher"], self["roles"].Texts());
        Assert.Contains("read:metrics", self["scopes"].Texts());
        Assert.Equal(HttpStatusCode.OK, (await ada.GetAsync("hub/api/users/bob")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await ada.GetAsync("hub/api/users/bob/tokens")).StatusCode);
    }

    [Fact]
    public async Task A_token_asked_for_with_a_role_has_its_scopes_as_far_as_its_owner()
    {
        await using HubFixture hub = await HubFixture.StartAsync(["Roles:starter:Scopes:0=start:servers!user", "Roles:far:Scopes:0=read:hub"]);
        using HttpClient admin = hub.Client();
        await admin.PostAsync("hub/api/users/mary%20ann", null);
        JsonObject all = await (await admin.PostAsync("hub/api/users/mary%20ann/tokens", null)).ObjectAsync();
        using HttpClient mary = hub.Client(all.Text("token"));
        JsonObject token = await (await mary.PostAsJsonAsync("hub/api/users/mary%20ann/tokens", new { roles = new[] { "starter" } })).ObjectAsync();
        using HttpClient starter = hub.Client(token.Text("token"));
        Assert.Equal(HttpStatusCode.Created, (await starter.PostAsync("hub/api/users/mary%20ann/server", null)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await starter.DeleteAsync("hub/api/users/mary%20ann/server")).StatusCode);
        using HttpResponseMessage far = await mary.PostAsJsonAsync("hub/api/users/mary%20ann/tokens", new { roles = new[] { "far" } });
        Assert.Equal(HttpStatusCode.BadRequest, far.StatusCode);
        using HttpResponseMessage none = await mary.PostAsJsonAsync("hub/api/users/mary%20ann/tokens", new { roles = new[] { "none" } });
        Assert.Equal("No such role: none", await none.MessageAsync());
    }

    [Fact]
    public async Task A_name_with_a_space_in_a_filter_stays_one_scope()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        using HttpClient admin = hub.Client();
        await admin.PostAsync("hub/api/users/mary%20ann", null);
        JsonObject token = await (await admin.PostAsJsonAsync("hub/api/users/admin/tokens", new { scopes = new[] { "read:users!user=mary ann" } })).ObjectAsync();
        using HttpClient narrow = hub.Client(token.Text("token"));
        Assert.Equal(HttpStatusCode.OK, (await narrow.GetAsync("hub/api/users/mary%20ann")).StatusCode);
        Assert.Equal(["read:users!user=mary ann"], (await (await admin.GetAsync($"hub/api/users/admin/tokens/{token.Text("id")}")).ObjectAsync())["scopes"].Texts());
    }
}
