using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Hub.Http;
using Hub.Sharing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Testing;
using Xunit;

namespace Hub.Tests.Sharing;

/// <summary>Share codes and the pages about sharing, as a browser without scripts uses them; and that what is open by a share ends with it.</summary>
public sealed partial class ShareCodesTests : IAsyncLifetime
{
    private const string Password = "correct horse battery";

    private readonly ManualTime _time = new();
    private HubFixture _hub = null!;
    private HttpClient _admin = null!;
    private HttpClient _ada = null!;
    private HttpClient _bob = null!;

    public async ValueTask InitializeAsync()
    {
        _hub = await HubFixture.StartAsync(
            ["Sharing:ByUsers=true", "Sharing:MaxCodesPerServer=3"],
            services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(_time)),
            map: app =>
            {
                app.MapGet("/user/{user}/test/socket", async context =>
                {
                    using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
                    await socket.ReceiveAsync(new byte[1], context.RequestAborted);
                }).RequireScope("access:servers", ScopeFilter.Server);
                app.MapGet("/user/{user}/test/events", async context =>
                {
                    context.Response.ContentType = "text/event-stream";
                    await context.Response.WriteAsync("data: {}\n\n", context.RequestAborted);
                    await context.Response.Body.FlushAsync(context.RequestAborted);
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
                }).RequireScope("access:servers", ScopeFilter.Server).WithMetadata(LongAnswer.Yes);
            });
        _admin = _hub.Client();
        await _hub.CreateUserAsync("ada", Password);
        await _hub.CreateUserAsync("bob", Password);
        _ada = await _hub.SignInAsync("ada", Password);
        _bob = await _hub.SignInAsync("bob", Password);
    }

    public async ValueTask DisposeAsync()
    {
        _admin.Dispose();
        _ada.Dispose();
        _bob.Dispose();
        await _hub.DisposeAsync();
    }

    [Fact]
    public async Task A_code_is_shown_once_and_kept_as_a_hash()
    {
        JsonObject made = await CreateAsync(new { expires_in = 60 });
        string code = made.Text("code")!;
        Assert.Equal("/hub/accept-share?code=" + code, made.Text("accept_url"));
        Assert.Equal(["access:servers!server=ada/"], made["scopes"].Texts());
        Assert.Matches("^sc_[0-9]+$", made.Text("id"));
        Assert.Equal(0, made["exchange_count"]!.GetValue<int>());
        Assert.Equal(ApiTime.Format(_time.GetUtcNow().AddSeconds(60)), made.Text("expires_at"));

        string listed = await _ada.GetStringAsync("hub/api/share-codes/ada/");
        Assert.Contains(made.Text("id")!, listed, StringComparison.Ordinal);
        Assert.DoesNotContain(code, listed, StringComparison.Ordinal);
        Assert.DoesNotContain(code, await _hub.DatabaseContentAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(code, await _admin.GetStringAsync("hub/api/audit"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_code_lets_in_until_it_runs_out_and_is_swept_then()
    {
        string code = (await CreateAsync(new { expires_in = 600 })).Text("code")!;
        await _admin.PostAsync("hub/api/users/ada/server", null);
        string page = await _bob.GetStringAsync("hub/accept-share?code=" + code);
        Assert.Contains("ada shares with you", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await _bob.GetAsync("user/ada/api/status")).StatusCode);

        using HttpResponseMessage accepted = await AcceptAsync(_bob, code);
        Assert.Equal((HttpStatusCode.SeeOther, "/user/ada/"), (accepted.StatusCode, accepted.Headers.Location?.OriginalString));
        Assert.Equal(HttpStatusCode.OK, (await _bob.GetAsync("user/ada/api/status")).StatusCode);
        JsonObject kept = (await (await _ada.GetAsync("hub/api/share-codes/ada/")).ObjectAsync())["items"]![0]!.AsObject();
        Assert.Equal((1, ApiTime.Format(_time.GetUtcNow())), (kept["exchange_count"]!.GetValue<int>(), kept.Text("last_exchanged_at")));

        _time.Advance(TimeSpan.FromSeconds(600));
        Assert.Equal(HttpStatusCode.NotFound, (await _bob.GetAsync("hub/accept-share?code=" + code)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await AcceptAsync(_bob, code)).StatusCode);
        Assert.Equal(1, await _hub.Services.GetRequiredService<ShareCodesStore>().SweepAsync(CancellationToken.None));
        // The share stays: only the code has run out.
        Assert.Equal(HttpStatusCode.OK, (await _bob.GetAsync("user/ada/api/status")).StatusCode);
    }

    [Fact]
    public async Task Taking_a_link_needs_a_sign_in_a_person_the_xsrf_token_and_somebody_else()
    {
        string code = (await CreateAsync(new { })).Text("code")!;
        using HttpClient nobody = _hub.Browser(new CookieContainer());
        using var asked = new HttpRequestMessage(HttpMethod.Get, "hub/accept-share?code=" + code) { Headers = { { "Accept", "text/html" } } };
        using HttpResponseMessage led = await nobody.SendAsync(asked);
        Assert.Equal("/hub/login?next=" + Uri.EscapeDataString("/hub/accept-share?code=" + code), led.Headers.Location?.OriginalString);

        Assert.Equal(HttpStatusCode.BadRequest, (await _ada.GetAsync("hub/accept-share?code=" + code)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await AcceptAsync(_ada, code)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _bob.GetAsync("hub/accept-share?code=wrong")).StatusCode);

        var cookies = new CookieContainer();
        (await _hub.SignInAsync("bob", Password, cookies)).Dispose();
        using HttpClient without = _hub.Browser(cookies);
        Assert.Equal(HttpStatusCode.Forbidden, (await AcceptAsync(without, code)).StatusCode);

        JsonObject token = await (await _admin.PostAsJsonAsync("hub/api/users/bob/tokens", new { scopes = new[] { "read:users!user" } })).ObjectAsync();
        using HttpClient script = _hub.Client(token.Text("token"));
        Assert.Equal(HttpStatusCode.Forbidden, (await AcceptAsync(script, code)).StatusCode);
    }

    [Theory]
    [InlineData("/user/ada/lab/tree/a.ipynb", "/user/ada/lab/tree/a.ipynb")]
    [InlineData("//evil.example/", "/hub/shares?accepted")]
    [InlineData("", "/hub/shares?accepted")]
    public async Task Who_accepts_goes_on_within_the_hub_only(string next, string to)
    {
        string code = (await CreateAsync(new { })).Text("code")!;
        using HttpResponseMessage accepted = await AcceptAsync(_bob, code, next);
        Assert.Equal(to, accepted.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task Codes_are_revoked_one_by_one_or_all_and_there_are_only_so_many()
    {
        JsonObject first = await CreateAsync(new { }), second = await CreateAsync(new { });
        await CreateAsync(new { });
        using HttpResponseMessage tooMany = await _ada.PostAsJsonAsync("hub/api/share-codes/ada/", new { });
        Assert.Equal(HttpStatusCode.BadRequest, tooMany.StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await _ada.DeleteAsync("hub/api/share-codes/ada/?id=" + first.Text("id"))).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await _ada.DeleteAsync("hub/api/share-codes/ada/?code=" + second.Text("code"))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _ada.DeleteAsync("hub/api/share-codes/ada/?code=" + second.Text("code"))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _ada.DeleteAsync("hub/api/share-codes/ada/?id=nonsense")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await _ada.DeleteAsync("hub/api/share-codes/ada/")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await AcceptAsync(_bob, first.Text("code")!)).StatusCode);
        Assert.Empty((await (await _ada.GetAsync("hub/api/share-codes/ada")).ObjectAsync())["items"]!.AsArray());
    }

    [Theory]
    [InlineData("""{"expires_in":59}""", "expires_in must be between 60 and 31536000 seconds")]
    [InlineData("""{"expires_in":31536001}""", "expires_in must be between 60 and 31536000 seconds")]
    [InlineData("""{"expires_in":"soon"}""", "expires_in must be an integer")]
    [InlineData("""{"user":"bob"}""", "Invalid JSON keys: user")]
    [InlineData("""{"scopes":["access:servers!server=bob/"]}""", "!server=bob/ not allowed on sharing access:servers, only !server=ada/")]
    public async Task What_is_wrong_about_a_code_is_named(string body, string message)
    {
        using HttpResponseMessage answer = await _ada.PostAsync("hub/api/share-codes/ada/", Json.Raw(body));
        Assert.Equal((HttpStatusCode.BadRequest, message), (answer.StatusCode, await answer.MessageAsync()));
    }

    [Fact]
    public async Task Nobody_makes_codes_for_the_server_of_somebody_else() =>
        Assert.Equal(HttpStatusCode.NotFound, (await _bob.PostAsJsonAsync("hub/api/share-codes/ada/", new { })).StatusCode);

    [Fact]
    public async Task A_person_shares_by_link_sees_who_has_access_and_revokes_it()
    {
        Assert.Contains("Share by link", await _ada.GetStringAsync("hub/home"), StringComparison.Ordinal);
        using HttpResponseMessage made = await _ada.PostAsync("hub/shares/link", Form(("expires_in", "86400")));
        string link = LinkPattern().Match(await made.Content.ReadAsStringAsync()).Value;
        Assert.StartsWith(_hub.Address.AbsoluteUri, link, StringComparison.Ordinal);
        (await AcceptAsync(_bob, link[(link.IndexOf('=', StringComparison.Ordinal) + 1)..])).Dispose();
        Assert.Contains("Shared with you", await _bob.GetStringAsync("hub/home"), StringComparison.Ordinal);

        string home = await _ada.GetStringAsync("hub/home");
        Assert.Contains("Revoke the access of bob", home, StringComparison.Ordinal);
        string revoke = RevokePattern().Match(home).Groups[1].Value;
        Assert.Equal(HttpStatusCode.NotFound, (await _bob.PostAsync(revoke, Form())).StatusCode);
        Assert.Equal("/hub/shares?revoked", (await _ada.PostAsync(revoke, Form())).Headers.Location?.OriginalString);
        Assert.DoesNotContain("Revoke the access of bob", await _ada.GetStringAsync("hub/shares"), StringComparison.Ordinal);
        Assert.DoesNotContain("Shared with you", await _bob.GetStringAsync("hub/home"), StringComparison.Ordinal);
        string revokeLink = RevokeLinkPattern().Match(await _ada.GetStringAsync("hub/shares")).Groups[1].Value;
        Assert.Equal("/hub/shares?link-revoked", (await _ada.PostAsync(revokeLink, Form())).Headers.Location?.OriginalString);
        Assert.Equal(HttpStatusCode.BadRequest, (await _ada.PostAsync("hub/shares/link", Form(("expires_in", "1")))).StatusCode);
    }

    [Fact]
    public async Task Who_got_a_share_can_leave_it_at_the_page()
    {
        await _admin.PostAsJsonAsync("hub/api/shares/ada/", new { user = "bob" });
        string leave = LeavePattern().Match(await _bob.GetStringAsync("hub/shares")).Groups[1].Value;
        Assert.Equal(HttpStatusCode.NotFound, (await _ada.PostAsync(leave, Form())).StatusCode);
        Assert.Equal("/hub/shares?left", (await _bob.PostAsync(leave, Form())).Headers.Location?.OriginalString);
        Assert.Empty((await (await _bob.GetAsync("hub/api/users/bob/shared")).ObjectAsync())["items"]!.AsArray());
    }

    [Fact]
    public async Task Disabling_the_owner_closes_what_others_have_open_by_a_share()
    {
        await _admin.PostAsJsonAsync("hub/api/shares/ada/", new { user = "bob" });
        await _admin.PostAsync("hub/api/users/ada/server", null);
        string token = (await (await _admin.PostAsync("hub/api/users/bob/tokens", null)).ObjectAsync()).Text("token")!;
        using StreamReader events = new(await _hub.Client(token).GetStreamAsync("user/ada/test/events"));
        Assert.Equal("data: {}", await events.ReadLineAsync());
        await _admin.PatchAsJsonAsync("hub/api/users/ada", new { disabled = true });
        await Assert.ThrowsAnyAsync<IOException>(() => events.ReadToEndAsync(new CancellationTokenSource(Eventually.Timeout).Token));
    }

    [Fact]
    public async Task A_share_that_ends_closes_what_is_open_by_it()
    {
        await _admin.PostAsJsonAsync("hub/api/shares/ada/", new { user = "bob" });
        await _admin.PostAsync("hub/api/users/ada/server", null);
        string token = (await (await _admin.PostAsync("hub/api/users/bob/tokens", null)).ObjectAsync()).Text("token")!;
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(
            new Uri(_hub.Address.AbsoluteUri.Replace("http://", "ws://", StringComparison.Ordinal) + "user/ada/test/socket?token=" + token), new CancellationTokenSource(Eventually.Timeout).Token);
        using StreamReader events = new(await _hub.Client(token).GetStreamAsync("user/ada/test/events"));
        Assert.Equal("data: {}", await events.ReadLineAsync());

        Assert.Equal(HttpStatusCode.NoContent, (await _ada.DeleteAsync("hub/api/shares/ada/")).StatusCode);
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ReceiveAsync(new byte[1], new CancellationTokenSource(Eventually.Timeout).Token));
        await Assert.ThrowsAnyAsync<IOException>(() => events.ReadToEndAsync(new CancellationTokenSource(Eventually.Timeout).Token));
    }

    [Fact]
    public async Task A_token_that_runs_out_cuts_an_answer_that_stays_open()
    {
        await _admin.PostAsync("hub/api/users/ada/server", null);
        string token = (await (await _admin.PostAsJsonAsync("hub/api/users/ada/tokens", new { expires_in = 60 })).ObjectAsync()).Text("token")!;
        using StreamReader events = new(await _hub.Client(token).GetStreamAsync("user/ada/test/events"));
        Assert.Equal("data: {}", await events.ReadLineAsync());
        _time.Advance(TimeSpan.FromSeconds(60));
        await Assert.ThrowsAnyAsync<IOException>(() => events.ReadToEndAsync(new CancellationTokenSource(Eventually.Timeout).Token));
    }

    private async Task<JsonObject> CreateAsync(object body)
    {
        using HttpResponseMessage made = await _ada.PostAsJsonAsync("hub/api/share-codes/ada/", body);
        Assert.True(made.StatusCode == HttpStatusCode.OK, await made.Content.ReadAsStringAsync());
        return await made.ObjectAsync();
    }

    private static Task<HttpResponseMessage> AcceptAsync(HttpClient browser, string code, string next = "") =>
        browser.PostAsync("hub/accept-share", Form(("code", code), ("next", next)));

    private static FormUrlEncodedContent Form(params (string Key, string Value)[] fields) => new(fields.ToDictionary(field => field.Key, field => field.Value));

    [GeneratedRegex(@"http://[^""<\s]+/hub/accept-share\?code=[A-Za-z0-9_-]{43}")]
    private static partial Regex LinkPattern();

    [GeneratedRegex(@"action=""/(hub/shares/\d+/revoke)""")]
    private static partial Regex RevokePattern();

    [GeneratedRegex(@"action=""/(hub/shares/links/\d+/revoke)""")]
    private static partial Regex RevokeLinkPattern();

    [GeneratedRegex(@"action=""/(hub/shares/\d+/leave)""")]
    private static partial Regex LeavePattern();
}
