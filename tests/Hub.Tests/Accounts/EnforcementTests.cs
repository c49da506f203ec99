using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Hub.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace Hub.Tests.Accounts;

/// <summary>Who is refused, how, and that nothing happens then.</summary>
public sealed class EnforcementTests(EnforcementTests.Hall hall) : IClassFixture<EnforcementTests.Hall>
{
    private readonly HubFixture _hub = hall.Hub;
    private readonly HttpClient _admin = hall.Admin;
    private readonly HttpClient _ada = hall.Ada;

    [Theory]
    [InlineData("GET", "hub/api/user")]
    [InlineData("GET", "hub/api/users")]
    [InlineData("POST", "hub/api/users/new")]
    [InlineData("DELETE", "hub/api/users/bob")]
    [InlineData("GET", "hub/api/users/nobody")]
    [InlineData("POST", "hub/api/users/bob/tokens")]
    public async Task The_api_refuses_who_is_not_signed_in_without_ever_asking_for_a_password(string method, string path)
    {
        foreach (string? token in new[] { null, "wrong", "" })
        {
            using HttpClient nobody = _hub.Client(token: null);
            if (token is not null)
                nobody.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "token " + token);
            using HttpResponseMessage answer = await nobody.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.Equal("""{"status":403,"message":"Missing or invalid credentials."}""", await answer.Content.ReadAsStringAsync());
            Assert.Empty(answer.Headers.WwwAuthenticate);
        }
        Assert.Equal(HttpStatusCode.OK, (await _admin.GetAsync("hub/api/users/bob")).StatusCode);
    }

    [Theory]
    [InlineData("GET", "hub/api/users", "list:users")]
    [InlineData("POST", "hub/api/users", "admin:users")]
    [InlineData("POST", "hub/api/users/new", "admin:users")]
    [InlineData("PATCH", "hub/api/users/ada", "admin:users")]
    [InlineData("DELETE", "hub/api/users/bob", "delete:users")]
    [InlineData("PUT", "hub/api/users/ada/password", "admin:users")]
    [InlineData("GET", "hub/api/info", "read:hub")]
    public async Task Who_lacks_a_scope_is_told_which(string method, string path, string scope)
    {
        using HttpResponseMessage answer = await _ada.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal($"Action is not authorized with current scopes; requires any of [{scope}]", await answer.MessageAsync());
        Assert.Equal(HttpStatusCode.NotFound, (await _admin.GetAsync("hub/api/users/new")).StatusCode);
    }

    [Theory]
    [InlineData("GET", "hub/api/users/bob")]
    [InlineData("GET", "hub/api/users/nobody")]
    [InlineData("GET", "hub/api/users/bob/tokens")]
    [InlineData("POST", "hub/api/users/bob/tokens")]
    [InlineData("DELETE", "hub/api/users/bob/server")]
    [InlineData("POST", "hub/api/users/nobody/server")]
    public async Task Other_people_look_the_same_whether_they_exist_or_not(string method, string path)
    {
        using HttpResponseMessage answer = await _ada.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("No access to resources or resources not found", await answer.MessageAsync());
        Assert.True((await (await _admin.GetAsync("hub/api/users/bob")).ObjectAsync())["servers"]!.AsObject().ContainsKey(""));
        Assert.Empty((await (await _admin.GetAsync("hub/api/users/bob/tokens")).ObjectAsync())["api_tokens"]!.AsArray());
    }

    [Theory]
    [InlineData("user/bob/api/me")]
    [InlineData("user/BOB/api/me")]
    [InlineData("user/b%6Fb/api/me")]
    [InlineData("user/nobody/api/me")]
    [InlineData("user/ada%2F..%2Fbob/api/me")]
    public async Task Another_users_server_is_not_there(string path)
    {
        using HttpResponseMessage answer = await _ada.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        JsonObject error = await answer.ObjectAsync();
        Assert.NotEmpty(error.Text("message")!);
        Assert.True(error.ContainsKey("reason"));
    }

    [Theory]
    [InlineData("user/ada/api/me")]
    [InlineData("user/ADA/api/me")]
    [InlineData("user/%61da/api/me")]
    public async Task Ones_own_server_is_found_however_the_name_is_written(string path)
    {
        await _ada.PostAsync("hub/api/users/ada/server", null);
        Assert.Equal(HttpStatusCode.OK, (await _ada.GetAsync(path)).StatusCode);
    }

    [Fact]
    public async Task A_name_with_a_space_works_in_every_place()
    {
        JsonObject token = await (await _admin.PostAsync("hub/api/users/mary%20ann/tokens", null)).ObjectAsync();
        using HttpClient mary = _hub.Client(token.Text("token"));
        await mary.PostAsync("hub/api/users/mary%20ann/server", null);
        Assert.Equal(HttpStatusCode.OK, (await mary.GetAsync("user/mary%20ann/api/me")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await mary.GetAsync("user/mary/api/me")).StatusCode);
    }

    [Fact]
    public async Task An_administrator_comes_in_everywhere() =>
        Assert.Equal(HttpStatusCode.OK, (await _admin.GetAsync("user/bob/api/me")).StatusCode);

    [Fact]
    public async Task Below_user_the_api_refuses_in_jupyter_servers_shape()
    {
        using HttpClient nobody = _hub.Client("wrong");
        using HttpResponseMessage answer = await nobody.GetAsync("user/bob/api/me");
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal("""{"message":"Forbidden","reason":null}""", await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("forgotten")]
    [InlineData("user/ada/forgotten")]
    public async Task An_endpoint_that_states_nothing_is_closed_even_to_administrators(string path)
    {
        using HttpResponseMessage answer = await _admin.GetAsync(path);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.DoesNotContain("secret", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_an_endpoint_says_counts_more_than_what_its_group_says()
    {
        Assert.Equal(HttpStatusCode.OK, (await _ada.GetAsync("guarded/open")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await _ada.GetAsync("guarded/closed")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _admin.GetAsync("guarded/closed")).StatusCode);
    }

    [Fact]
    public async Task A_wrong_method_and_an_unknown_path_are_named_as_such()
    {
        using HttpResponseMessage method = await _admin.PutAsync("hub/api/users", null);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, method.StatusCode);
        using HttpResponseMessage path = await _admin.GetAsync("hub/api/no/such/thing");
        Assert.Equal(HttpStatusCode.NotFound, path.StatusCode);
        Assert.Equal(404, (await path.ObjectAsync())["status"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_person_without_a_sign_in_is_led_to_the_page_and_one_with_a_wrong_token_is_not()
    {
        using HttpClient browser = _hub.Client(token: null);
        browser.DefaultRequestHeaders.Add("Accept", "text/html,application/xhtml+xml");
        using HttpResponseMessage led = await browser.GetAsync("user/bob/page/my%20notes.ipynb?reset=1");
        Assert.Equal(HttpStatusCode.Redirect, led.StatusCode);
        Assert.Equal("/hub/login?next=%2Fuser%2Fbob%2Fpage%2Fmy%2520notes.ipynb%3Freset%3D1", led.Headers.Location!.OriginalString);
        browser.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "token wrong");
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.GetAsync("user/bob/page/x")).StatusCode);
    }

    /// <summary>A hub with a few people and a few endpoints that make trouble.</summary>
    public sealed class Hall : IAsyncLifetime
    {
        public HubFixture Hub { get; private set; } = null!;

        public HttpClient Admin { get; private set; } = null!;

        public HttpClient Ada { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Hub = await HubFixture.StartAsync(map: app =>
            {
                app.MapGet("/forgotten", () => "secret");
                app.MapGet("/user/{user}/forgotten", () => "secret");
                app.MapGet("/user/{user}/page/{**path}", () => "page").RequireScope("access:servers", ScopeFilter.Server);
                RouteGroupBuilder guarded = app.MapGroup("/guarded");
                guarded.RequireScope("read:hub");
                guarded.MapGet("open", () => "open").Public("a public one in a guarded group");
                guarded.MapGet("closed", () => "closed");
            });
            Admin = Hub.Client();
            await Admin.PostAsJsonAsync("hub/api/users", new { usernames = new[] { "ada", "bob", "mary ann" } });
            await Admin.PostAsync("hub/api/users/bob/server", null);
            JsonObject token = await (await Admin.PostAsync("hub/api/users/ada/tokens", null)).ObjectAsync();
            Ada = Hub.Client(token.Text("token"));
        }

        public async ValueTask DisposeAsync()
        {
            Admin.Dispose();
            Ada.Dispose();
            await Hub.DisposeAsync();
        }
    }
}
