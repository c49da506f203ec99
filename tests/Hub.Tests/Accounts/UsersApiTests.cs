using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Hub.Tests.Accounts;

/// <summary>Users on JupyterHub's API, asked for as its clients do.</summary>
public sealed class UsersApiTests(HubFixture hub) : IClassFixture<HubFixture>
{
    private readonly HttpClient _admin = hub.Client();

    [Fact]
    public async Task The_version_is_told_to_anybody_and_with_every_answer()
    {
        using HttpClient nobody = hub.Client(token: null);
        using HttpResponseMessage answer = await nobody.GetAsync("hub/api/");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("6.0.0", (await answer.ObjectAsync()).Text("version"));
        Assert.Equal("*", Assert.Single(answer.Headers.GetValues("Access-Control-Allow-Origin")));
        foreach (string path in new[] { "hub/api", "hub/api/user", "hub/api/nothing/here", "hub/api/users/nobody" })
        {
            using HttpResponseMessage other = await nobody.GetAsync(path);
            Assert.Equal("6.0.0", Assert.Single(other.Headers.GetValues("X-JupyterHub-Version")));
        }
    }

    [Fact]
    public async Task The_token_from_the_settings_is_the_administrators()
    {
        JsonObject self = (await _admin.GetFromJsonAsync<JsonObject>("hub/api/user"))!;
        Assert.Equal("admin", self.Text("name"));
        Assert.Equal("user", self.Text("kind"));
        Assert.True(self["admin"]!.GetValue<bool>());
        Assert.Equal(["admin", "user"], self["roles"].Texts());
        Assert.Matches("^a[0-9]+$", self.Text("token_id"));
        Assert.True(self.ContainsKey("session_id"));
        Assert.Contains("admin:users", self["scopes"].Texts());
        Assert.Equal(self["scopes"].Texts().Order(StringComparer.Ordinal), self["scopes"].Texts());
    }

    [Fact]
    public async Task The_hub_tells_its_administrator_what_it_is()
    {
        JsonObject info = (await _admin.GetFromJsonAsync<JsonObject>("hub/api/info"))!;
        Assert.Equal(["version", "python", "sys_executable", "authenticator", "spawner"], info.Select(key => key.Key));
        Assert.Equal(["class", "version"], info["spawner"]!.AsObject().Select(key => key.Key));
    }

    [Fact]
    public async Task A_created_user_has_every_key_of_jupyterhubs_model()
    {
        using HttpResponseMessage created = await _admin.PostAsync("hub/api/users/Model.User", null);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        JsonObject model = await created.ObjectAsync();
        Assert.Equal("model.user", model.Text("name"));
        Assert.Equal(
            ["admin", "auth_state", "created", "groups", "kind", "last_activity", "name", "pending", "roles", "server", "servers", "user_info"],
            model.Select(key => key.Key).Order(StringComparer.Ordinal));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", model.Text("created"));
        Assert.Equal(["user"], model["roles"].Texts());
        Assert.Empty(model["servers"]!.AsObject());
        using HttpResponseMessage again = await _admin.PostAsync("hub/api/users/MODEL.user", null);
        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        JsonObject got = (await _admin.GetFromJsonAsync<JsonObject>("hub/api/users/Model.User"))!;
        Assert.Equal(model.ToJsonString(), got.ToJsonString());
    }

