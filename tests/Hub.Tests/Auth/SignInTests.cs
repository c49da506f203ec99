using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Hub.Events;
using Hub.Http;
using Hub.Servers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Testing;
using Xunit;

namespace Hub.Tests.Auth;

/// <summary>Signing in at the page, staying signed in, signing out, failing to.</summary>
public sealed class SignInTests : IAsyncLifetime
{
    private const string Password = "correct horse battery";

    private readonly ManualTime _time = new();
    private HubFixture _hub = null!;

    public async ValueTask InitializeAsync()
    {
        _hub = await HubFixture.StartAsync(
            ["Auth:AttemptsPerAccount=3", "Auth:AttemptsPerAddress=8", "Auth:ThrottleSeconds=90", "Auth:SignInIdleMinutes=60", "Auth:SignInMaxMinutes=100"],
            services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(_time)));
        await _hub.CreateUserAsync("ada", Password);
    }

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task Who_signs_in_at_the_page_is_known_everywhere_and_the_event_is_published()
    {
        using EventReader events = _hub.Services.GetRequiredService<EventStream>().Subscribe(happened => happened is HubEvent.SignedIn or HubEvent.SignedOut);
        using HttpClient browser = await _hub.SignInAsync("Ada", Password);
        JsonObject self = (await browser.GetFromJsonAsync<JsonObject>("hub/api/user"))!;
        Assert.Equal("ada", self.Text("name"));
        Assert.Matches("^s[0-9]+$", self.Text("session_id"));
        Assert.Null(self["token_id"]);
        await browser.GetAsync("hub/logout");
        Assert.Equal(["SignedIn", "SignedOut"], (await TakeAsync(events, 2)).Select(happened => happened.GetType().Name));
    }

    [Fact]
    public async Task The_cookies_are_what_they_should_be()
    {
        using HttpClient browser = _hub.Browser(new CookieContainer());
        string xsrf = await XsrfAsync(browser, "hub/login");
        using HttpResponseMessage answer = await browser.PostAsync("hub/login", Form("ada", Password, xsrf));
        string[] cookies = [.. answer.Headers.GetValues("Set-Cookie")];
        string signIn = Assert.Single(cookies, cookie => cookie.StartsWith("hub-signin=", StringComparison.Ordinal));
        Assert.Contains("; path=/;", signIn, StringComparison.Ordinal);
        Assert.Contains("; httponly", signIn, StringComparison.Ordinal);
        Assert.Contains("; samesite=lax", signIn, StringComparison.Ordinal);
        Assert.DoesNotContain("; secure", signIn, StringComparison.Ordinal);
        string forScripts = Assert.Single(cookies, cookie => cookie.StartsWith("_xsrf=", StringComparison.Ordinal));
        Assert.DoesNotContain("httponly", forScripts, StringComparison.Ordinal);
        Assert.NotEqual(xsrf, forScripts.Split('=', ';')[1]);
        Assert.Contains("no-store", answer.Headers.CacheControl?.ToString() ?? "no-store", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Under_https_the_cookies_never_travel_in_plain()
    {
        await using HubFixture behindProxy = await HubFixture.StartAsync(["Http:TrustedProxies:0=127.0.0.1"]);
        using HttpClient browser = behindProxy.Browser(new CookieContainer());
        browser.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        using HttpResponseMessage page = await browser.GetAsync("hub/login");
        Assert.All(page.Headers.GetValues("Set-Cookie"), cookie => Assert.Contains("; secure", cookie, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "/hub/home")]
    [InlineData("?next=/user/ada/lab", "/user/ada/lab")]
    [InlineData("?next=%2Fuser%2Fada%2Flab%2Ftree%2Fa%2520b.ipynb%3Fx%3D1", "/user/ada/lab/tree/a%20b.ipynb?x=1")]
    [InlineData("?next=//evil.example/", "/hub/home")]
    [InlineData("?next=https://evil.example/", "/hub/home")]
    [InlineData("?next=/%5Cevil.example", "/hub/home")]
    [InlineData("?next=/%09/evil.example", "/hub/home")]
    public async Task Signing_in_leads_on_within_the_hub_only(string query, string target)
    {
        var cookies = new CookieContainer();
        using HttpClient browser = _hub.Browser(cookies);
        string xsrf = await XsrfAsync(browser, "hub/login" + query);
        using HttpResponseMessage answer = await browser.PostAsync("hub/login" + query, Form("ada", Password, xsrf));
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.Equal(target, answer.Headers.Location!.OriginalString);
        using HttpResponseMessage again = await browser.GetAsync("hub/login" + query);
        Assert.Equal(target, again.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task Nobody_learns_from_a_refusal_who_has_an_account()
    {
        using (HttpClient admin = _hub.Client())
        {
            await admin.PostAsync("hub/api/users/without-password", null);
            await _hub.CreateUserAsync("disabled", Password);
            await admin.PatchAsJsonAsync("hub/api/users/disabled", new { disabled = true });
        }
        var pages = new HashSet<string>();
        foreach ((string name, string password) in new[] { ("ada", "wrong"), ("nobody", "wrong"), ("without-password", ""), ("disabled", Password), ("ada", new string('x', 5000)) })
        {
            using HttpResponseMessage refused = await TryAsync(name, password);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
            string page = await refused.Content.ReadAsStringAsync();
            Assert.Contains("Invalid username or password", page, StringComparison.Ordinal);
            pages.Add(System.Text.RegularExpressions.Regex.Replace(page.Replace(name, "NAME", StringComparison.Ordinal), "name=\"_xsrf\" value=\"[^\"]*\"", ""));
        }
        Assert.Single(pages);
    }

    [Fact]
    public async Task A_name_nobody_has_is_not_told_on_since_it_may_be_a_password()
    {
        using EventReader events = _hub.Services.GetRequiredService<EventStream>().Subscribe(happened => happened is HubEvent.SignInFailed);
        (await TryAsync("my-secret-password", "x")).Dispose();
        (await TryAsync("ada", "x")).Dispose();
        Assert.Equal(["", "ada"], (await TakeAsync(events, 2)).Select(happened => happened.UserName));
    }

    [Fact]
    public async Task Too_many_failures_close_the_account_for_a_while_even_for_the_right_password()
    {
        for (int i = 0; i < 3; i++)
            Assert.Equal(HttpStatusCode.Forbidden, (await TryAsync("ada", "wrong")).StatusCode);
        using HttpResponseMessage closed = await TryAsync("ADA", Password);
        Assert.Equal(HttpStatusCode.TooManyRequests, closed.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(30), closed.Headers.RetryAfter!.Delta);
        Assert.Contains("Try again in 30 seconds", await closed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(HttpStatusCode.SeeOther, (await TryAsync("ada", Password)).StatusCode);
    }

    [Fact]
    public async Task Many_attempts_at_the_same_moment_are_counted_too()
    {
        HttpResponseMessage[] answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => TryAsync("ada", "wrong")));
        Assert.Equal(3, answers.Count(answer => answer.StatusCode == HttpStatusCode.Forbidden));
        Assert.Equal(7, answers.Count(answer => answer.StatusCode == HttpStatusCode.TooManyRequests));
    }

    [Fact]
    public async Task Too_many_failures_from_one_address_close_it_for_every_account()
    {
        for (int i = 0; i < 8; i++)
            Assert.Equal(HttpStatusCode.Forbidden, (await TryAsync(FormattableString.Invariant($"guess-{i}"), "wrong")).StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await TryAsync("ada", Password)).StatusCode);
    }

    [Fact]
    public async Task Signing_out_ends_the_sign_in_at_the_hub_and_not_only_the_cookie()
    {
        var cookies = new CookieContainer();
        using HttpClient browser = await _hub.SignInAsync("ada", Password, cookies);
        var stolen = new CookieContainer();
        stolen.Add(cookies.GetCookies(_hub.Address));
        using HttpClient thief = _hub.Browser(stolen);
        thief.DefaultRequestHeaders.Add("X-XSRFToken", _hub.Xsrf(stolen));
        Assert.Equal(HttpStatusCode.OK, (await thief.GetAsync("hub/api/user")).StatusCode);
        using HttpResponseMessage signedOut = await browser.GetAsync("user/ada/logout");
        Assert.Equal(HttpStatusCode.OK, signedOut.StatusCode);
        Assert.Null(cookies.GetCookies(_hub.Address)["hub-signin"]);
        Assert.Equal(HttpStatusCode.Forbidden, (await thief.GetAsync("hub/api/user")).StatusCode);
    }

    [Fact]
    public async Task Who_signs_out_is_told_how_many_kernels_run_on()
    {
        await using HubFixture hub = await HubFixture.StartAsync(replace: services => services.AddSingleton<IServerPart, TwoKernels>());
        await hub.CreateUserAsync("ada", Password);
        using HttpClient browser = await hub.SignInAsync("ada", Password);
        Assert.Contains("2 kernels of yours go on running.", await browser.GetStringAsync("hub/logout"), StringComparison.Ordinal);
        Assert.DoesNotContain("go on running", await browser.GetStringAsync("hub/logout"), StringComparison.Ordinal);
    }

    private sealed class TwoKernels : IServerPart
    {
        public Task StopAllAsync(ServerKey server, CancellationToken cancellationToken) => Task.CompletedTask;

        public int CountRunning(string userName) => userName == "ada" ? 2 : 0;
    }

    [Fact]
    public async Task Another_site_cannot_sign_somebody_out()
    {
        using HttpClient browser = await _hub.SignInAsync("ada", Password);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_hub.Address, "hub/logout"));
        request.Headers.Add("Sec-Fetch-Site", "cross-site");
        using HttpResponseMessage answer = await browser.SendAsync(request);
        Assert.Equal("/hub/home", answer.Headers.Location!.OriginalString);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("hub/api/user")).StatusCode);
    }

    [Fact]
    public async Task A_sign_in_slides_with_use_and_ends_when_idle()
    {
        using HttpClient browser = await _hub.SignInAsync("ada", Password);
        _time.Advance(TimeSpan.FromMinutes(50));
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("hub/api/user")).StatusCode);
        await Eventually.Holds(async () => (await _hub.Client().GetFromJsonAsync<JsonObject>("hub/api/users/ada"))!.Text("last_activity") == "2026-01-01T00:50:00.000000Z");
        _time.Advance(TimeSpan.FromMinutes(45));
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("hub/api/user")).StatusCode);
        // 95 minutes old and in use; at 100 the longest time is over.
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.GetAsync("hub/api/user")).StatusCode);
    }

    [Fact]
    public async Task An_idle_sign_in_ends()
    {
        using HttpClient browser = await _hub.SignInAsync("ada", Password);
        _time.Advance(TimeSpan.FromMinutes(60));
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.GetAsync("hub/api/user")).StatusCode);
    }

    [Fact]
    public async Task A_sign_in_prepared_by_somebody_else_is_worth_nothing_after_signing_in()
    {
        var attackers = new CookieContainer();
        (await _hub.SignInAsync("ada", Password, attackers)).Dispose();
        string planted = attackers.GetCookies(_hub.Address)["hub-signin"]!.Value;

        await _hub.CreateUserAsync("victim", Password);
        var victims = new CookieContainer();
        victims.Add(_hub.Address, new Cookie("hub-signin", planted, "/"));
        using HttpClient victim = _hub.Browser(victims);
        using HttpClient attacker = _hub.Browser(attackers);
        attacker.DefaultRequestHeaders.Add("X-XSRFToken", _hub.Xsrf(attackers));
        string xsrf = await XsrfAsync(victim, "hub/password");
        using HttpResponseMessage answer = await victim.PostAsync("hub/login", Form("victim", Password, xsrf));
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.NotEqual(planted, victims.GetCookies(_hub.Address)["hub-signin"]!.Value);
        Assert.Equal(HttpStatusCode.Forbidden, (await attacker.GetAsync("hub/api/user")).StatusCode);
    }

    [Fact]
    public async Task The_database_holds_no_cookie_and_no_password()
    {
        var cookies = new CookieContainer();
        (await _hub.SignInAsync("ada", Password, cookies)).Dispose();
        string content = await _hub.DatabaseContentAsync();
        Assert.Contains("ada", content, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, content, StringComparison.Ordinal);
        Assert.DoesNotContain(cookies.GetCookies(_hub.Address)["hub-signin"]!.Value, content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sign_in_survives_a_restart_of_the_hub()
    {
        var cookies = new CookieContainer();
        (await _hub.SignInAsync("ada", Password, cookies)).Dispose();
        await _hub.StopAsync();
        await using HubFixture restarted = await HubFixture.StartAsync(
            replace: services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(_time)), data: _hub.Data);
        using HttpClient browser = restarted.Browser(cookies);
        browser.DefaultRequestHeaders.Add("X-XSRFToken", _hub.Xsrf(cookies));
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("hub/api/user")).StatusCode);
    }

    private async Task<HttpResponseMessage> TryAsync(string name, string password)
    {
        using HttpClient browser = _hub.Browser(new CookieContainer());
        string xsrf = await XsrfAsync(browser, "hub/login");
        return await browser.PostAsync("hub/login", Form(name, password, xsrf));
    }

    /// <summary>What a browser without scripts would send: the hidden field of the form.</summary>
    private static async Task<string> XsrfAsync(HttpClient browser, string page)
    {
        string html = await browser.GetStringAsync(page);
        return System.Text.RegularExpressions.Regex.Match(html, "name=\"_xsrf\" value=\"([^\"]+)\"").Groups[1].Value;
    }

    private static FormUrlEncodedContent Form(string name, string password, string xsrf) =>
        new(new Dictionary<string, string> { ["username"] = name, ["password"] = password, ["_xsrf"] = xsrf });

    private static async Task<List<HubEvent>> TakeAsync(EventReader reader, int count)
    {
        using var patience = new CancellationTokenSource(Eventually.Timeout);
        return await reader.ReadAllAsync(patience.Token).Take(count).ToListAsync(patience.Token);
    }
}
