using System.Net;
using System.Net.Http.Headers;
using Hub.Http;
using Microsoft.AspNetCore.Builder;
using Xunit;

namespace Hub.Tests.Auth;

/// <summary>What another site makes a browser send is refused; what our own pages send is not.</summary>
public sealed class XsrfTests(XsrfTests.Hall hall) : IClassFixture<XsrfTests.Hall>, IAsyncLifetime
{
    private const string Password = "correct horse battery";
    private const string Different = "XSRF cookie does not match POST argument";

    private readonly HubFixture _hub = hall.Hub;
    private readonly CookieContainer _cookies = new();
    private HttpClient _browser = null!;
    private string _xsrf = "";

    public async ValueTask InitializeAsync()
    {
        _browser = await _hub.SignInAsync("ada", Password, _cookies);
        _xsrf = _hub.Xsrf(_cookies);
        _browser.DefaultRequestHeaders.Remove("X-XSRFToken");
    }

    public ValueTask DisposeAsync()
    {
        _browser.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    public async Task An_unsafe_request_by_cookie_needs_the_token(string method)
    {
        await RefusedAsync(await SendAsync(method, "user/ada/api/thing"), Missing(method));
        await RefusedAsync(await SendAsync(method, "user/ada/api/thing", ("X-XSRFToken", "made-up")), Different);
        await RefusedAsync(await SendAsync(method, "user/ada/api/thing?_xsrf=" + _xsrf[..^1]), Different);
        await DoneAsync(await SendAsync(method, "user/ada/api/thing", ("X-XSRFToken", _xsrf)));
        await DoneAsync(await SendAsync(method, "user/ada/api/thing", ("X-CSRFToken", _xsrf)));
        await DoneAsync(await SendAsync(method, "user/ada/api/thing?_xsrf=" + _xsrf));
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    public async Task Reading_below_user_needs_none(string method) =>
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(method, "user/ada/api/thing")).StatusCode);