    [Fact]
    public async Task Many_users_are_created_at_once_and_those_that_exist_are_skipped()
    {
        using HttpResponseMessage first = await _admin.PostAsJsonAsync("hub/api/users", new { usernames = new[] { "many-a", "Many-B" }, admin = true });
        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        Assert.Equal(["many-a", "many-b"], (await first.ArrayAsync()).Select(model => model!.AsObject().Text("name")));
        using HttpResponseMessage second = await _admin.PostAsJsonAsync("hub/api/users", new { usernames = new[] { "many-b", "many-c" } });
        JsonObject added = Assert.Single(await second.ArrayAsync())!.AsObject();
        Assert.Equal("many-c", added.Text("name"));
        Assert.False(added["admin"]!.GetValue<bool>());
        using HttpResponseMessage third = await _admin.PostAsJsonAsync("hub/api/users", new { usernames = new[] { "many-a", "many-b" } });
        Assert.Equal(HttpStatusCode.Conflict, third.StatusCode);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"usernames": []}""")]
    [InlineData("""{"usernames": "bad-one"}""")]
    [InlineData("""{"usernames": ["bad-one", 7]}""")]
    [InlineData("""{"usernames": ["bad-one", "no/name"]}""")]
    [InlineData("""{"usernames": ["bad-one"], "admin": "yes"}""")]
    [InlineData("""{"usernames": ["bad-one"], "password": "x"}""")]
    public async Task A_malformed_request_is_refused_and_creates_nobody(string body)
    {
        using HttpResponseMessage answer = await _admin.PostAsync("hub/api/users", Json.Raw(body));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        JsonObject error = await answer.ObjectAsync();
        Assert.Equal(400, error["status"]!.GetValue<int>());
        Assert.NotEmpty(error.Text("message")!);
        using HttpResponseMessage nobody = await _admin.GetAsync("hub/api/users/bad-one");
        Assert.Equal(HttpStatusCode.NotFound, nobody.StatusCode);
    }

    [Theory]
    [InlineData("a%2Fb")]
    [InlineData("a%0Ab")]
    [InlineData("a!user=b")]
    public async Task A_name_that_is_none_is_refused(string name)
    {
        using HttpResponseMessage answer = await _admin.PostAsync("hub/api/users/" + name, null);
        Assert.InRange((int)answer.StatusCode, 400, 404);
        Assert.NotEmpty((await answer.MessageAsync())!);
    }

    [Fact]
    public async Task A_user_is_renamed_promoted_and_shown_under_another_name()
    {
        await _admin.PostAsync("hub/api/users/change-me", null);
        await _admin.PostAsync("hub/api/users/change-taken", null);
        using HttpResponseMessage taken = await _admin.PatchAsJsonAsync("hub/api/users/change-me", new { name = "Change-Taken" });
        Assert.Equal(HttpStatusCode.BadRequest, taken.StatusCode);
        using HttpResponseMessage changed = await _admin.PatchAsJsonAsync("hub/api/users/change-me", new { name = "Changed", admin = true, display_name = "Mx Changed" });
        JsonObject model = await changed.ObjectAsync();
        Assert.Equal("changed", model.Text("name"));
        Assert.True(model["admin"]!.GetValue<bool>());
        Assert.Equal("Mx Changed", model["user_info"]!.AsObject().Text("display_name"));
        Assert.Equal(HttpStatusCode.NotFound, (await _admin.GetAsync("hub/api/users/change-me")).StatusCode);
        foreach (object wrong in new object[] { new { name = 7 }, new { admin = "no" }, new { color = "red" }, new { name = "no/name" }, new { display_name = "" } })
            Assert.Equal(HttpStatusCode.BadRequest, (await _admin.PatchAsJsonAsync("hub/api/users/changed", wrong)).StatusCode);
    }

    [Fact]
    public async Task A_user_with_a_running_server_keeps_the_name()
    {
        await _admin.PostAsync("hub/api/users/busy-name", null);
        await _admin.PostAsync("hub/api/users/busy-name/server", null);
        using HttpResponseMessage refused = await _admin.PatchAsJsonAsync("hub/api/users/busy-name", new { name = "idle-name" });
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        await _admin.DeleteAsync("hub/api/users/busy-name/server");
        using HttpResponseMessage renamed = await _admin.PatchAsJsonAsync("hub/api/users/busy-name", new { name = "idle-name" });
        Assert.Equal(HttpStatusCode.OK, renamed.StatusCode);
    }

    [Fact]
    public async Task A_deleted_user_is_gone_with_every_token_and_nobody_deletes_themselves()
    {
        await _admin.PostAsync("hub/api/users/leaver", null);
        JsonObject token = await (await _admin.PostAsync("hub/api/users/leaver/tokens", null)).ObjectAsync();
        using HttpClient leaver = hub.Client(token.Text("token"));
        Assert.Equal(HttpStatusCode.OK, (await leaver.GetAsync("hub/api/user")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await _admin.DeleteAsync("hub/api/users/leaver")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await leaver.GetAsync("hub/api/user")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _admin.DeleteAsync("hub/api/users/leaver")).StatusCode);
        using HttpResponseMessage self = await _admin.DeleteAsync("hub/api/users/admin");
        Assert.Equal(HttpStatusCode.BadRequest, self.StatusCode);
        Assert.Equal("Cannot delete yourself!", await self.MessageAsync());
    }

    [Fact]
    public async Task A_disabled_user_is_let_in_no_more_until_enabled_again()
    {
        await _admin.PostAsync("hub/api/users/paused", null);
        JsonObject token = await (await _admin.PostAsync("hub/api/users/paused/tokens", null)).ObjectAsync();
        using HttpClient paused = hub.Client(token.Text("token"));
        await _admin.PatchAsJsonAsync("hub/api/users/paused", new { disabled = true });
        Assert.Equal(HttpStatusCode.Forbidden, (await paused.GetAsync("hub/api/user")).StatusCode);
        await _admin.PatchAsJsonAsync("hub/api/users/paused", new { disabled = false });
        Assert.Equal(HttpStatusCode.OK, (await paused.GetAsync("hub/api/user")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await _admin.PatchAsJsonAsync("hub/api/users/admin", new { disabled = true })).StatusCode);
    }

    [Fact]
    public async Task A_list_comes_plain_or_in_pages_that_lead_on()
    {
        await _admin.PostAsJsonAsync("hub/api/users", new { usernames = Enumerable.Range(0, 7).Select(i => string.Create(CultureInfo.InvariantCulture, $"page_{i}")) });
        JsonArray plain = (await _admin.GetFromJsonAsync<JsonArray>("hub/api/users?name_filter=PAGE_&sort=-name"))!;
        Assert.Equal(["page_6", "page_5", "page_4", "page_3", "page_2", "page_1", "page_0"], plain.Select(model => model!.AsObject().Text("name")));

        using HttpClient paging = hub.Client();
        paging.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/jupyterhub-pagination+json"));
        var names = new List<string?>();
        string? next = "hub/api/users?name_filter=page_&sort=name&limit=3";
        while (next is not null)
        {
            JsonObject page = (await paging.GetFromJsonAsync<JsonObject>(next))!;
            JsonObject position = page["_pagination"]!.AsObject();
            Assert.Equal(7, position["total"]!.GetValue<int>());
            Assert.Equal(names.Count, position["offset"]!.GetValue<int>());
            names.AddRange(page["items"]!.AsArray().Select(model => model!.AsObject().Text("name")));
            next = position["next"]?.AsObject().Text("url");
            Assert.True(next is null || next.StartsWith(hub.Address.AbsoluteUri, StringComparison.Ordinal));
        }
        Assert.Equal(["page_0", "page_1", "page_2", "page_3", "page_4", "page_5", "page_6"], names);
    }

    [Theory]
    [InlineData("state=asleep")]
    [InlineData("sort=color")]
    [InlineData("limit=ten")]
    [InlineData("offset=1.5")]
    public async Task A_list_asked_for_wrongly_is_refused(string query) =>
        Assert.Equal(HttpStatusCode.BadRequest, (await _admin.GetAsync("hub/api/users?" + query)).StatusCode);

    [Fact]
    public async Task A_list_is_narrowed_to_users_whose_server_runs_or_does_not()
    {
        await _admin.PostAsJsonAsync("hub/api/users", new { usernames = new[] { "state-on", "state-off" } });
        await _admin.PostAsync("hub/api/users/state-on/server", null);
        foreach ((string state, string expected) in new[] { ("active", "state-on"), ("ready", "state-on"), ("inactive", "state-off") })
        {
            JsonArray found = (await _admin.GetFromJsonAsync<JsonArray>($"hub/api/users?name_filter=state-&state={state}"))!;
            Assert.Equal(expected, Assert.Single(found)!.AsObject().Text("name"));
        }
        JsonObject on = (await _admin.GetFromJsonAsync<JsonObject>("hub/api/users/state-on"))!;
        Assert.Equal("/user/state-on/", on.Text("server"));
        Assert.True(on["servers"]!.AsObject()[""]!["ready"]!.GetValue<bool>());
    }

    [Fact]
    public async Task A_filter_character_is_taken_as_it_is_written()
    {
        await _admin.PostAsJsonAsync("hub/api/users", new { usernames = new[] { "under_score", "underxscore" } });
        JsonArray found = (await _admin.GetFromJsonAsync<JsonArray>("hub/api/users?name_filter=under_s"))!;
        Assert.Equal("under_score", Assert.Single(found)!.AsObject().Text("name"));
        Assert.Empty((await _admin.GetFromJsonAsync<JsonArray>("hub/api/users?name_filter=%25"))!);
    }
}
