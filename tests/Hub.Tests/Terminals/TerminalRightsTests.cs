using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Hub.Tests.Classes;
using Testing;
using Xunit;

namespace Hub.Tests.Terminals;

/// <summary>Who may open a terminal, and that a tab does not outlive its right.</summary>
public sealed class TerminalRightsTests : IAsyncLifetime
{
    private const string Password = "correct horse battery";

    private TerminalHub _hub = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _hub = await TerminalHub.StartAsync();
        foreach (string name in new[] { "ada", "bob" })
        {
            await _hub.Hub.CreateUserAsync(name, Password);
            (await _hub.Hub.Client().PostAsync($"hub/api/users/{name}/server", null)).EnsureSuccessStatusCode();
        }
    }

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task A_terminal_is_its_owners_and_whoever_may_enter_the_server()
    {
        CookieContainer ada = new(), bob = new();
        using HttpClient hers = await _hub.Hub.SignInAsync("ada", Password, ada);
        using HttpClient his = await _hub.Hub.SignInAsync("bob", Password, bob);
        (await hers.PostAsJsonAsync("user/ada/api/terminals", new { name = "secret" }, Cancelled)).EnsureSuccessStatusCode();
        // A page of somebody else's making sends no XSRF token.
        using (HttpClient forged = _hub.Hub.Browser(ada))
            Assert.Equal(HttpStatusCode.Forbidden, (await forged.PostAsJsonAsync("user/ada/api/terminals", new { }, Cancelled)).StatusCode);
        foreach ((HttpMethod method, string path) in new[] { (HttpMethod.Get, "api/terminals"), (HttpMethod.Post, "api/terminals"), (HttpMethod.Get, "api/terminals/secret"), (HttpMethod.Delete, "api/terminals/secret") })
            Assert.Equal(HttpStatusCode.NotFound, (await his.SendAsync(new HttpRequestMessage(method, $"user/ada/{path}"), Cancelled)).StatusCode);
        await RefusedAsync(bob, Own);
        await RefusedAsync(ada, "https://evil.example");
        await RefusedAsync(new CookieContainer(), Own);

        await using TerminalPage page = await OpenAsync(ada, Own);
        await page.RunAsync("echo mine-$((1+1))", "mine-2");
        await hers.GetAsync("hub/logout", Cancelled);
        await page.Closed;
    }

    [Fact]
    public async Task A_token_that_is_revoked_closes_its_tabs_and_a_user_that_is_deleted_loses_the_terminal()
    {
        using HttpClient admin = _hub.Hub.Client();
        JsonObject token = (await (await admin.PostAsync("hub/api/users/ada/tokens", null, Cancelled)).Content.ReadFromJsonAsync<JsonObject>(Cancelled))!;
        using HttpClient hers = _hub.Hub.Client(token["token"]!.GetValue<string>());
        (await hers.PostAsJsonAsync("user/ada/api/terminals", new { name = "t" }, Cancelled)).EnsureSuccessStatusCode();
        await using TerminalPage page = await TerminalPage.OpenAsync(new Uri(_hub.Hub.Address, "user/ada/terminals/websocket/t"), token["token"]!.GetValue<string>());
        await page.RunAsync("echo up-$((1+1))", "up-2");
        await admin.DeleteAsync($"hub/api/users/ada/tokens/{token["id"]}", Cancelled);
        await page.Closed;
        Assert.Single(await _hub.SpawnedAsync());
        (await admin.DeleteAsync("hub/api/users/ada", Cancelled)).EnsureSuccessStatusCode();
        await Eventually.Holds(async () => (await _hub.SpawnedAsync()).Count == 0);
    }

    [Fact]
    public async Task Who_looks_on_sees_a_terminal_and_types_nothing()
    {
        Floor floor = await Floor.BeginAsync(_hub.Hub);
        string server = $"user/{floor.Student}";
        (await floor.Guest.PostAsJsonAsync($"{server}/api/terminals", new { name = "t" }, Cancelled)).EnsureSuccessStatusCode();
        await floor.VisitAsync("viewer");
        Assert.Equal(HttpStatusCode.Forbidden, (await floor.Teacher.PostAsJsonAsync($"{server}/api/terminals", new { }, Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await floor.Teacher.DeleteAsync($"{server}/api/terminals/t", Cancelled)).StatusCode);
        Uri at = new(_hub.Hub.Address, $"{server}/terminals/websocket/t");
        await using TerminalPage student = await TerminalPage.OpenAsync(at, HubFixture.AdminToken);
        await using TerminalPage viewer = await TerminalPage.OpenAsync(at, null, set: options =>
        {
            options.Cookies = floor.TeacherCookies;
            options.SetRequestHeader("Origin", Own);
        });
        await viewer.TypeAsync("echo not-$((1+1))\n");
        await viewer.ResizeAsync(5, 5);
        await student.ResizeAsync(30, 90);
        await student.RunAsync("stty size; echo theirs-$((1+1))", "theirs-2");
        await viewer.ShowsAsync("theirs-2");
        Assert.Contains("You look on", viewer.Shown, StringComparison.Ordinal);
        Assert.Contains("30 90", student.Shown, StringComparison.Ordinal);
        Assert.DoesNotContain("not-2", student.Shown, StringComparison.Ordinal);
    }

    private string Own => _hub.Hub.Address.AbsoluteUri.TrimEnd('/');

    private Task<TerminalPage> OpenAsync(CookieContainer cookies, string origin) => TerminalPage.OpenAsync(new Uri(_hub.Hub.Address, "user/ada/terminals/websocket/secret"), null, set: options =>
    {
        options.Cookies = cookies;
        options.SetRequestHeader("Origin", origin);
    });

    private async Task RefusedAsync(CookieContainer cookies, string origin)
    {
        WebSocketException refused = await Assert.ThrowsAsync<WebSocketException>(() => OpenAsync(cookies, origin));
        Assert.Matches("40[34]", refused.Message);
    }
}
