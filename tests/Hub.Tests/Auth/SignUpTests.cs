using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Hub.Events.Audit;
using Microsoft.Extensions.DependencyInjection;
using Testing;
using Xunit;

namespace Hub.Tests.Auth;

/// <summary>Making an account oneself.</summary>
public sealed class SignUpTests
{
    private const string Password = "correct horse battery";

    [Fact]
    public async Task Where_it_is_closed_there_is_no_page_and_no_link()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        var cookies = new CookieContainer();
        using HttpClient browser = hub.Browser(cookies);
        Assert.DoesNotContain("/hub/signup", await browser.GetStringAsync("hub/login"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync("hub/signup")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync(hub, browser, cookies, "eve")).Status);
        using HttpClient admin = hub.Client();
        Assert.Equal(HttpStatusCode.NotFound, (await admin.GetAsync("hub/api/users/eve")).StatusCode);
    }

    [Fact]
    public async Task Where_it_is_open_who_makes_an_account_is_signed_in()
    {
        await using HubFixture hub = await HubFixture.StartAsync(["Auth:SignUp=Open"]);
        var cookies = new CookieContainer();
        using HttpClient browser = hub.Browser(cookies);
        Assert.Contains("href=\"/hub/signup\"", await browser.GetStringAsync("hub/login"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.SeeOther, (await PostAsync(hub, browser, cookies, "Ada")).Status);
        browser.DefaultRequestHeaders.Add("X-XSRFToken", hub.Xsrf(cookies));
        JsonObject self = (await browser.GetFromJsonAsync<JsonObject>("hub/api/user"))!;
        Assert.Equal("ada", self.Text("name"));
        Assert.False(self["admin"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Who_needs_consent_comes_in_after_it_and_not_before()
    {
        await using HubFixture hub = await HubFixture.StartAsync(["Auth:SignUp=Approval", "Auth:MaxSignUpsWaiting=2"]);
        var cookies = new CookieContainer();
        using HttpClient browser = hub.Browser(cookies);
        using HttpClient admin = hub.Client();
        (HttpStatusCode status, string html) = await PostAsync(hub, browser, cookies, "ada");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("an administrator must let you in", html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, await SignInAsync(hub, "ada"));
        Assert.Contains("waits for approval", (await TryAsync(hub, "ada")).Html, StringComparison.Ordinal);
        Assert.Contains("Invalid username or password", (await TryAsync(hub, "ada", "wrong horse")).Html, StringComparison.Ordinal);
        await PostAsync(hub, browser, cookies, "eve");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await PostAsync(hub, browser, cookies, "bob")).Status);

        JsonArray waiting = (await admin.GetFromJsonAsync<JsonArray>("hub/api/sign-ups"))!;
        Assert.Equal(["ada", "eve"], waiting.Select(one => one!["name"]!.GetValue<string>()));
        Assert.Equal(HttpStatusCode.NoContent, (await admin.PostAsync("hub/api/sign-ups/ada", null)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, await RefuseAsync(admin, "eve", new { reason = "two\nlines" }));
        Assert.Equal(HttpStatusCode.NoContent, await RefuseAsync(admin, "eve", new { reason = "not one of ours" }));
        AuditStore audit = hub.Services.GetRequiredService<AuditStore>();
        await Eventually.Holds(async () => (await audit.ListAsync(new AuditQuery { Kind = "user-deleted", By = "admin", User = "eve" }, default)).Count == 1);
        Assert.Single(await audit.ListAsync(new AuditQuery { Kind = "sign-up-approved", By = "admin", User = "ada" }, default));
        Assert.Equal("""{"reason":"not one of ours"}""", Assert.Single(await audit.ListAsync(new AuditQuery { Kind = "sign-up-refused", By = "admin", User = "eve" }, default)).Detail);
        Assert.Equal(HttpStatusCode.SeeOther, await SignInAsync(hub, "ada"));
        Assert.Equal(HttpStatusCode.NotFound, (await admin.GetAsync("hub/api/users/eve")).StatusCode);
        Assert.Empty((await admin.GetFromJsonAsync<JsonArray>("hub/api/sign-ups"))!);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.PostAsync("hub/api/sign-ups/ada", null)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.DeleteAsync("hub/api/sign-ups/admin")).StatusCode);
    }

    [Fact]
    public async Task Whom_an_administrator_disabled_does_not_come_back_by_waiting()
    {
        await using HubFixture hub = await HubFixture.StartAsync(["Auth:SignUp=Approval"]);
        await hub.CreateUserAsync("ada", Password);
        using HttpClient admin = hub.Client();
        await admin.PatchAsJsonAsync("hub/api/users/ada", new { disabled = true });
        Assert.Contains("Invalid username or password", (await TryAsync(hub, "ada")).Html, StringComparison.Ordinal);
        Assert.Empty((await admin.GetFromJsonAsync<JsonArray>("hub/api/sign-ups"))!);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.PostAsync("hub/api/sign-ups/ada", null)).StatusCode);
        using HttpClient nobody = hub.Client(null);
        Assert.Equal(HttpStatusCode.Forbidden, (await nobody.GetAsync("hub/api/sign-ups")).StatusCode);
    }

    [Theory]
    [InlineData("admin", Password, Password, HttpStatusCode.Conflict, "of this name already")]
    [InlineData("../x", Password, Password, HttpStatusCode.BadRequest, "Not a user name")]
    [InlineData("ada", "short", "short", HttpStatusCode.BadRequest, "at least 8 characters")]
    [InlineData("ada", Password, "other", HttpStatusCode.BadRequest, "differ")]
    public async Task What_does_not_do_is_said(string name, string password, string again, HttpStatusCode expected, string why)
    {
        await using HubFixture hub = await HubFixture.StartAsync(["Auth:SignUp=Open"]);
        var cookies = new CookieContainer();
        using HttpClient browser = hub.Browser(cookies);
        await browser.GetAsync("hub/signup");
        (HttpStatusCode status, string html) = await PostAsync(hub, browser, cookies, name, password, again);
        Assert.Equal(expected, status);
        Assert.Contains(why, html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_address_makes_no_more_accounts_than_it_may_fail_to_sign_in()
    {
        await using HubFixture hub = await HubFixture.StartAsync(["Auth:SignUp=Approval", "Auth:AttemptsPerAddress=2"]);
        var cookies = new CookieContainer();
        using HttpClient browser = hub.Browser(cookies);
        await PostAsync(hub, browser, cookies, "one");
        await PostAsync(hub, browser, cookies, "two");
        Assert.Equal(HttpStatusCode.TooManyRequests, (await PostAsync(hub, browser, cookies, "three")).Status);
    }

    private static async Task<(HttpStatusCode Status, string Html)> PostAsync(
        HubFixture hub, HttpClient browser, CookieContainer cookies, string name, string password = Password, string? again = null)
    {
        await browser.GetAsync("hub/login");
        using HttpResponseMessage answer = await browser.PostAsync("hub/signup", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["username"] = name,
            ["password"] = password,
            ["password_again"] = again ?? password,
            ["_xsrf"] = hub.Xsrf(cookies),
            ["admin"] = "true",
        }));
        return (answer.StatusCode, WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync()));
    }

    private static async Task<HttpStatusCode> RefuseAsync(HttpClient admin, string name, object body)
    {
        using HttpRequestMessage request = new(HttpMethod.Delete, $"hub/api/sign-ups/{name}") { Content = JsonContent.Create(body) };
        using HttpResponseMessage answer = await admin.SendAsync(request);
        return answer.StatusCode;
    }

    private static async Task<HttpStatusCode> SignInAsync(HubFixture hub, string name) => (await TryAsync(hub, name)).Status;

    private static async Task<(HttpStatusCode Status, string Html)> TryAsync(HubFixture hub, string name, string password = Password)
    {
        var cookies = new CookieContainer();
        using HttpClient browser = hub.Browser(cookies);
        await browser.GetAsync("hub/login");
        using HttpResponseMessage answer = await browser.PostAsync("hub/login", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["username"] = name,
            ["password"] = password,
            ["_xsrf"] = hub.Xsrf(cookies),
        }));
        return (answer.StatusCode, WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync()));
    }
}
