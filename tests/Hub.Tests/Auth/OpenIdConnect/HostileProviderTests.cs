using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Hub.Tests.Auth.OpenIdConnect;

/// <summary>Providers that lie, and people who bring what is not theirs: each is refused with a page that says what to do and a line that says why.</summary>
public sealed class HostileProviderTests : IAsyncLifetime
{
    private readonly LogLines _log = new();
    private FakeProvider _provider = null!;
    private FakeProvider _other = null!;
    private HubFixture _hub = null!;
    private Visitor _visitor = null!;

    public async ValueTask InitializeAsync()
    {
        _provider = await FakeProvider.StartAsync();
        _other = await FakeProvider.StartAsync();
        _hub = await HubFixture.StartAsync(
            [
                .. _provider.Settings("fake", "BackchannelTimeout=00:00:20", "MaxAnswerBytes=20000", "RefreshInterval=00:00:00", "RetryInterval=00:00:00", "GetClaimsFromUserInfoEndpoint=true", "MaxTokenLength=4096"),
                .. _provider.Settings("hasty", "BackchannelTimeout=00:00:01", "GetClaimsFromUserInfoEndpoint=true"),
                .. _other.Settings("other"),
            ],
            _log.Register);
        _visitor = new Visitor(_hub);
    }

    public async ValueTask DisposeAsync()
    {
        _visitor.Dispose();
        await _hub.DisposeAsync();
        await _provider.DisposeAsync();
        await _other.DisposeAsync();
        Assert.All(_provider.Secrets.Concat(_other.Secrets), secret => Assert.DoesNotContain(secret, _log.All, StringComparison.Ordinal));
    }

