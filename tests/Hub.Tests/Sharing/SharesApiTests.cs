using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Testing;
using Xunit;

namespace Hub.Tests.Sharing;

/// <summary>Shares on JupyterHub's API: who may share what with whom, what it lets them do, and that it ends.</summary>
public sealed class SharesApiTests(SharesApiTests.Town town) : IClassFixture<SharesApiTests.Town>
{
    private readonly HubFixture _hub = town.Hub;
    private readonly HttpClient _admin = town.Admin;

    [Fact]
    public async Task A_server_is_shared_used_narrowed_and_taken_back()
    {
        (string owner, HttpClient _) = await town.PersonAsync();
        (string friend, HttpClient friends) = await town.PersonAsync();
        await _admin.PostAsync($"hub/api/users/{owner}/server", null);
        Assert.Equal(HttpStatusCode.NotFound, (await friends.GetAsync($"user/{owner}/api/status")).StatusCode);

        JsonObject share = await GrantAsync(owner, new { user = friend.ToUpperInvariant(), scopes = new[] { "access:servers", $"read:servers!server={owner}/" } });
        Assert.Equal(
            $$"""{"server":{"user":{"name":"{{owner}}"},"name":"","url":"/user/{{owner}}/","full_url":null,"ready":true},"scopes":["access:servers!server={{owner}}/","read:servers!server={{owner}}/"],"user":{"name":"{{friend}}"},"group":null,"kind":"user"}""",
            Without(share, "created_at"));
        Assert.Equal(HttpStatusCode.OK, (await friends.GetAsync($"user/{owner}/api/status")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await friends.GetAsync($"hub/api/users/{owner}/server")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await friends.DeleteAsync($"hub/api/users/{owner}/server")).StatusCode);
        Assert.Contains($"access:servers!server={owner}/", (await (await friends.GetAsync("hub/api/user")).ObjectAsync())["scopes"].Texts());

        JsonObject left = await (await _admin.PatchAsJsonAsync($"hub/api/shares/{owner}/", new { user = friend, scopes = new[] { "access:servers" } })).ObjectAsync();
        Assert.Equal([$"read:servers!server={owner}/"], left["scopes"].Texts());
        Assert.Equal(HttpStatusCode.NotFound, (await friends.GetAsync($"user/{owner}/api/status")).StatusCode);
        using HttpResponseMessage nothing = await _admin.PatchAsJsonAsync($"hub/api/shares/{owner}/", new { user = friend });
        Assert.Equal("{}", await nothing.Content.ReadAsStringAsync());
        using HttpResponseMessage again = await _admin.PatchAsJsonAsync($"hub/api/shares/{owner}/", new { user = friend });
        Assert.Equal("{}", await again.Content.ReadAsStringAsync());

        foreach (string kind in new[] { "share-granted", "share-revoked" })
            await Eventually.Holds(async () => (await _admin.GetStringAsync($"hub/api/audit?user={owner}&kind={kind}")).Contains(kind, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_share_with_a_group_reaches_its_members_as_long_as_they_are_in_it()
    {
        (string owner, HttpClient _) = await town.PersonAsync();
        (string member, HttpClient members) = await town.PersonAsync();
        string group = "g-" + owner;
        await _admin.PostAsync($"hub/api/groups/{group}", null);
        await _admin.PostAsync($"hub/api/users/{owner}/server", null);
        JsonObject share = await GrantAsync(owner, new { group });
        Assert.Equal(("group", group), (share.Text("kind"), share["group"]!.AsObject().Text("name")));
        Assert.Null(share["user"]);
        Assert.Equal(HttpStatusCode.NotFound, (await members.GetAsync($"user/{owner}/api/status")).StatusCode);

        await _admin.PostAsJsonAsync($"hub/api/groups/{group}/users", new { users = new[] { member } });
        Assert.Equal(HttpStatusCode.OK, (await members.GetAsync($"user/{owner}/api/status")).StatusCode);
        Assert.Single((await ListAsync(members, $"hub/api/users/{member}/shared")).Items);
        Assert.Single((await ListAsync(_admin, $"hub/api/groups/{group}/shared")).Items);
        Assert.Equal(HttpStatusCode.OK, (await _admin.GetAsync($"hub/api/groups/{group}/shared/{owner}/")).StatusCode);
        // It is the group's, not the member's, to leave.
        Assert.Equal(HttpStatusCode.NotFound, (await members.DeleteAsync($"hub/api/users/{member}/shared/{owner}/")).StatusCode);

        await _admin.SendAsync(new HttpRequestMessage(HttpMethod.Delete, $"hub/api/groups/{group}/users") { Content = JsonContent.Create(new { users = new[] { member } }) });
        Assert.Equal(HttpStatusCode.NotFound, (await members.GetAsync($"user/{owner}/api/status")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await _admin.DeleteAsync($"hub/api/groups/{group}/shared/{owner}/")).StatusCode);
        Assert.Empty((await ListAsync(_admin, $"hub/api/shares/{owner}")).Items);
    }

    [Fact]
    public async Task Shares_are_listed_from_both_sides_by_pages_and_left()
    {
        (string owner, HttpClient owners) = await town.PersonAsync();
        (string first, HttpClient firsts) = await town.PersonAsync();
        (string second, HttpClient _) = await town.PersonAsync();
        await GrantAsync(owner, new { user = first });
        await GrantAsync(owner, new { user = second });

        (JsonArray items, JsonObject position) = await ListAsync(owners, $"hub/api/shares/{owner}/?limit=1");
        Assert.Equal(first, items[0]!["user"]!["name"]!.GetValue<string>());
        Assert.Equal((1, 2), (items.Count, position["total"]!.GetValue<int>()));
        Assert.Equal($"{_hub.Address}hub/api/shares/{owner}/?offset=1&limit=1", position["next"]!["url"]!.GetValue<string>());
        Assert.Equal(2, (await ListAsync(owners, $"hub/api/shares/{owner}")).Items.Count);
        Assert.Single((await ListAsync(firsts, $"hub/api/users/{first}/shared")).Items);
        Assert.Equal(HttpStatusCode.OK, (await firsts.GetAsync($"hub/api/users/{first}/shared/{owner}/")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await firsts.GetAsync($"hub/api/users/{second}/shared")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await firsts.GetAsync($"hub/api/shares/{owner}/")).StatusCode);

        Assert.Equal(HttpStatusCode.NoContent, (await firsts.DeleteAsync($"hub/api/users/{first}/shared/{owner}/")).StatusCode);
        using HttpResponseMessage gone = await firsts.DeleteAsync($"hub/api/users/{first}/shared/{owner}/");
        Assert.Equal((HttpStatusCode.NotFound, $"No such share: {owner}/ with {first}"), (gone.StatusCode, await gone.MessageAsync()));
        Assert.Equal(HttpStatusCode.NoContent, (await _admin.DeleteAsync($"hub/api/shares/{owner}/")).StatusCode);
        Assert.Empty((await ListAsync(owners, $"hub/api/shares/{owner}")).Items);
    }

    [Theory]
    [InlineData("{}", 400, "Exactly one of user or group must be specified")]
    [InlineData("""{"user":"bob","group":"x"}""", 400, "Exactly one of user or group must be specified")]
    [InlineData("""{"user":"bob","extra":1}""", 400, "Invalid JSON keys: extra")]
    [InlineData("""{"user":"nobody"}""", 400, "No such user: nobody")]
    [InlineData("""{"group":"none"}""", 400, "No such group: none")]
    [InlineData("""{"user":"ada"}""", 400, "You can't share with yourself!")]
    [InlineData("""{"user":"bob","scopes":"access:servers"}""", 400, "scopes must be a list of strings")]
    [InlineData("""{"user":"bob","scopes":["access:servers!server=bob/"]}""", 400, "!server=bob/ not allowed on sharing access:servers, only !server=ada/")]
    [InlineData("""{"user":"bob","scopes":["access:servers!user=ada"]}""", 400, "!user=ada not allowed on sharing access:servers, only !server=ada/")]
    [InlineData("""{"user":"bob","scopes":["admin:users"]}""", 400, "Scope cannot be shared: admin:users (shareable: access:servers, servers, read:servers, start:servers, delete:servers, shares, read:shares)")]
    [InlineData("""{"user":"bob","scopes":["tokens!server=ada/"]}""", 400, "Scope cannot be shared: tokens!server=ada/ (shareable: access:servers, servers, read:servers, start:servers, delete:servers, shares, read:shares)")]
    public async Task What_is_wrong_is_named(string body, int status, string message)
    {
        using HttpResponseMessage answer = await _admin.PostAsync("hub/api/shares/ada/", Json.Raw(body));
        Assert.Equal((status, message), ((int)answer.StatusCode, await answer.MessageAsync()));
    }

    [Fact]
    public async Task A_server_must_be_named_and_be_there()
    {
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await _admin.PostAsJsonAsync("hub/api/shares/ada", new { user = "bob" })).StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await _admin.DeleteAsync("hub/api/shares/ada")).StatusCode);
        using HttpResponseMessage named = await _admin.PostAsJsonAsync("hub/api/shares/ada/none", new { user = "bob" });
        Assert.Equal((HttpStatusCode.NotFound, "No such server: ada/none"), (named.StatusCode, await named.MessageAsync()));
        Assert.Equal(HttpStatusCode.NotFound, (await _admin.GetAsync("hub/api/shares/nobody")).StatusCode);
    }

