using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Hub.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Testing;
using Xunit;

namespace Hub.Tests.Auth;

/// <summary>WebSockets open for who may, from our own pages, and close when the right to them ends.</summary>
public sealed class SocketTests : IAsyncLifetime
{
    private const string Password = "correct horse battery";

    private readonly ManualTime _time = new();
    private HubFixture _hub = null!;
    private HttpClient _admin = null!;

    public async ValueTask InitializeAsync()
    {
        _hub = await HubFixture.StartAsync(
            replace: services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(_time)),
            map: app => app.MapGet("/user/{user}/test/socket", async context =>
            {
                using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
                await socket.ReceiveAsync(new byte[1], context.RequestAborted);
            }).RequireScope("access:servers", ScopeFilter.Server));
        _admin = _hub.Client();
        await _hub.CreateUserAsync("ada", Password);
    }

    public async ValueTask DisposeAsync()
    {
        _admin.Dispose();
        await _hub.DisposeAsync();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("https://evil.example")]
    [InlineData("null")]
    [InlineData("http://127.0.0.1:1")]
    public async Task A_socket_by_cookie_opens_only_from_our_own_pages(string? origin)
    {
        CookieContainer cookies = await SignInAsync();
        using var socket = new ClientWebSocket();
        WebSocketException refused = await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(socket, cookies, origin));
        Assert.Contains("403", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_not_signed_in_gets_no_socket()
    {
        using var socket = new ClientWebSocket();
        WebSocketException refused = await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(socket, new CookieContainer(), Own));
        Assert.Contains("403", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signing_out_closes_the_sockets_of_this_sign_in_and_no_other()
    {
        CookieContainer here = await SignInAsync(), elsewhere = await SignInAsync();
        using ClientWebSocket closes = await ConnectAsync(new ClientWebSocket(), here, Own);
        using ClientWebSocket stays = await ConnectAsync(new ClientWebSocket(), elsewhere, Own);
        using HttpClient browser = _hub.Browser(here);
        await browser.GetAsync("hub/logout");
        await EndsAsync(closes);
        Assert.Equal(WebSocketState.Open, stays.State);
        await _admin.PutAsJsonAsync("hub/api/users/ada/password", new { password = "another good password" });
        await EndsAsync(stays);
    }

    [Fact]
    public async Task Revoking_a_token_closes_its_sockets()
    {
        JsonObject token = await (await _admin.PostAsync("hub/api/users/ada/tokens", null)).ObjectAsync();
        using ClientWebSocket socket = await ConnectByTokenAsync(token.Text("token")!);
        await _admin.DeleteAsync($"hub/api/users/ada/tokens/{token.Text("id")}");
        await EndsAsync(socket);
    }

    [Fact]
    public async Task A_token_that_runs_out_closes_its_sockets()
    {
        JsonObject token = await (await _admin.PostAsJsonAsync("hub/api/users/ada/tokens", new { expires_in = 60 })).ObjectAsync();
        using ClientWebSocket socket = await ConnectByTokenAsync(token.Text("token")!);
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(WebSocketState.Open, socket.State);
        _time.Advance(TimeSpan.FromSeconds(1));
        await EndsAsync(socket);
    }

    [Fact]
    public async Task Disabling_a_user_closes_everything_they_have_open()
    {
        using ClientWebSocket socket = await ConnectAsync(new ClientWebSocket(), await SignInAsync(), Own);
        await _admin.PatchAsJsonAsync("hub/api/users/ada", new { disabled = true });
        await EndsAsync(socket);
    }

    private string Own => _hub.Address.AbsoluteUri.TrimEnd('/');

    private async Task<CookieContainer> SignInAsync()
    {
        var cookies = new CookieContainer();
        (await _hub.SignInAsync("ada", Password, cookies)).Dispose();
        return cookies;
    }

    private async Task<ClientWebSocket> ConnectAsync(ClientWebSocket socket, CookieContainer cookies, string? origin)
    {
        socket.Options.Cookies = cookies;
        if (origin is not null)
            socket.Options.SetRequestHeader("Origin", origin);
        await socket.ConnectAsync(Target(""), new CancellationTokenSource(Eventually.Timeout).Token);
        return socket;
    }

    private async Task<ClientWebSocket> ConnectByTokenAsync(string token)
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(Target("?token=" + token), new CancellationTokenSource(Eventually.Timeout).Token);
        return socket;
    }

    private Uri Target(string query) => new(_hub.Address.AbsoluteUri.Replace("http://", "ws://", StringComparison.Ordinal) + "user/ada/test/socket" + query);

    /// <summary>The connection is cut: the client learns it by an error, not by a polite good-bye.</summary>
    private static async Task EndsAsync(ClientWebSocket socket) =>
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ReceiveAsync(new byte[1], new CancellationTokenSource(Eventually.Timeout).Token));
}
