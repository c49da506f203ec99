using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Testing;
using Xunit;

namespace Hub.Tests.Sharing;

/// <summary>Rights to one server of somebody: they open that one and no other, below <c>/user/…</c> as on the API, for as long as they last.</summary>
public sealed class NamedServerSharesTests(SharesApiTests.Town town) : IClassFixture<SharesApiTests.Town>
{
    private readonly HubFixture _hub = town.Hub;
    private readonly HttpClient _admin = town.Admin;

    [Theory]
    [InlineData("!server={0}/second", false, true, false)]
    [InlineData("!server={0}/", true, false, false)]
    [InlineData("!server={0}/third", false, false, true)]
    [InlineData("!user={0}", true, true, true)]
    [InlineData("", true, true, true)]
    public async Task A_scope_with_a_server_opens_that_server_and_no_other(string filter, bool first, bool second, bool third)
    {
        (string owner, _) = await town.PersonAsync();
        await StartAllAsync(owner);
        string only = string.Format(null, filter, owner);
        using HttpResponseMessage made = await _admin.PostAsJsonAsync(
            "hub/api/users/admin/tokens", new { scopes = new[] { "access:servers" + only, "read:servers" + only, "servers" + only, $"read:users:name!user={owner}" } });
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        string token = (await made.ObjectAsync()).Text("token")!;
        using HttpClient client = _hub.Client(token);
        foreach ((string server, bool allowed) in new[] { ("", first), ("second/", second), ("third/", third) })
        {
            HttpStatusCode expected = allowed ? HttpStatusCode.OK : HttpStatusCode.NotFound;
            Assert.Equal(expected, (await client.GetAsync($"user/{owner}/{server}api/kernels")).StatusCode);
            Assert.Equal(expected, (await client.GetAsync($"user/{owner}/{server}api/contents")).StatusCode);
            Assert.Equal(expected, (await client.GetAsync($"hub/api/users/{owner}/servers/{server.TrimEnd('/')}")).StatusCode);
            Assert.Equal(allowed, await ListensAsync(owner, server, token));
        }
        string[] seen = [.. new[] { (first, ""), (second, "second"), (third, "third") }.Where(one => one.Item1).Select(one => one.Item2)];
        JsonObject model = (await client.GetFromJsonAsync<JsonObject>($"hub/api/users/{owner}"))!;
        Assert.Equal(seen, model["servers"]!.AsObject().Select(one => one.Key).Order(StringComparer.Ordinal));
        foreach ((string server, bool allowed) in new[] { ("", first), ("second", second), ("third", third) })
            Assert.Equal(allowed ? HttpStatusCode.NoContent : HttpStatusCode.NotFound, (await client.DeleteAsync($"hub/api/users/{owner}/servers/{server}")).StatusCode);
    }

    [Fact]
    public async Task A_named_server_is_shared_alone_and_the_share_ends_with_it()
    {
        (string owner, HttpClient owners) = await town.PersonAsync();
        (string friend, HttpClient friends) = await town.PersonAsync();
        await StartAllAsync(owner);
        using HttpResponseMessage granted = await _admin.PostAsJsonAsync($"hub/api/shares/{owner}/second", new { user = friend });
        JsonObject share = await granted.ObjectAsync();
        Assert.Equal(($"/user/{owner}/second/", $"access:servers!server={owner}/second"), (share["server"]!.AsObject().Text("url"), share["scopes"].Texts().Single()));
        Assert.Equal(HttpStatusCode.NotFound, (await _admin.PostAsJsonAsync($"hub/api/shares/{owner}/nowhere", new { user = friend })).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await friends.GetAsync($"user/{owner}/second/api/kernels")).StatusCode);
        foreach (string other in new[] { "", "third/" })
            Assert.Equal(HttpStatusCode.NotFound, (await friends.GetAsync($"user/{owner}/{other}api/kernels")).StatusCode);

        // Renamed it is the same server, and what takes its name is not.
        await owners.DeleteAsync($"hub/api/users/{owner}/servers/second");
        await owners.PatchAsJsonAsync($"hub/api/users/{owner}/servers/second", new { name = "moved" });
        foreach (string name in new[] { "moved", "second" })
            Assert.Equal(HttpStatusCode.Created, (await owners.PostAsync($"hub/api/users/{owner}/servers/{name}", null)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await friends.GetAsync($"user/{owner}/moved/api/kernels")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await friends.GetAsync($"user/{owner}/second/api/kernels")).StatusCode);

        await _admin.PostAsync($"hub/api/share-codes/{owner}/moved", null);
        using ClientWebSocket socket = await ListenAsync(owner, "moved/", friends);
        await owners.SendAsync(new HttpRequestMessage(HttpMethod.Delete, $"hub/api/users/{owner}/servers/moved") { Content = Json.Raw("""{"remove": true}""") });
        await EndedAsync(socket);
        await owners.PostAsync($"hub/api/users/{owner}/servers/moved", null);
        Assert.Equal(HttpStatusCode.NotFound, (await friends.GetAsync($"user/{owner}/moved/api/kernels")).StatusCode);
        Assert.Empty((await _admin.GetFromJsonAsync<JsonObject>($"hub/api/shares/{owner}"))!["items"]!.AsArray());
        Assert.Empty((await _admin.GetFromJsonAsync<JsonObject>($"hub/api/share-codes/{owner}"))!["items"]!.AsArray());
    }

    [Fact]
    public async Task What_is_open_by_a_share_of_a_named_server_is_cut_when_the_share_ends()
    {
        (string owner, _) = await town.PersonAsync();
        (string friend, HttpClient friends) = await town.PersonAsync();
        await StartAllAsync(owner);
        await _admin.PostAsJsonAsync($"hub/api/shares/{owner}/second", new { user = friend });
        using ClientWebSocket socket = await ListenAsync(owner, "second/", friends);
        Assert.Equal(HttpStatusCode.NoContent, (await _admin.DeleteAsync($"hub/api/shares/{owner}/second")).StatusCode);
        await EndedAsync(socket);
        Assert.Equal(HttpStatusCode.NotFound, (await friends.GetAsync($"user/{owner}/second/api/kernels")).StatusCode);
    }

    private async Task StartAllAsync(string owner)
    {
        foreach (string server in new[] { "", "second", "third" })
            Assert.Equal(HttpStatusCode.Created, (await _admin.PostAsync($"hub/api/users/{owner}/servers/{server}", null)).StatusCode);
    }

    private async Task<bool> ListensAsync(string owner, string server, string token)
    {
        try
        {
            using HttpClient client = _hub.Client(token);
            using ClientWebSocket socket = await ListenAsync(owner, server, client);
            return true;
        }
        catch (WebSocketException)
        {
            return false;
        }
    }

    private async Task<ClientWebSocket> ListenAsync(string owner, string server, HttpClient client)
    {
        ClientWebSocket socket = new();
        socket.Options.SetRequestHeader("Authorization", client.DefaultRequestHeaders.Authorization!.ToString());
        await socket.ConnectAsync(new UriBuilder(new Uri(_hub.Address, $"user/{owner}/{server}api/events/subscribe")) { Scheme = "ws" }.Uri, TestContext.Current.CancellationToken);
        return socket;
    }

    /// <summary>Closed with a word or broken off, either will do.</summary>
    private static async Task EndedAsync(ClientWebSocket socket)
    {
        byte[] frame = new byte[4096];
        try
        {
            while ((await Eventually.Comes(socket.ReceiveAsync(frame, TestContext.Current.CancellationToken), "the end")).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        catch (WebSocketException)
        {
            // Broken off.
        }
    }
}
