using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Hub.Auth;
using Xunit;

namespace Hub.Tests.Auth;

/// <summary>Signed in here and there: seen, and ended one by one.</summary>
public sealed class SignInListTests : IAsyncLifetime
{
    private const string Password = "correct horse battery";

    private HubFixture _hub = null!;

    public async ValueTask InitializeAsync()
    {
        _hub = await HubFixture.StartAsync(["Http:TrustedProxies:0=127.0.0.1"]);
        await _hub.CreateUserAsync("ada", Password);
        await _hub.CreateUserAsync("bob", Password);
    }

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task People_see_where_they_are_signed_in_and_end_what_they_do_not_know()
    {
        using HttpClient phone = await SignInAsync("ada", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1", "203.0.113.7");
        using HttpClient desk = await SignInAsync("ada", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "2001:db8::7");
        string page = await desk.GetStringAsync("hub/password");
        Assert.Contains("Safari on iPhone", page, StringComparison.Ordinal);
        Assert.Contains("from 203.0.113.7", page, StringComparison.Ordinal);
        Assert.Contains("Firefox on Linux (this one)", page, StringComparison.Ordinal);
        Assert.Contains("from 2001:db8::7", page, StringComparison.Ordinal);
        string other = Regex.Matches(page, "action=\"/(hub/password/sign-ins/s[0-9]+/end)\"").Select(match => match.Groups[1].Value).Last();
        using (HttpClient bob = await SignInAsync("bob", "curl/8.0", "203.0.113.9"))
            Assert.Equal(HttpStatusCode.SeeOther, (await bob.PostAsync(other, null)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await phone.GetAsync("hub/api/user")).StatusCode);
        Assert.Equal(HttpStatusCode.SeeOther, (await desk.PostAsync(other, null)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await phone.GetAsync("hub/api/user")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await desk.GetAsync("hub/api/user")).StatusCode);
    }

    [Fact]
    public async Task An_administrator_sees_them_and_ends_one()
    {
        using HttpClient desk = await SignInAsync("ada", "curl/8.0", "203.0.113.7");
        using HttpClient admin = _hub.Client();
        JsonObject one = (await admin.GetFromJsonAsync<JsonArray>("hub/api/users/ada/sign-ins"))!.Single()!.AsObject();
        Assert.Equal("203.0.113.7", one.Text("address"));
        Assert.Equal("curl", one.Text("browser"));
        Assert.Equal(HttpStatusCode.NotFound, (await admin.DeleteAsync($"hub/api/users/bob/sign-ins/{one.Text("id")}")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await desk.DeleteAsync($"hub/api/users/ada/sign-ins/{one.Text("id")}")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"hub/api/users/ada/sign-ins/{one.Text("id")}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.DeleteAsync($"hub/api/users/ada/sign-ins/{one.Text("id")}")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await desk.GetAsync("hub/api/user")).StatusCode);
    }

    [Fact]
    public async Task Where_no_addresses_are_kept_there_are_none()
    {
        await using HubFixture hub = await HubFixture.StartAsync(["Audit:Addresses=false"]);
        await hub.CreateUserAsync("ada", Password);
        using HttpClient here = await hub.SignInAsync("ada", Password);
        using HttpClient admin = hub.Client();
        JsonObject one = (await admin.GetFromJsonAsync<JsonArray>("hub/api/users/ada/sign-ins"))!.Single()!.AsObject();
        Assert.Null(one["address"]);
        Assert.Null(one["browser"]);
    }

    [Theory]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", "Edge on Windows")]
    [InlineData("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36", "Chrome on macOS")]
    [InlineData("Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36", "Chrome on Android")]
    [InlineData("python-requests/2.32", "python-requests")]
    [InlineData("<script>alert(1)</script>", "<script>alert(1)<")]
    [InlineData("", null)]
    public void Browsers_are_called_what_people_call_them(string userAgent, string? name) => Assert.Equal(name, BrowserNameCodec.Decode(userAgent));

    private async Task<HttpClient> SignInAsync(string name, string userAgent, string address)
    {
        CookieContainer cookies = new();
        HttpClient browser = _hub.Browser(cookies);
        browser.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", userAgent);
        browser.DefaultRequestHeaders.Add("X-Forwarded-For", address);
        (await browser.GetAsync("hub/login")).Dispose();
        using HttpResponseMessage answer = await browser.PostAsync("hub/login", new FormUrlEncodedContent(new Dictionary<string, string> { ["username"] = name, ["password"] = Password, ["_xsrf"] = _hub.Xsrf(cookies) }));
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        browser.DefaultRequestHeaders.Add("X-XSRFToken", _hub.Xsrf(cookies));
        return browser;
    }
}
