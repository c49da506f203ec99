using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Hub.Accounts;
using Hub.Events;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Hub.Tests.Auth.OpenIdConnect;

/// <summary>Signing in with a provider that behaves: who becomes whom, who may come in, and what ends when.</summary>
public sealed class OpenIdSignInTests : IAsyncLifetime
{
    private FakeProvider _provider = null!;
    private HubFixture? _hub;

    public async ValueTask InitializeAsync() => _provider = await FakeProvider.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_hub is not null)
            await _hub.DisposeAsync();
        await _provider.DisposeAsync();
    }

    [Fact]
    public async Task The_first_sign_in_makes_the_user_and_the_next_finds_it_whatever_the_provider_calls_them_then()
    {
        HubFixture hub = await StartAsync("GetClaimsFromUserInfoEndpoint=true");
        using EventReader events = hub.Services.GetRequiredService<EventStream>().Subscribe(happened => happened is HubEvent.SignedIn or HubEvent.UserCreated);
        _provider.Claims = new JsonObject { ["sub"] = "person-1" };
        _provider.UserInfo = new JsonObject { ["sub"] = "person-1", ["preferred_username"] = @"SCHOOL\Ada L.", ["name"] = "Ada Lovelace" };
        using var first = new Visitor(hub);
        using HttpResponseMessage answer = await first.SignInAsync(next: "/hub/token?a=b");
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.Equal("/hub/token?a=b", answer.Headers.Location!.OriginalString);
        JsonObject who = (await first.WhoAsync())!;
        Assert.Equal("school-ada l", who.Text("name"));
        Assert.Equal("Ada Lovelace", who["user_info"]!["display_name"]!.GetValue<string>());
        List<HubEvent> happened = await events.ReadAllAsync(TestContext.Current.CancellationToken).Take(2).ToListAsync(TestContext.Current.CancellationToken);
        Assert.IsType<HubEvent.UserCreated>(happened[0]);
        Assert.IsType<HubEvent.SignedIn>(happened[1]);

        _provider.UserInfo = new JsonObject { ["sub"] = "person-1", ["preferred_username"] = "admin" };
        using var again = new Visitor(hub);
        await again.SignInAsync();
        Assert.Equal("school-ada l", (await again.WhoAsync())!.Text("name"));
    }

    [Fact]
    public async Task The_buttons_stand_on_the_sign_in_page_in_their_order_and_lead_on()
    {
        _hub = await HubFixture.StartAsync(
        [
            .. _provider.Settings("a-last", "DisplayName=Guests <b>", "Order=2"), .. _provider.Settings("z-first", "DisplayName=School", "Icon=data:image/svg+xml;base64,PHN2Zy8+"),
        ]);
        using HttpClient browser = _hub.Client(null);
        string html = await browser.GetStringAsync("hub/login?next=%2Fhub%2Ftoken");
        int school = html.IndexOf("href=\"/hub/openid/z-first?next=%2Fhub%2Ftoken\"", StringComparison.Ordinal);
        int guests = html.IndexOf("href=\"/hub/openid/a-last?next=%2Fhub%2Ftoken\"", StringComparison.Ordinal);
        Assert.InRange(school, 1, guests);
        Assert.Contains("Sign in with Guests &lt;b&gt;", html, StringComparison.Ordinal);
        Assert.Contains("src=\"data:image/svg&#x2B;xml;base64,PHN2Zy8&#x2B;\"", html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync("hub/openid/nobody")).StatusCode);
    }

    [Theory]
    [InlineData("ES256")]
    [InlineData("PS256")]
    [InlineData("RS512")]
    public async Task Keys_change_and_a_new_one_is_found_by_its_name(string algorithm)
    {
        HubFixture hub = await StartAsync("RefreshInterval=00:00:00");
        await SignInAsync(hub);
        int before = _provider.KeyFetches;
        await SignInAsync(hub);
        Assert.Equal(before, _provider.KeyFetches);
        ProviderKey newer = algorithm[0] == 'E' ? ProviderKey.NewCurve("k2", System.Security.Cryptography.ECCurve.NamedCurves.nistP256) : ProviderKey.NewRsa("k2");
        _provider.Keys.Add(newer);
        _provider.ChangeToken = claims => claims.Remove("at_hash"); // which goes by the algorithm
        _provider.Sign = claims => newer.Sign(claims, algorithm);
        await SignInAsync(hub);
        Assert.Equal(before + 1, _provider.KeyFetches);
    }

    [Fact]
    public async Task Unknown_keys_make_the_hub_ask_no_more_often_than_allowed()
    {
        HubFixture hub = await StartAsync("RefreshInterval=01:00:00");
        await SignInAsync(hub);
        int before = _provider.KeyFetches;
        using var stranger = ProviderKey.NewRsa("k9");
        _provider.Sign = claims => stranger.Sign(claims);
        for (int i = 0; i < 5; i++)
        {
            using var visitor = new Visitor(hub);
            Assert.Equal(HttpStatusCode.Forbidden, (await visitor.SignInAsync()).StatusCode);
        }
        Assert.Equal(before, _provider.KeyFetches);
    }

    [Fact]
    public async Task Nobody_gets_an_account_by_having_its_name_but_its_owner_can_connect_it()
    {
        HubFixture hub = await StartAsync();
        await hub.CreateUserAsync("ada", "correct horse battery");
        using var stranger = new Visitor(hub);
        await RefusedAsync(await stranger.SignInAsync(), HttpStatusCode.Conflict, "Somebody has your name");

        using var owner = new Visitor(hub);
        using HttpClient signedIn = await hub.SignInAsync("ada", "correct horse battery", owner.Cookies);
        using HttpResponseMessage onward = await owner.PostAsync("hub/openid/fake/connect");
        string html = WebUtility.HtmlDecode(await onward.Content.ReadAsStringAsync());
        Assert.Contains("http-equiv=\"refresh\"", html, StringComparison.Ordinal);
        var atProvider = new Uri(System.Text.RegularExpressions.Regex.Match(html, "href=\"(http[^\"]+/authorize[^\"]+)\"").Groups[1].Value);
        using HttpResponseMessage connected = await owner.ReturnAsync(await owner.AgreeAsync(atProvider));
        Assert.Equal("/hub/password", connected.Headers.Location!.OriginalString);
        Assert.Contains("Connected with your account", await owner.Browser.GetStringAsync("hub/password"), StringComparison.Ordinal);

        using var later = new Visitor(hub);
        await later.SignInAsync();
        Assert.Equal("ada", (await later.WhoAsync())!.Text("name"));
        Assert.Equal(HttpStatusCode.SeeOther, (await later.PostAsync("hub/openid/fake/disconnect")).StatusCode);
        using var noMore = new Visitor(hub);
        await RefusedAsync(await noMore.SignInAsync(), HttpStatusCode.Conflict, "Somebody has your name");
    }

    [Fact]
    public async Task A_connection_that_somebody_else_began_connects_nothing()
    {
        HubFixture hub = await StartAsync();
        await hub.CreateUserAsync("grace", "correct horse battery");
        await hub.CreateUserAsync("mallory", "correct horse battery");
        using var visitor = new Visitor(hub);
        using (HttpClient first = await hub.SignInAsync("mallory", "correct horse battery", visitor.Cookies))
        {
            using HttpResponseMessage onward = await visitor.PostAsync("hub/openid/fake/connect");
            string html = WebUtility.HtmlDecode(await onward.Content.ReadAsStringAsync());
            var atProvider = new Uri(System.Text.RegularExpressions.Regex.Match(html, "href=\"(http[^\"]+/authorize[^\"]+)\"").Groups[1].Value);
            Uri callback = await visitor.AgreeAsync(atProvider);
            using HttpClient second = await hub.SignInAsync("grace", "correct horse battery", visitor.Cookies);
            await RefusedAsync(await visitor.ReturnAsync(callback), HttpStatusCode.Forbidden, "Nothing was connected");
        }
    }

    [Fact]
    public async Task The_only_way_in_cannot_be_disconnected()
    {
        HubFixture hub = await StartAsync();
        using var visitor = new Visitor(hub);
        await visitor.SignInAsync();
        Assert.Contains("You have no password here", await visitor.Browser.GetStringAsync("hub/password"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Conflict, (await visitor.PostAsync("hub/openid/fake/disconnect")).StatusCode);
    }

    [Theory]
    [InlineData("Allow:Domains:0=school.example", "ada@school.example", "true", true)]
    [InlineData("Allow:Domains:0=school.example", "ada@school.example", "false", false)]
    [InlineData("Allow:Domains:0=school.example", "ada@school.example.evil.example", "true", false)]
    [InlineData("Allow:Groups:0=teachers", "", "", true)]
    [InlineData("Allow:Groups:0=pupils", "", "", false)]
    [InlineData("Deny:Groups:0=teachers", "", "", false)]
    [InlineData("Allow:Claims:0=realm_access.roles=notebooks", "", "", true)]
    [InlineData("Allow:Claims:0=realm_access.roles=other", "", "", false)]
    public async Task Rules_say_who_may_come_in(string rule, string email, string verified, bool comes)
    {
        HubFixture hub = await StartAsync(rule, rule.StartsWith("Allow", StringComparison.Ordinal) ? "Allow:Everyone=false" : "Order=1");
        _provider.Claims["email"] = email;
        _provider.Claims["email_verified"] = verified == "true";
        _provider.Claims["groups"] = new JsonArray("teachers", "staff");
        _provider.Claims["realm_access"] = new JsonObject { ["roles"] = new JsonArray("notebooks") };
        using var visitor = new Visitor(hub);
        using HttpResponseMessage answer = await visitor.SignInAsync();
        if (comes)
            Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        else
            await RefusedAsync(answer, HttpStatusCode.Forbidden, "You may not use this hub");
    }

    [Fact]
    public async Task Without_rules_nobody_new_comes_in_and_a_disabled_user_is_told_so()
    {
        HubFixture hub = await StartAsync("Allow:Everyone=false");
        using var visitor = new Visitor(hub);
        await RefusedAsync(await visitor.SignInAsync(), HttpStatusCode.Forbidden, "You have no account here yet");
        await hub.DisposeAsync();
        hub = await StartAsync();
        await SignInAsync(hub);
        using HttpClient admin = hub.Client();
        await admin.PatchAsJsonAsync("hub/api/users/ada", new { disabled = true });
        using var disabled = new Visitor(hub);
        await RefusedAsync(await disabled.SignInAsync(), HttpStatusCode.Forbidden, "Your account is disabled");
    }

    [Fact]
    public async Task A_provider_makes_administrators_and_takes_back_what_it_gave_and_no_more()
    {
        HubFixture hub = await StartAsync("AdminGroups:0=admins");
        _provider.Claims["groups"] = new JsonArray("admins");
        Assert.True((await SignInAsync(hub))["admin"]!.GetValue<bool>());
        _provider.Claims["groups"] = new JsonArray("others");
        Assert.False((await SignInAsync(hub))["admin"]!.GetValue<bool>());
        using HttpClient admin = hub.Client();
        await admin.PatchAsJsonAsync("hub/api/users/ada", new { admin = true });
        Assert.True((await SignInAsync(hub))["admin"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Groups_of_the_provider_reach_whoever_keeps_groups()
    {
        var groups = new KeptGroups();
        _hub = await HubFixture.StartAsync(
            _provider.Settings("fake", "TokenValidationParameters:RoleClaimType=realm_access.roles", "MaxGroups=2"), services => services.AddSingleton<IGroupMembership>(groups));
        _provider.Claims["realm_access"] = new JsonObject { ["roles"] = new JsonArray("a", "b", "c") };
        await SignInAsync(_hub);
        Assert.Equal("fake: a, b", groups.Last);
    }

    [Fact]
    public async Task A_provider_that_is_away_holds_up_neither_the_start_nor_passwords()
    {
        string[] settings = _provider.Settings();
        await _provider.DisposeAsync();
        _hub = await HubFixture.StartAsync(settings);
        await _hub.CreateUserAsync("ada", "correct horse battery");
        using HttpClient byPassword = await _hub.SignInAsync("ada", "correct horse battery");
        using var visitor = new Visitor(_hub);
        await RefusedAsync(await visitor.Browser.GetAsync("hub/openid/fake"), HttpStatusCode.ServiceUnavailable, "does not answer");
    }

    [Theory]
    [InlineData("Authority=ftp://x", "must be an address")]
    [InlineData("RequireHttpsMetadata=true", "must begin with https://")]
    [InlineData("ClientId=", "ClientId is missing")]
    [InlineData("TokenValidationParameters:ValidAlgorithms:0=HS256", "HS256 is not one of")]
    [InlineData("TokenValidationParameters:ClockSkew=01:00:00", "ClockSkew must be between")]
    [InlineData("CallbackPath=x", "CallbackPath must be a path")]
    [InlineData("AdminClaims:0=nothing", "is no claim")]
    [InlineData("ResponseType=id_token", "ResponseType")]
    public async Task Wrong_settings_stop_the_start_and_are_named(string setting, string why)
    {
        string data = Directory.CreateTempSubdirectory("hub-test-").FullName;
        await using WebApplication hub = HubApplication.Create(["--data", data, "--urls", "http://127.0.0.1:0", "Hub:Spawner=process", .. _provider.Settings("fake", setting)]);
        Exception refused = await Assert.ThrowsAnyAsync<Exception>(() => hub.StartAsync());
        Directory.Delete(data, recursive: true);
        Assert.Contains("Auth:OpenId:fake", refused.Message, StringComparison.Ordinal);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(FakeProvider.ClientSecret, refused.Message, StringComparison.Ordinal);
    }

    private async Task<HubFixture> StartAsync(params string[] settings) => _hub = await HubFixture.StartAsync(_provider.Settings("fake", settings));

    private static async Task<JsonObject> SignInAsync(HubFixture hub)
    {
        using var visitor = new Visitor(hub);
        using HttpResponseMessage answer = await visitor.SignInAsync();
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        return (await visitor.WhoAsync())!;
    }

    private static async Task RefusedAsync(HttpResponseMessage answer, HttpStatusCode status, string page)
    {
        Assert.Contains(page, WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync()), StringComparison.Ordinal);
        Assert.Equal(status, answer.StatusCode);
    }

    private sealed class KeptGroups : IGroupMembership
    {
        public string Last { get; private set; } = "";

        public Task SetFromAsync(string source, long userId, IReadOnlyList<string> groups, CancellationToken cancellationToken)
        {
            Last = $"{source}: {string.Join(", ", groups)}";
            return Task.CompletedTask;
        }
    }
}
