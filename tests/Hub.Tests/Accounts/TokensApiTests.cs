using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Hub.Tests.Accounts;

/// <summary>API tokens: made, used, limited, ended.</summary>
public sealed class TokensApiTests(HubFixture hub) : IClassFixture<HubFixture>, IAsyncLifetime
{
    private readonly HubFixture _hub = hub;
    private readonly HttpClient _admin = hub.Client();

    public async ValueTask InitializeAsync()
    {
        using HttpResponseMessage created = await _admin.PostAsJsonAsync("hub/api/users", new { usernames = new[] { "ada", "bob" } });
    }

    public async ValueTask DisposeAsync()
    {
        await _admin.DeleteAsync("hub/api/users/ada");
        await _admin.DeleteAsync("hub/api/users/bob");
        _admin.Dispose();
    }

    [Fact]
    public async Task A_token_is_shown_once_and_lets_its_owner_in_by_both_spellings()
    {
        JsonObject made = await MakeAsync("ada", new { note = "for the script" });
        string secret = made.Text("token")!;
        Assert.True(secret.Length >= 32);
        Assert.Equal(
            ["created", "expires_at", "id", "kind", "last_activity", "note", "oauth_client", "roles", "scopes", "session_id", "token", "user"],
            made.Select(key => key.Key).Order(StringComparer.Ordinal));
        Assert.Matches("^a[0-9]+$", made.Text("id"));
        Assert.Equal("api_token", made.Text("kind"));

        foreach (string header in new[] { "token " + secret, "Token   " + secret, "bearer " + secret, "BEARER " + secret })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_hub.Address, "hub/api/user"));
            request.Headers.TryAddWithoutValidation("Authorization", header);
            using HttpClient client = _hub.Client(token: null);
            Assert.Equal(HttpStatusCode.OK, (await client.SendAsync(request)).StatusCode);
        }
        JsonObject shown = (await _admin.GetFromJsonAsync<JsonObject>($"hub/api/users/ada/tokens/{made.Text("id")}"))!;
        Assert.False(shown.ContainsKey("token"));
        Assert.Equal("for the script", shown.Text("note"));
        JsonObject list = (await _admin.GetFromJsonAsync<JsonObject>("hub/api/users/ada/tokens"))!;
        Assert.Contains(list["api_tokens"]!.AsArray(), token => token!.AsObject().Text("id") == made.Text("id") && !token.AsObject().ContainsKey("token"));
    }

    [Fact]
    public async Task The_data_directory_holds_no_token_in_plain()
    {
        string secret = (await MakeAsync("ada", new { })).Text("token")!;
        // The lock and the control socket have no content, and nobody else can open them.
        foreach (string file in Directory.GetFiles(_hub.Data, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) is not ("hub.lock" or "hub.sock")))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
            string content = await reader.ReadToEndAsync();
            Assert.DoesNotContain(secret, content, StringComparison.Ordinal);
            Assert.DoesNotContain(HubFixture.AdminToken, content, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_revoked_token_is_worth_nothing_at_once()
    {
        JsonObject made = await MakeAsync("ada", new { });
        using HttpClient ada = _hub.Client(made.Text("token"));
        Assert.Equal(HttpStatusCode.NotFound, (await ada.DeleteAsync($"hub/api/users/bob/tokens/{made.Text("id")}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _admin.DeleteAsync($"hub/api/users/bob/tokens/{made.Text("id")}")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await ada.DeleteAsync($"hub/api/users/ada/tokens/{made.Text("id")}")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await ada.GetAsync("hub/api/user")).StatusCode);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("a")]
    [InlineData("a999999")]
    [InlineData("a-1")]
    [InlineData("o1")]
    public async Task An_id_that_is_none_is_not_found(string id)
    {
        Assert.Equal(HttpStatusCode.NotFound, (await _admin.GetAsync("hub/api/users/ada/tokens/" + id)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _admin.DeleteAsync("hub/api/users/ada/tokens/" + id)).StatusCode);
    }

    [Theory]
    [InlineData("""{"note": 7}""")]
    [InlineData("""{"expires_in": "soon"}""")]
    [InlineData("""{"expires_in": 1.5}""")]
    [InlineData("""{"expires_in": 0}""")]
    [InlineData("""{"expires_in": -5}""")]
    [InlineData("""{"scopes": "all"}""")]
    [InlineData("""{"scopes": ["no:such"]}""")]
    [InlineData("""{"scopes": ["admin:users"]}""")]
    [InlineData("""{"scopes": ["access:servers"]}""")]
    [InlineData("""{"scopes": ["access:servers!user=bob"]}""")]
    [InlineData("""{"roles": ["admin"]}""")]
    [InlineData("""{"roles": ["no-such"]}""")]
    [InlineData("""{"color": "red"}""")]
    [InlineData("[1]")]
    [InlineData("{")]
    public async Task A_token_asked_for_wrongly_or_beyond_its_owner_is_not_made(string body)
    {
        using HttpResponseMessage refused = await _admin.PostAsync("hub/api/users/ada/tokens", Json.Raw(body));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.NotEmpty((await refused.MessageAsync())!);
        Assert.Empty((await _admin.GetFromJsonAsync<JsonObject>("hub/api/users/ada/tokens"))!["api_tokens"]!.AsArray());
    }

    [Fact]
    public async Task A_narrow_token_does_what_it_says_and_makes_no_wider_one()
    {
        string secret = (await MakeAsync("ada", new { scopes = new[] { "tokens!user", "read:servers!user" } })).Text("token")!;
        using HttpClient narrow = _hub.Client(secret);
        JsonObject self = (await narrow.GetFromJsonAsync<JsonObject>("hub/api/user"))!;
        Assert.Equal(
            ["read:servers!user=ada", "read:tokens!user=ada", "read:users:groups!user=ada", "read:users:name!user=ada", "tokens!user=ada"],
            self["scopes"].Texts());
        Assert.False(self.ContainsKey("created"));
        Assert.Equal(HttpStatusCode.BadRequest, (await narrow.PostAsync("hub/api/users/ada/tokens", null)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await narrow.PostAsJsonAsync("hub/api/users/ada/tokens", new { scopes = new[] { "servers!user" } })).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await narrow.PostAsJsonAsync("hub/api/users/ada/tokens", new { scopes = new[] { "read:servers!user" } })).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await narrow.PostAsync("hub/api/users/ada/server", null)).StatusCode);
    }

    [Fact]
    public async Task A_token_loses_what_its_owner_loses()
    {
        await _admin.PatchAsJsonAsync("hub/api/users/ada", new { admin = true });
        using HttpClient ada = _hub.Client((await MakeAsync("ada", new { scopes = new[] { "list:users" } })).Text("token"));
        Assert.Equal(HttpStatusCode.OK, (await ada.GetAsync("hub/api/users")).StatusCode);
        await _admin.PatchAsJsonAsync("hub/api/users/ada", new { admin = false });
        Assert.Equal(HttpStatusCode.Forbidden, (await ada.GetAsync("hub/api/users")).StatusCode);
    }

    [Fact]
    public async Task A_token_in_the_address_counts_below_user_only()
    {
        string secret = (await MakeAsync("ada", new { })).Text("token")!;
        await _admin.PostAsync("hub/api/users/ada/server", null);
        using HttpClient nobody = _hub.Client(token: null);
        Assert.Equal(HttpStatusCode.OK, (await nobody.GetAsync($"user/ada/api/me?token={secret}")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await nobody.GetAsync($"hub/api/user?token={secret}")).StatusCode);
        nobody.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String("ada:x"u8.ToArray()));
        Assert.Equal(HttpStatusCode.Forbidden, (await nobody.GetAsync("hub/api/user")).StatusCode);
    }

    private async Task<JsonObject> MakeAsync(string user, object body)
    {
        using HttpResponseMessage made = await _admin.PostAsJsonAsync($"hub/api/users/{user}/tokens", body);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        return await made.ObjectAsync();
    }
}
