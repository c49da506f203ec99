using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Hub.Auth;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Testing;
using Xunit;

namespace Hub.Tests.Auth;

/// <summary>Setting a password by a one-time link, and changing it.</summary>
public sealed class PasswordPagesTests : IAsyncLifetime
{
    private const string Password = "correct horse battery";
    private const string Better = "even more correct horses";

    private readonly ManualTime _time = new();
    private HubFixture _hub = null!;
    private HttpClient _admin = null!;

    public async ValueTask InitializeAsync()
    {
        _hub = await HubFixture.StartAsync(
            ["Auth:AttemptsPerAccount=3"], services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(_time)));
        _admin = _hub.Client();
        await _hub.CreateUserAsync("ada", Password);
    }

    public async ValueTask DisposeAsync()
    {
        _admin.Dispose();
        await _hub.DisposeAsync();
    }

    [Fact]
    public async Task Changing_the_password_ends_every_other_sign_in_and_goes_on_with_a_new_one()
    {
        using HttpClient elsewhere = await _hub.SignInAsync("ada", Password);
        var cookies = new CookieContainer();
        using HttpClient here = await _hub.SignInAsync("ada", Password, cookies);
        string before = cookies.GetCookies(_hub.Address)["hub-signin"]!.Value;
        using HttpResponseMessage changed = await here.PostAsync("hub/password", Form(("current_password", Password), ("password", Better), ("password_again", Better)));
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        Assert.Contains("was changed", await changed.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.Forbidden, (await elsewhere.GetAsync("hub/api/user")).StatusCode);
        Assert.NotEqual(before, cookies.GetCookies(_hub.Address)["hub-signin"]!.Value);
        here.DefaultRequestHeaders.Remove("X-XSRFToken");
        here.DefaultRequestHeaders.Add("X-XSRFToken", _hub.Xsrf(cookies));
        Assert.Equal(HttpStatusCode.OK, (await here.GetAsync("hub/api/user")).StatusCode);
        (await _hub.SignInAsync("ada", Better)).Dispose();
    }

    [Theory]
    [InlineData("wrong", Better, Better, HttpStatusCode.Forbidden)]
    [InlineData(Password, "short", "short", HttpStatusCode.BadRequest)]
    [InlineData(Password, Better, Better + "!", HttpStatusCode.BadRequest)]
    public async Task A_change_that_is_refused_changes_nothing(string current, string password, string again, HttpStatusCode status)
    {
        using HttpClient browser = await _hub.SignInAsync("ada", Password);
        using HttpResponseMessage refused = await browser.PostAsync("hub/password", Form(("current_password", current), ("password", password), ("password_again", again)));
        Assert.Equal(status, refused.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("hub/api/user")).StatusCode);
        (await _hub.SignInAsync("ada", Password)).Dispose();
    }

    [Fact]
    public async Task The_current_password_cannot_be_guessed_at_an_open_page()
    {
        using HttpClient browser = await _hub.SignInAsync("ada", Password);
        HttpResponseMessage last = null!;
        for (int i = 0; i < 4; i++)
            last = await browser.PostAsync("hub/password", Form(("current_password", "guess"), ("password", Better), ("password_again", Better)));
        Assert.Equal(HttpStatusCode.TooManyRequests, last.StatusCode);
        Assert.NotNull(last.Headers.RetryAfter);
    }

    [Fact]
    public async Task A_link_sets_a_password_once_and_signs_in()
    {
        await _admin.PostAsync("hub/api/users/invited", null);
        string link = await LinkAsync("invited");
        var cookies = new CookieContainer();
        using HttpClient browser = _hub.Browser(cookies);
        string page = await browser.GetStringAsync(link);
        Assert.Contains("invited", page, StringComparison.Ordinal);
        Assert.Contains("name=\"password_again\"", page, StringComparison.Ordinal);

        using HttpResponseMessage tooShort = await UseAsync(browser, cookies, link, "short");
        Assert.Equal(HttpStatusCode.BadRequest, tooShort.StatusCode);
        using HttpResponseMessage set = await UseAsync(browser, cookies, link, Password);
        Assert.Equal(HttpStatusCode.SeeOther, set.StatusCode);
        Assert.Equal("/hub/home", set.Headers.Location!.OriginalString);
        browser.DefaultRequestHeaders.Add("X-XSRFToken", _hub.Xsrf(cookies));
        Assert.Equal("invited", (await browser.GetFromJsonAsync<JsonObject>("hub/api/user"))!.Text("name"));

        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync(link)).StatusCode);
        var others = new CookieContainer();
        using HttpClient other = _hub.Browser(others);
        await other.GetAsync("hub/login");
        Assert.Equal(HttpStatusCode.NotFound, (await UseAsync(other, others, link, "somebody else's choice")).StatusCode);
        (await _hub.SignInAsync("invited", Password)).Dispose();
    }

    [Fact]
    public async Task A_link_used_by_two_at_once_counts_for_one()
    {
        string link = await LinkAsync("ada");
        HttpStatusCode[] answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(async i =>
        {
            var cookies = new CookieContainer();
            using HttpClient browser = _hub.Browser(cookies);
            await browser.GetAsync("hub/login");
            return (await UseAsync(browser, cookies, link, $"password number {i}")).StatusCode;
        }));
        Assert.Single(answers, HttpStatusCode.SeeOther);
        Assert.Equal(3, answers.Count(answer => answer == HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task A_link_ends_with_its_time_with_a_newer_one_and_when_it_is_not_copied_whole()
    {
        using HttpClient browser = _hub.Browser(new CookieContainer());
        string first = await LinkAsync("ada");
        string second = await LinkAsync("ada", new { expires_in = 60 });
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync(first)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync(second[..^1])).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync("hub/set-password")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync(second)).StatusCode);
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync(second)).StatusCode);
    }

    [Fact]
    public async Task Setting_somebodys_password_ends_their_sign_ins()
    {
        using HttpClient browser = await _hub.SignInAsync("ada", Password);
        Assert.Equal(HttpStatusCode.BadRequest, (await _admin.PutAsJsonAsync("hub/api/users/ada/password", new { password = "short" })).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await _admin.PutAsJsonAsync("hub/api/users/ada/password", new { })).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _admin.PutAsJsonAsync("hub/api/users/nobody/password", new { password = Better })).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("hub/api/user")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await _admin.PutAsJsonAsync("hub/api/users/ada/password", new { password = Better })).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.GetAsync("hub/api/user")).StatusCode);
    }

    [Fact]
    public async Task A_password_page_is_not_for_tokens()
    {
        JsonObject token = await (await _admin.PostAsync("hub/api/users/ada/tokens", null)).ObjectAsync();
        using HttpClient script = _hub.Client(token.Text("token"));
        Assert.Equal(HttpStatusCode.Forbidden, (await script.GetAsync("hub/password")).StatusCode);
        using HttpResponseMessage refused = await script.PostAsync("hub/password", Form(("current_password", Password), ("password", Better), ("password_again", Better)));
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }

    [Fact]
    public async Task A_password_of_weaker_days_is_hashed_anew_at_the_next_sign_in()
    {
        await _hub.StopAsync();
        await using HubFixture stronger = await HubFixture.StartAsync(
            ["Auth:PasswordIterations=20000"], services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(_time)), _hub.Data);
        PasswordsStore store = stronger.Services.GetRequiredService<PasswordsStore>();
        string before = (await store.FindHashAsync("ada", default))!;
        var cookies = new CookieContainer();
        using HttpClient first = await stronger.SignInAsync("ada", Password, cookies);
        string after = (await store.FindHashAsync("ada", default))!;
        Assert.NotEqual(before, after);
        Assert.Equal(HttpStatusCode.OK, (await first.GetAsync("hub/api/user")).StatusCode);
        (await stronger.SignInAsync("ada", Password)).Dispose();
        Assert.Equal(after, await store.FindHashAsync("ada", default));
    }

    private async Task<string> LinkAsync(string user, object? body = null)
    {
        using HttpResponseMessage made = await _admin.PostAsJsonAsync($"hub/api/users/{user}/password-link", body ?? new { });
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        JsonObject link = await made.ObjectAsync();
        Assert.Equal(_hub.Address.AbsoluteUri.TrimEnd('/') + link.Text("url"), link.Text("full_url"));
        return link.Text("url")!.TrimStart('/');
    }

    private Task<HttpResponseMessage> UseAsync(HttpClient browser, CookieContainer cookies, string link, string password) =>
        browser.PostAsync(link, Form(("password", password), ("password_again", password), ("_xsrf", _hub.Xsrf(cookies))));

    private static FormUrlEncodedContent Form(params (string Name, string Value)[] fields) =>
        new(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
}