    [Fact]
    public async Task Nobody_shares_more_than_they_have_nor_with_whom_they_cannot_see()
    {
        (string owner, HttpClient owners) = await town.PersonAsync();
        (string friend, HttpClient _) = await town.PersonAsync();
        // The default roles let nobody share, as in JupyterHub.
        Assert.Equal(HttpStatusCode.Forbidden, (await owners.PostAsJsonAsync($"hub/api/shares/{owner}/", new { user = friend })).StatusCode);

        // sharer may share ada's server, see bob, and use it, but not stop it.
        using HttpClient sharer = town.Sharer;
        using HttpResponseMessage unseen = await sharer.PostAsJsonAsync("hub/api/shares/ada/", new { user = friend });
        Assert.Equal((HttpStatusCode.Forbidden, $"Need scope 'read:users:name!user={friend}' to share with this user"), (unseen.StatusCode, await unseen.MessageAsync()));
        using HttpResponseMessage nobody = await sharer.PostAsJsonAsync("hub/api/shares/ada/", new { user = "no-such" });
        Assert.Equal(HttpStatusCode.Forbidden, nobody.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await sharer.PostAsJsonAsync("hub/api/shares/ada/", new { group = "x" })).StatusCode);
        using HttpResponseMessage more = await sharer.PostAsJsonAsync("hub/api/shares/ada/", new { user = "bob", scopes = new[] { "servers" } });
        Assert.Equal((HttpStatusCode.Forbidden, "Do not have permission to grant share with scopes servers"), (more.StatusCode, await more.MessageAsync()));
        Assert.Equal(HttpStatusCode.OK, (await sharer.PostAsJsonAsync("hub/api/shares/ada/", new { user = "bob" })).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await sharer.PostAsJsonAsync($"hub/api/shares/{owner}/", new { user = "bob" })).StatusCode);
    }

    [Fact]
    public async Task A_share_follows_the_names_ends_with_the_people_and_sleeps_while_the_owner_is_disabled()
    {
        (string owner, HttpClient _) = await town.PersonAsync();
        (string friend, HttpClient friends) = await town.PersonAsync();
        await GrantAsync(owner, new { user = friend });
        string after = owner + "-2";
        (await _admin.PatchAsJsonAsync($"hub/api/users/{owner}", new { name = after })).EnsureSuccessStatusCode();
        await _admin.PostAsync($"hub/api/users/{after}/server", null);
        Assert.Equal(HttpStatusCode.OK, (await friends.GetAsync($"user/{after}/api/status")).StatusCode);

        await _admin.PatchAsJsonAsync($"hub/api/users/{after}", new { disabled = true });
        Assert.Equal(HttpStatusCode.NotFound, (await friends.GetAsync($"user/{after}/api/status")).StatusCode);
        await _admin.PatchAsJsonAsync($"hub/api/users/{after}", new { disabled = false });
        Assert.Equal(HttpStatusCode.OK, (await friends.GetAsync($"user/{after}/api/status")).StatusCode);

        await _admin.DeleteAsync($"hub/api/users/{friend}");
        Assert.Empty((await ListAsync(_admin, $"hub/api/shares/{after}")).Items);
    }

    [Fact]
    public async Task A_token_has_of_a_share_only_what_it_was_given()
    {
        (string owner, HttpClient _) = await town.PersonAsync();
        (string friend, HttpClient friends) = await town.PersonAsync();
        await _admin.PostAsync($"hub/api/users/{owner}/server", null);
        await GrantAsync(owner, new { user = friend });
        JsonObject token = await (await friends.PostAsJsonAsync($"hub/api/users/{friend}/tokens", new { scopes = new[] { "read:users!user" } })).ObjectAsync();
        using HttpClient narrow = _hub.Client(token.Text("token"));
        Assert.Equal(HttpStatusCode.Forbidden, (await narrow.GetAsync($"user/{owner}/api/status")).StatusCode);
        JsonObject named = await (await friends.PostAsJsonAsync($"hub/api/users/{friend}/tokens", new { scopes = new[] { $"access:servers!server={owner}/" } })).ObjectAsync();
        using HttpClient wide = _hub.Client(named.Text("token"));
        Assert.Equal(HttpStatusCode.OK, (await wide.GetAsync($"user/{owner}/api/status")).StatusCode);
        await _admin.DeleteAsync($"hub/api/shares/{owner}/");
        Assert.Equal(HttpStatusCode.Forbidden, (await wide.GetAsync($"user/{owner}/api/status")).StatusCode);
    }

    [Fact]
    public async Task Shares_are_there_again_after_a_restart_and_as_many_as_the_settings_allow()
    {
        string data = Directory.CreateTempSubdirectory("hub-shares-").FullName;
        try
        {
            string token;
            await using (HubFixture first = await HubFixture.StartAsync(["Sharing:MaxSharesPerServer=1"], data: data))
            {
                using HttpClient admin = first.Client();
                await admin.PostAsJsonAsync("hub/api/users", new { usernames = new[] { "ada", "bob", "eve" } });
                await admin.PostAsync("hub/api/users/ada/server", null);
                token = (await (await admin.PostAsync("hub/api/users/bob/tokens", null)).ObjectAsync()).Text("token")!;
                Assert.Equal(HttpStatusCode.OK, (await admin.PostAsJsonAsync("hub/api/shares/ada/", new { user = "bob" })).StatusCode);
                Assert.Equal(HttpStatusCode.OK, (await admin.PostAsJsonAsync("hub/api/shares/ada/", new { user = "bob", scopes = new[] { "read:servers" } })).StatusCode);
                using HttpResponseMessage full = await admin.PostAsJsonAsync("hub/api/shares/ada/", new { user = "eve" });
                Assert.Contains("Sharing:MaxSharesPerServer", await full.MessageAsync(), StringComparison.Ordinal);
            }
            await using HubFixture second = await HubFixture.StartAsync(data: data);
            using HttpClient bob = second.Client(token);
            Assert.Equal(HttpStatusCode.OK, (await bob.GetAsync("user/ada/api/status")).StatusCode);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private async Task<JsonObject> GrantAsync(string owner, object body)
    {
        using HttpResponseMessage answer = await _admin.PostAsJsonAsync($"hub/api/shares/{owner}/", body);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return await answer.ObjectAsync();
    }

    private static async Task<(JsonArray Items, JsonObject Position)> ListAsync(HttpClient client, string path)
    {
        using HttpResponseMessage answer = await client.GetAsync(path);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        JsonObject page = await answer.ObjectAsync();
        return (page["items"]!.AsArray(), page["_pagination"]!.AsObject());
    }

    private static string Without(JsonObject model, string key)
    {
        model.Remove(key);
        return model.ToJsonString();
    }

    /// <summary>A hub with as many people as a test wants, and a sharer who may share ada's server but not stop it.</summary>
    public sealed class Town : IAsyncLifetime
    {
        private int _people;
        private string _sharer = "";

        public HubFixture Hub { get; private set; } = null!;

        public HttpClient Admin { get; private set; } = null!;

        public HttpClient Sharer => Hub.Client(_sharer);

        public async ValueTask InitializeAsync()
        {
            Hub = await HubFixture.StartAsync(
            [
                "Roles:sharer:Users:0=sharer", "Roles:sharer:Scopes:0=shares!user=ada", "Roles:sharer:Scopes:1=read:users:name!user=bob",
            ]);
            Admin = Hub.Client();
            await Admin.PostAsJsonAsync("hub/api/users", new { usernames = new[] { "ada", "bob", "sharer" } });
            _sharer = (await (await Admin.PostAsync("hub/api/users/sharer/tokens", null)).ObjectAsync()).Text("token")!;
        }

        /// <summary>Somebody new, and a client with a token of theirs.</summary>
        public async Task<(string Name, HttpClient Client)> PersonAsync()
        {
            string name = FormattableString.Invariant($"person{Interlocked.Increment(ref _people)}");
            (await Admin.PostAsync($"hub/api/users/{name}", null)).EnsureSuccessStatusCode();
            JsonObject token = await (await Admin.PostAsync($"hub/api/users/{name}/tokens", null)).ObjectAsync();
            return (name, Hub.Client(token.Text("token")));
        }

        public async ValueTask DisposeAsync()
        {
            Admin.Dispose();
            await Hub.DisposeAsync();
        }
    }
}
