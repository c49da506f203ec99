using System.Net;
using System.Text.Json.Nodes;
using Hub.Auth;
using Hub.Auth.OpenIdConnect;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Primitives;
using Testing;
using Xunit;

namespace Hub.Tests.Auth.OpenIdConnect;

/// <summary>How a sign-in by a provider ends: here, there, or because the provider no longer vouches for the person.</summary>
public sealed class OpenIdLogoutTests : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private FakeProvider _provider = null!;
    private HubFixture _hub = null!;
    private Visitor _visitor = null!;

    public async ValueTask InitializeAsync()
    {
        _provider = await FakeProvider.StartAsync();
        // Cookies run out by the clock of this machine, whatever the hub's says.
        _time.Advance(TimeProvider.System.GetUtcNow() - _time.GetUtcNow());
        _provider.Time = _time;
        _provider.Claims["sid"] = "session-1";
        _hub = await HubFixture.StartAsync(
            [.. _provider.Settings("fake", "Scope:0=profile", "Scope:1=offline_access", "RecheckInterval=00:30:00", "Deny:Groups:0=expelled"), "Accounts:ActivityResolutionSeconds=1"],
            services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(_time)));
        _visitor = new Visitor(_hub);
        Assert.Equal(HttpStatusCode.SeeOther, (await _visitor.SignInAsync()).StatusCode);
    }

    public async ValueTask DisposeAsync()
    {
        _visitor.Dispose();
        await _hub.DisposeAsync();
        await _provider.DisposeAsync();
    }

    [Fact]
    public async Task Signing_out_here_signs_out_there_and_comes_back()
    {
        using HttpResponseMessage answer = await _visitor.Browser.GetAsync("hub/logout");
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Uri there = answer.Headers.Location!;
        Assert.StartsWith(_provider.Issuer + "/end?", there.AbsoluteUri, StringComparison.Ordinal);
        Dictionary<string, StringValues> query = QueryHelpers.ParseQuery(there.Query);
        Assert.Contains(query["id_token_hint"].ToString(), _provider.Secrets);
        Assert.Equal(FakeProvider.ClientId, query["client_id"]);
        Assert.Equal($"{_hub.Address}hub/openid/fake/signed-out", query["post_logout_redirect_uri"]);
        Assert.Null(await _visitor.WhoAsync());
        string html = await _visitor.Browser.GetStringAsync($"hub/openid/fake/signed-out?state={Uri.EscapeDataString(query["state"]!)}");
        Assert.Contains("You are signed out", html, StringComparison.Ordinal);
        Assert.Contains("You are signed out", await _visitor.Browser.GetStringAsync("hub/openid/fake/signed-out?state=made-up"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_that_signs_out_leads_there_by_a_page()
    {
        using HttpResponseMessage answer = await _visitor.PostAsync("hub/logout");
        Assert.Contains(_provider.Issuer + "/end?", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Null(await _visitor.WhoAsync());
    }

    [Theory]
    [InlineData("person")]
    [InlineData("session")]
    public async Task Signing_out_there_ends_the_sign_ins_here_and_no_others(string of)
    {
        _provider.Claims["sid"] = "session-2";
        using var otherSession = new Visitor(_hub);
        await otherSession.SignInAsync();
        _provider.Claims = new JsonObject { ["sub"] = "person-2", ["preferred_username"] = "grace", ["sid"] = "session-3" };
        using var otherPerson = new Visitor(_hub);
        await otherPerson.SignInAsync();

        string token = _provider.LogoutToken(claims =>
        {
            if (of == "session")
            {
                claims.Remove("sub");
                claims["sid"] = "session-1";
            }
        });
        Assert.Equal(HttpStatusCode.OK, await LogOutAsync(token));
        Assert.Null(await _visitor.WhoAsync());
        Assert.Equal(of == "session", await otherSession.WhoAsync() is not null);
        Assert.NotNull(await otherPerson.WhoAsync());
    }

    [Fact]
    public async Task A_logout_token_works_once()
    {
        string token = _provider.LogoutToken();
        Assert.Equal(HttpStatusCode.OK, await LogOutAsync(token));
        using var again = new Visitor(_hub);
        await again.SignInAsync();
        Assert.Equal(HttpStatusCode.BadRequest, await LogOutAsync(token));
        Assert.NotNull(await again.WhoAsync());
    }

    public static TheoryData<string> WrongTokens => new("iss", "aud", "expired", "lives long", "no events", "nonce", "no jti", "nobody", "type", "forged", "an ID token", "nothing", "no form");

    [Theory]
    [MemberData(nameof(WrongTokens))]
    public async Task A_logout_token_that_is_not_believed_ends_nothing(string wrong)
    {
        long now = _time.GetUtcNow().ToUnixTimeSeconds();
        string token = wrong switch
        {
            "forged" => _provider.LogoutToken()[..^8] + "AAAAAAAA",
            "an ID token" => _provider.Key.Sign(_provider.TokenClaims("n")),
            "nothing" => "",
            "type" => _provider.LogoutToken(type: "at+jwt"),
            _ => _provider.LogoutToken(claims => _ = wrong switch
            {
                "iss" => claims["iss"] = "https://elsewhere.example",
                "aud" => claims["aud"] = "somebody-else",
                "expired" => claims["exp"] = now - 600,
                "lives long" => claims["exp"] = now + (2 * 24 * 3600),
                "no events" => claims["events"] = new JsonObject(),
                "nonce" => claims["nonce"] = "n",
                "no jti" => claims["jti"] = null,
                _ => claims["sub"] = null,
            }),
        };
        Assert.Equal(HttpStatusCode.BadRequest, wrong == "no form" ? await PostAsync(new StringContent("{}")) : await LogOutAsync(token));
        Assert.NotNull(await _visitor.WhoAsync());
    }

    [Fact]
    public async Task Whoever_the_provider_no_longer_vouches_for_is_signed_out_while_a_provider_that_is_away_signs_nobody_out()
    {
        _provider.Before = context =>
        {
            context.Response.StatusCode = 503;
            return Task.FromResult(context.Request.Path == "/token");
        };
        await UseAndWaitAsync();
        await Eventually.Holds(async () => await CheckedAsync() < _time.GetUtcNow());
        Assert.NotNull(await _visitor.WhoAsync());

        _provider.Before = null;
        // A look that was under way while the time moved may have found nothing due, and none comes while it stands.
        await Eventually.Holds(async () =>
        {
            await UseAndWaitAsync();
            return _provider.RefreshCount > 0;
        });
        Assert.NotNull(await _visitor.WhoAsync());
        _provider.Refreshes = false;
        await Eventually.Holds(async () =>
        {
            await UseAndWaitAsync();
            return await _visitor.WhoAsync() is null;
        });
    }

    [Fact]
    public async Task Whoever_the_rules_keep_out_since_is_signed_out()
    {
        _provider.Claims["groups"] = new JsonArray("expelled");
        await Eventually.Holds(async () =>
        {
            await UseAndWaitAsync();
            return await _visitor.WhoAsync() is null;
        });
    }

    [Fact]
    public async Task Tokens_lie_sealed_in_the_database()
    {
        SignInOrigin origin = (await _hub.Services.GetRequiredService<OpenIdSignInsStore>().FindAsync(1, CancellationToken.None))!;
        Assert.Equal("session-1", origin.SessionId);
        Assert.True(origin.Refreshes);
        Assert.DoesNotContain("refresh-token-of-the-test", origin.Tokens!, StringComparison.Ordinal);
        Assert.Equal("refresh-token-of-the-test", _hub.Services.GetRequiredService<SavedTokens>().Open(origin.Tokens).RefreshToken);
        Assert.Equal((null, null), _hub.Services.GetRequiredService<SavedTokens>().Open("sealed elsewhere"));
    }

    /// <summary>Uses the sign-in, lets the time pass in which the provider need not be asked, and uses it again.</summary>
    private async Task UseAndWaitAsync()
    {
        _time.Advance(TimeSpan.FromMinutes(2));
        await _visitor.WhoAsync();
        _time.Advance(TimeSpan.FromMinutes(31));
        await _visitor.WhoAsync();
        await Task.Yield();
    }

    private async Task<DateTimeOffset> CheckedAsync()
    {
        IReadOnlyList<DueSignIn> due = await _hub.Services.GetRequiredService<OpenIdSignInsStore>().FindDueAsync("fake", TimeSpan.FromDays(-1), 10, CancellationToken.None);
        return due.Count == 0 ? DateTimeOffset.MinValue : DateTimeOffset.UnixEpoch.AddTicks(due[0].Checked * 10);
    }

    private Task<HttpStatusCode> LogOutAsync(string token) => PostAsync(new FormUrlEncodedContent(new Dictionary<string, string> { ["logout_token"] = token }));

    private async Task<HttpStatusCode> PostAsync(HttpContent content)
    {
        using HttpClient provider = _hub.Client(null);
        using HttpResponseMessage answer = await provider.PostAsync("hub/openid/fake/logout", content);
        Assert.True(answer.Headers.CacheControl!.NoStore);
        return answer.StatusCode;
    }
}