    public static TheoryData<string, string> Lies => new()
    {
        { "iss", "the issuer (iss) is 'https://elsewhere.example'" },
        { "no iss", "the issuer (iss) is missing" },
        { "aud", "the token is for 'somebody-else' (aud)" },
        { "several aud", "does not say whom it was given to (azp)" },
        { "azp", "the token was given to 'somebody-else' (azp)" },
        { "nonce", "the nonce is not the one of this sign-in" },
        { "no nonce", "the nonce is not the one of this sign-in" },
        { "expired", "the token ran out" },
        { "no exp", "does not say when it runs out" },
        { "future", "in the future (iat)" },
        { "nbf", "(nbf): is a clock wrong?" },
        { "no sub", "the subject (sub) is missing" },
        { "at_hash", "at_hash does not fit" },
        { "c_hash", "c_hash does not fit" },
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task A_token_that_says_something_wrong_signs_nobody_in(string lie, string why)
    {
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        _provider.ChangeToken = claims => _ = lie switch
        {
            "iss" => claims["iss"] = "https://elsewhere.example",
            "no iss" => claims["iss"] = null,
            "aud" => claims["aud"] = "somebody-else",
            "several aud" => claims["aud"] = new JsonArray(FakeProvider.ClientId, "somebody-else"),
            "azp" => claims["azp"] = "somebody-else",
            "nonce" => claims["nonce"] = "another",
            "no nonce" => claims["nonce"] = null,
            "expired" => claims["exp"] = now - 120,
            "no exp" => claims["exp"] = "soon",
            "future" => claims["iat"] = now + 3600,
            "nbf" => claims["nbf"] = now + 3600,
            "no sub" => claims["sub"] = null,
            "at_hash" => claims["at_hash"] = "AAAAAAAAAAAAAAAAAAAAAA",
            _ => claims["c_hash"] = "AAAAAAAAAAAAAAAAAAAAAA",
        };
        await RefusedAsync(await _visitor.SignInAsync(), HttpStatusCode.Forbidden, "You could not be signed in", why);
    }

    public static TheoryData<string, string> Forgeries => new()
    {
        { "none", "'none' is not allowed" },
        { "HS256 with the public key", "'HS256' is not allowed" },
        { "another key of the same id", "the signature is false" },
        { "a key nobody lists", "which the provider does not list" },
        { "changed after signing", "the signature is false" },
        { "no signature", "the signature is false" },
        { "crit", "extensions (crit)" },
        { "claims twice", "names something twice" },
        { "too long", "MaxTokenLength" },
        { "encrypted", "encrypted" },
        { "weak key", "which the provider does not list" },
    };

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task A_token_that_is_not_signed_by_the_provider_signs_nobody_in(string forgery, string why)
    {
        using var stranger = ProviderKey.NewRsa(forgery == "another key of the same id" ? "k1" : "k9", forgery == "weak key" ? 1024 : 2048);
        if (forgery == "weak key")
            _provider.Keys.Add(stranger);
        _provider.Sign = claims =>
        {
            string good = _provider.Key.Sign(claims);
            return forgery switch
            {
                "none" => ProviderKey.Unsigned(claims),
                "HS256 with the public key" => _provider.Key.SignAsSecret(claims),
                "another key of the same id" or "a key nobody lists" or "weak key" => stranger.Sign(claims),
                "changed after signing" => Changed(good, claims),
                "no signature" => good[..(good.LastIndexOf('.') + 1)],
                "crit" => _provider.Key.Sign(claims, header: new JsonObject { ["alg"] = "RS256", ["kid"] = "k1", ["crit"] = new JsonArray("b64") }),
                "claims twice" => Twice(good),
                "too long" => good + new string('A', 4096),
                _ => "a.b.c.d.e",
            };
        };
        await RefusedAsync(await _visitor.SignInAsync(), HttpStatusCode.Forbidden, "You could not be signed in", why);
    }

    [Fact]
    public async Task A_code_works_in_the_browser_that_began_and_in_no_other()
    {
        Uri callback = await _visitor.AgreeAsync(await _visitor.StartAsync());
        using var other = new Visitor(_hub);
        await RefusedAsync(await other.ReturnAsync(callback), HttpStatusCode.BadRequest, "did not begin in this browser", "does not hold the cookie");
        Assert.Null(await other.WhoAsync());
        await other.StartAsync(); // with a cookie of its own, too
        await RefusedAsync(await other.ReturnAsync(callback), HttpStatusCode.BadRequest, "did not begin in this browser", "does not hold the cookie");
        Assert.Null(await other.WhoAsync());
        Assert.Equal(HttpStatusCode.SeeOther, (await _visitor.ReturnAsync(callback)).StatusCode);
    }

    [Fact]
    public async Task An_answer_is_taken_once_even_from_a_browser_that_kept_its_cookie()
    {
        Uri callback = await _visitor.AgreeAsync(await _visitor.StartAsync());
        using var thief = new Visitor(_hub);
        foreach (Cookie cookie in _visitor.Cookies.GetAllCookies())
            thief.Cookies.Add(new Cookie(cookie.Name, cookie.Value, cookie.Path, cookie.Domain));
        Assert.Equal(HttpStatusCode.SeeOther, (await _visitor.ReturnAsync(callback)).StatusCode);
        await RefusedAsync(await _visitor.ReturnAsync(callback), HttpStatusCode.BadRequest, "did not begin in this browser", "or used it before", signedOut: false);
        await RefusedAsync(await thief.ReturnAsync(callback), HttpStatusCode.BadRequest, "was used already", "the answer was used before", signedOut: false);
        Assert.Null(await thief.WhoAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("state=CfDJ8-made-up")]
    public async Task A_state_from_nowhere_is_refused(string query) =>
        await RefusedAsync(
            await _visitor.Browser.GetAsync("hub/openid/fake/callback?code=code-x&" + query), HttpStatusCode.BadRequest, "This sign-in is not known", "the state was not made here");

    [Fact]
    public async Task An_answer_of_one_provider_is_nothing_at_the_address_of_another()
    {
        Uri callback = await _visitor.AgreeAsync(await _visitor.StartAsync());
        var mixed = new Uri(callback.AbsoluteUri.Replace("/openid/fake/", "/openid/other/", StringComparison.Ordinal));
        await RefusedAsync(await _visitor.ReturnAsync(mixed), HttpStatusCode.BadRequest, "This sign-in is not known", "the state was not made here for this provider");
    }

    [Fact]
    public async Task An_answer_that_names_another_issuer_is_refused_before_the_code_is_used()
    {
        _provider.ChangeReturn = address => new Uri($"{address.AbsoluteUri}&iss={Uri.EscapeDataString(_other.Issuer)}");
        await RefusedAsync(await _visitor.SignInAsync(), HttpStatusCode.Forbidden, "You could not be signed in", $"the answer is from '{_other.Issuer}' (iss)");
    }

    [Fact]
    public async Task A_provider_that_promises_to_name_itself_must()
    {
        _provider.ChangeMetadata = metadata => metadata["authorization_response_iss_parameter_supported"] = true;
        await RefusedAsync(await _visitor.SignInAsync(), HttpStatusCode.Forbidden, "You could not be signed in", "the answer is from nobody who says (iss)");
        _provider.ChangeReturn = address => new Uri($"{address.AbsoluteUri}&iss={Uri.EscapeDataString(_provider.Issuer)}");
        Assert.Equal(HttpStatusCode.SeeOther, (await _visitor.SignInAsync()).StatusCode);
    }

    [Fact]
    public async Task User_info_about_somebody_else_is_refused()
    {
        _provider.UserInfo["sub"] = "person-2";
        await RefusedAsync(await _visitor.SignInAsync(), HttpStatusCode.Forbidden, "You could not be signed in", "the user info is about somebody else");
    }

    [Fact]
    public async Task Who_does_not_agree_is_told_so()
    {
        _provider.ChangeReturn = address => new Uri(address.AbsoluteUri.Replace("code=", "error=access_denied&x=", StringComparison.Ordinal));
        await RefusedAsync(await _visitor.SignInAsync(), HttpStatusCode.Forbidden, "did not let you in", "the provider answered access_denied");
        _provider.ChangeReturn = address => new Uri(address.AbsoluteUri.Replace("code=", "error=a%0Aforged%20line&x=", StringComparison.Ordinal));
        await RefusedAsync(await _visitor.SignInAsync(), HttpStatusCode.Forbidden, "did not let you in", "the provider answered unreadable");
        Assert.DoesNotContain("forged", _log.All, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://elsewhere.example/")]
    [InlineData("//elsewhere.example/")]
    [InlineData("/\\elsewhere.example/")]
    [InlineData("/\t/elsewhere.example/")]
    [InlineData("/hub/openid/fake")]
    public async Task Signing_in_leads_to_no_other_site(string next)
    {
        using HttpResponseMessage answer = await _visitor.SignInAsync(next: next);
        Assert.Equal("/hub/home", answer.Headers.Location!.OriginalString);
    }

    [Theory]
    [InlineData("/.well-known/openid-configuration", "the metadata")]
    [InlineData("/jwks", "the key set")]
    [InlineData("/token", "the token endpoint's answer")]
    [InlineData("/userinfo", "the user info")]
    public async Task Answers_that_are_huge_slow_or_lead_elsewhere_end_in_time_with_a_page(string path, string what)
    {
        foreach ((string kind, string why) in new[] { ("huge", "is longer than 20000 bytes (MaxAnswerBytes)"), ("slow", "did not come within 00:00:01 (BackchannelTimeout)"), ("elsewhere", "a redirect is not followed"), ("away", "answered 503") })
        {
            _provider.Before = async context =>
            {
                if (context.Request.Path != path)
                    return false;
                await MisbehaveAsync(context, kind);
                return true;
            };
            long began = Stopwatch.GetTimestamp();
            using HttpResponseMessage start = await _visitor.Browser.GetAsync(kind == "slow" ? "hub/openid/hasty" : "hub/openid/fake");
            HttpResponseMessage answer = start.StatusCode == HttpStatusCode.Found ? await _visitor.ReturnAsync(await _visitor.AgreeAsync(start.Headers.Location!)) : start;
            bool away = kind is "slow" or "away";
            await RefusedAsync(answer, away ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.BadGateway, away ? "does not answer" : "answered something unexpected", why);
            Assert.Contains(what, _log.All, StringComparison.Ordinal);
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(20), $"{kind}: {Stopwatch.GetElapsedTime(began)}");
        }
    }

    [Theory]
    [InlineData("issuer", "\"https://elsewhere.example\"", "the metadata is about 'https://elsewhere.example'")]
    [InlineData("jwks_uri", "null", "the metadata has no jwks_uri")]
    [InlineData("authorization_endpoint", "\"javascript:alert(1)\"", "is no web address")]
    [InlineData("response_types_supported", "[\"id_token\"]", "does not offer the authorization code flow")]
    [InlineData("code_challenge_methods_supported", "[\"plain\"]", "does not take S256")]
    public async Task A_provider_that_describes_itself_wrongly_is_not_used(string name, string value, string why)
    {
        _provider.ChangeMetadata = metadata => metadata[name] = JsonNode.Parse(value);
        using HttpResponseMessage answer = await _visitor.Browser.GetAsync("hub/openid/fake");
        await RefusedAsync(answer, HttpStatusCode.BadGateway, "answered something unexpected", why);
    }

    private async Task RefusedAsync(HttpResponseMessage answer, HttpStatusCode status, string page, string log, bool signedOut = true)
    {
        string html = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
        Assert.Contains(page, html, StringComparison.Ordinal);
        Assert.Contains("What to try", html, StringComparison.Ordinal);
        Assert.Equal(status, answer.StatusCode);
        Assert.Contains(log, _log.All, StringComparison.Ordinal);
        if (signedOut)
            Assert.Null(await _visitor.WhoAsync());
    }

    private static async Task MisbehaveAsync(HttpContext context, string kind)
    {
        switch (kind)
        {
            case "huge":
                byte[] piece = new byte[4096];
                for (int i = 0; i < 1000; i++)
                    await context.Response.Body.WriteAsync(piece, context.RequestAborted);
                break;
            case "slow":
                await context.Response.WriteAsync("{", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await Task.Delay(TimeSpan.FromSeconds(30), TimeProvider.System, context.RequestAborted);
                break;
            case "elsewhere":
                context.Response.Redirect("/elsewhere");
                break;
            default:
                context.Response.StatusCode = 503;
                break;
        }
    }

    private static string Changed(string token, JsonObject claims)
    {
        string[] parts = token.Split('.');
        claims["preferred_username"] = "admin";
        return $"{parts[0]}.{ProviderKey.Unsigned(claims).Split('.')[1]}.{parts[2]}";
    }

    private static string Twice(string token)
    {
        string[] parts = token.Split('.');
        string json = System.Text.Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(parts[1]));
        string twice = json[..^1] + ",\"sub\":\"person-2\"}";
        return $"{parts[0]}.{System.Buffers.Text.Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes(twice))}.{parts[2]}";
    }
}