    [Fact]
    public async Task The_hubs_api_needs_it_even_for_reading()
    {
        await RefusedAsync(await SendAsync("GET", "hub/api/user"), Missing("GET"));
        await RefusedAsync(await SendAsync("GET", "hub/api/user", ("X-XSRFToken", "made-up")), Different);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("GET", "hub/api/user", ("X-XSRFToken", _xsrf))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("GET", "hub/api/")).StatusCode);
    }

    [Fact]
    public async Task The_token_of_somebody_else_and_a_cookie_planted_beside_it_are_worth_nothing()
    {
        var eves = new CookieContainer();
        (await _hub.SignInAsync("eve", Password, eves)).Dispose();
        string theirs = _hub.Xsrf(eves);
        _cookies.Add(_hub.Address, new Cookie("_xsrf", theirs, "/user"));
        await RefusedAsync(await SendAsync("POST", "user/ada/api/thing", ("X-XSRFToken", theirs)), Different);
        await DoneAsync(await SendAsync("POST", "user/ada/api/thing", ("X-XSRFToken", _xsrf)));
    }

    [Fact]
    public async Task A_token_of_before_signing_in_is_worth_nothing_after()
    {
        using HttpClient anonymous = _hub.Browser(new CookieContainer());
        string html = await anonymous.GetStringAsync("hub/login");
        string before = System.Text.RegularExpressions.Regex.Match(html, "name=\"_xsrf\" value=\"([^\"]+)\"").Groups[1].Value;
        await RefusedAsync(await SendAsync("POST", "user/ada/api/thing", ("X-XSRFToken", before)), Different);
    }

    [Fact]
    public async Task The_sign_in_form_itself_needs_it()
    {
        using HttpClient stranger = _hub.Browser(new CookieContainer());
        var form = new Dictionary<string, string> { ["username"] = "ada", ["password"] = Password };
        await RefusedAsync(await stranger.PostAsync("hub/login", new FormUrlEncodedContent(form)), Missing("POST"));
        form["_xsrf"] = "made-up";
        stranger.DefaultRequestHeaders.Add("Cookie", "_xsrf=made-up");
        await RefusedAsync(await stranger.PostAsync("hub/login", new FormUrlEncodedContent(form)), Different);
        stranger.DefaultRequestHeaders.Add("Accept", "text/html");
        using HttpResponseMessage page = await stranger.PostAsync("hub/login", new FormUrlEncodedContent(form));
        Assert.Equal(HttpStatusCode.Forbidden, page.StatusCode);
        Assert.Contains("reload the page", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_not_signed_in_is_tested_first_below_user()
    {
        using HttpClient nobody = _hub.Browser(new CookieContainer());
        await RefusedAsync(await nobody.PostAsync("user/ada/api/thing", null), Missing("POST"));
        using HttpResponseMessage api = await nobody.PostAsync("hub/api/users/x", null);
        Assert.Equal("Missing or invalid credentials.", await api.MessageAsync());
    }

    [Fact]
    public async Task A_request_that_names_itself_by_a_token_is_nobodys_browser()
    {
        using HttpClient script = _hub.Client();
        script.DefaultRequestHeaders.Add("Origin", "https://elsewhere.example");
        script.DefaultRequestHeaders.Add("Sec-Fetch-Site", "cross-site");
        await DoneAsync(await script.PostAsync("user/ada/api/thing", null));
        Assert.Equal(HttpStatusCode.OK, (await script.GetAsync("hub/api/users")).StatusCode);
    }

    [Fact]
    public async Task A_wrong_token_does_not_fall_back_to_the_cookie()
    {
        _browser.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("token", "wrong");
        using HttpResponseMessage answer = await SendAsync("POST", "user/ada/api/thing", ("X-XSRFToken", _xsrf));
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Theory]
    [InlineData("POST", "user/ada/api/thing", HttpStatusCode.NotFound)]
    [InlineData("GET", "user/ada/api/thing", HttpStatusCode.NotFound)]
    [InlineData("GET", "hub/api/user", HttpStatusCode.Forbidden)]
    [InlineData("DELETE", "hub/api/users/ada/server", HttpStatusCode.Forbidden)]
    public async Task What_comes_from_another_site_is_refused_even_with_the_token(string method, string path, HttpStatusCode status)
    {
        foreach ((string, string)[] from in new[] { new[] { ("Origin", "https://evil.example") }, [("Origin", "null")], [("Sec-Fetch-Site", "cross-site")], [("Sec-Fetch-Site", "same-site")] })
        {
            using HttpResponseMessage answer = await SendAsync(method, path, [("X-XSRFToken", _xsrf), .. from]);
            Assert.Equal(status, answer.StatusCode);
        }
        string own = _hub.Address.AbsoluteUri.TrimEnd('/');
        using HttpResponseMessage ours = await SendAsync(method, path, ("X-XSRFToken", _xsrf), ("Origin", own), ("Sec-Fetch-Site", "same-origin"));
        Assert.True(ours.IsSuccessStatusCode);
    }

    [Fact]
    public async Task A_link_from_another_site_opens_a_page()
    {
        using HttpResponseMessage page = await SendAsync("GET", "user/ada/page", ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate"), ("Accept", "text/html"));
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        using HttpResponseMessage open = await SendAsync("GET", "open", ("Sec-Fetch-Site", "cross-site"));
        Assert.Equal(HttpStatusCode.OK, open.StatusCode);
    }

    [Fact]
    public async Task A_users_files_are_embedded_by_our_own_pages_only()
    {
        await RefusedAsync(await SendAsync("GET", "user/ada/view/test/a.html"), Missing("GET"));
        await RefusedAsync(await SendAsync("GET", "user/ada/view/test/a.html", ("Referer", "https://evil.example/x")), Missing("GET"));
        await RefusedAsync(await SendAsync("GET", "user/ada/view/test/a.html", ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate")), Missing("GET"));
        await DoneAsync(await SendAsync("GET", "user/ada/view/test/a.html", ("Referer", _hub.Address + "user/ada/lab")), "file");
        await DoneAsync(await SendAsync("GET", "user/ada/view/test/a.html?_xsrf=" + _xsrf), "file");
        await DoneAsync(await SendAsync("GET", "user/ada/view/test/a.html", ("Sec-Fetch-Site", "same-origin")), "file");
    }

    [Fact]
    public async Task An_endpoint_may_say_that_it_needs_none() => await DoneAsync(await SendAsync("POST", "user/ada/api/report"), "noted");

    [Fact]
    public async Task A_page_hands_a_lost_token_out_again()
    {
        foreach (Cookie cookie in _cookies.GetCookies(_hub.Address))
            cookie.Expired = cookie.Name == "_xsrf";
        await SendAsync("GET", "user/ada/page", ("Accept", "text/html"));
        Assert.Equal(_xsrf, _hub.Xsrf(_cookies));
    }

    [Fact]
    public async Task A_form_beyond_all_measure_is_refused()
    {
        using HttpResponseMessage answer = await _browser.PostAsync("hub/token", new FormUrlEncodedContent([new("note", new string('x', 100_000))]));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    private static string Missing(string method) => $"'_xsrf' argument missing from {method}";

    private async Task<HttpResponseMessage> SendAsync(string method, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        foreach ((string name, string value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await _browser.SendAsync(request);
    }

    private static async Task RefusedAsync(HttpResponseMessage answer, string why)
    {
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal(why, await answer.MessageAsync());
    }

    private static async Task DoneAsync(HttpResponseMessage answer, string expected = "done")
    {
        Assert.Equal(expected, await answer.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    /// <summary>A hub with two people and an endpoint of each kind.</summary>
    public sealed class Hall : IAsyncLifetime
    {
        public HubFixture Hub { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Hub = await HubFixture.StartAsync(map: app =>
            {
                app.MapMethods("/user/{user}/api/thing", ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"], () => "done").RequireScope("access:servers", ScopeFilter.Server);
                app.MapGet("/user/{user}/view/test/{file}", () => "file").RequireScope("access:servers", ScopeFilter.Server);
                app.MapGet("/user/{user}/page", () => "page").RequireScope("access:servers", ScopeFilter.Server);
                app.MapPost("/user/{user}/api/report", () => "noted").Public("reports come from anywhere").WithoutXsrf("browsers send them by themselves");
                app.MapGet("/open", () => "open").Public("a public page of this test");
            });
            await Hub.CreateUserAsync("ada", Password);
            await Hub.CreateUserAsync("eve", Password);
        }

        public ValueTask DisposeAsync() => Hub.DisposeAsync();
    }
}
