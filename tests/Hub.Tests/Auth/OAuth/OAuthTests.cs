using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using Xunit;

namespace Hub.Tests.Auth.OAuth;

/// <summary>The hub as OAuth provider, asked by a service as services ask, and by ones that cheat.</summary>
public sealed class OAuthTests(OAuthTests.Fair fair) : IClassFixture<OAuthTests.Fair>
{
    private const string Redirect = "https://grader.example/callback?tenant=1";
    private const string Secret = "secret-of-the-grader-0123";
    private const string OtherSecret = "secret-of-the-other-0123";
    private const string Verifier = "a-verifier-of-at-least-forty-three-characters-long";

    private readonly HubFixture _hub = fair.Hub;

    private static string Challenge => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));

    [Fact]
    public async Task Somebody_consents_and_the_service_acts_for_them_as_far_as_it_may()
    {
        using HttpClient ada = await _hub.SignInAsync("ada", "pass-word-ada");
        using HttpResponseMessage asked = await ada.GetAsync(Authorize("grader"));
        Assert.Equal(HttpStatusCode.OK, asked.StatusCode);
        string page = await asked.Content.ReadAsStringAsync();
        Assert.Contains("Let grader in", page, StringComparison.Ordinal);
        Assert.Contains("grader.example", page, StringComparison.Ordinal);
        Assert.Contains("Start servers (yours)", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", asked.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);

        Uri back = await ConsentAsync(ada, "grader");
        Assert.StartsWith("https://grader.example/callback?tenant=1&code=", back.OriginalString, StringComparison.Ordinal);
        Assert.Equal("st&te", QueryHelpers.ParseQuery(back.Query)["state"]);
        using HttpResponseMessage bought = await BuyAsync(CodeIn(back));
        JsonObject answer = await bought.ObjectAsync();
        Assert.Equal(HttpStatusCode.OK, bought.StatusCode);
        Assert.Equal("Bearer", answer.Text("token_type"));
        Assert.Contains("start:servers!user=ada", answer.Text("scope"), StringComparison.Ordinal);
        Assert.DoesNotContain("list:users", answer.Text("scope"), StringComparison.Ordinal); // allowed to the service, not to ada

        using HttpClient service = _hub.Client(answer.Text("access_token"));
        JsonObject self = (await service.GetFromJsonAsync<JsonObject>("hub/api/user"))!;
        Assert.Equal("ada", self.Text("name"));
        Assert.StartsWith("s", self.Text("session_id"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Created, (await service.PostAsync("hub/api/users/ada/server", null)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await service.DeleteAsync("hub/api/users/ada/server")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await service.GetAsync("hub/api/users/ada/tokens")).StatusCode);

        JsonObject token = (await (await ada.GetAsync("hub/api/users/ada/tokens")).ObjectAsync())["api_tokens"]!.AsArray()[^1]!.AsObject();
        Assert.Equal("grader", token.Text("oauth_client"));

        // Signing out takes back what was granted.
        using HttpResponseMessage left = await ada.PostAsync("hub/logout", null);
        Assert.Equal(HttpStatusCode.Forbidden, (await service.GetAsync("hub/api/user")).StatusCode);
    }

    [Fact]
    public async Task Who_is_not_signed_in_signs_in_first_and_comes_back()
    {
        using HttpClient nobody = _hub.Client(token: null);
        using HttpResponseMessage answer = await nobody.GetAsync(Authorize("grader"));
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.StartsWith("/hub/login?next=%2Fhub%2Fapi%2Foauth2%2Fauthorize%3F", answer.Headers.Location!.OriginalString, StringComparison.Ordinal);
        // An API token is nobody who could consent.
        using HttpClient script = _hub.Client();
        Assert.Equal(HttpStatusCode.Redirect, (await script.GetAsync(Authorize("trusted", redirect: "/services/trusted/cb"))).StatusCode);
    }

    [Fact]
    public async Task A_trusted_service_is_let_in_without_a_question_at_a_path_of_the_hubs_own()
    {
        using HttpClient ada = await _hub.SignInAsync("ada", "pass-word-ada");
        foreach (string redirect in new[] { "/services/trusted/cb", _hub.Address + "services/trusted/cb", "" })
        {
            using HttpResponseMessage answer = await ada.GetAsync(Authorize("trusted", redirect));
            Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
            Assert.StartsWith(_hub.Address + "services/trusted/cb?code=", answer.Headers.Location!.OriginalString, StringComparison.Ordinal);
            using HttpResponseMessage bought = await BuyAsync(CodeIn(answer.Headers.Location), id: "service-trusted", secret: OtherSecret, redirect: redirect);
            Assert.Equal(HttpStatusCode.OK, bought.StatusCode);
        }
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("https://grader.example/callback")]
    [InlineData("https://grader.example/callback?tenant=1&more")]
    [InlineData("https://grader.example/callback/?tenant=1")]
    [InlineData("https://grader.example@evil.example/callback?tenant=1")]
    [InlineData("HTTPS://grader.example/callback?tenant=1")]
    [InlineData("javascript:alert(1)")]
    public async Task Nothing_is_sent_to_an_address_that_is_not_the_registered_one(string redirect)
    {
        using HttpClient ada = await _hub.SignInAsync("ada", "pass-word-ada");
        using HttpResponseMessage answer = await ada.GetAsync(Authorize("grader", redirect));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Null(answer.Headers.Location);
        Assert.DoesNotContain("href=\"" + redirect, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("response_type=token", "unsupported_response_type")]
    [InlineData("code_challenge_method=plain", "invalid_request")]
    [InlineData("code_challenge=short", "invalid_request")]
    [InlineData("code_challenge=", "invalid_request")]
    [InlineData("scope=admin:users", "invalid_scope")]
    [InlineData("scope=read:servers", "invalid_scope")]
    [InlineData("scope=no:such", "invalid_scope")]
    [InlineData("scope=inherit", "invalid_scope")]
    public async Task A_wrong_request_is_answered_to_the_service_with_its_state(string changed, string error)
    {
        using HttpClient ada = await _hub.SignInAsync("ada", "pass-word-ada");
        using HttpResponseMessage answer = await ada.GetAsync(Authorize("grader", changed: changed));
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Dictionary<string, Microsoft.Extensions.Primitives.StringValues> query = QueryHelpers.ParseQuery(answer.Headers.Location!.Query);
        Assert.Equal((error, "st&te"), (query["error"].ToString(), query["state"].ToString()));
        Assert.False(query.ContainsKey("code"));
    }

    [Fact]
    public async Task An_unknown_service_and_one_without_oauth_are_not_let_in()
    {
        using HttpClient ada = await _hub.SignInAsync("ada", "pass-word-ada");
        foreach (string name in new[] { "nobody", "plain" })
            Assert.Equal(HttpStatusCode.BadRequest, (await ada.GetAsync(Authorize(name))).StatusCode);
    }

    [Fact]
    public async Task Who_may_not_use_the_service_gets_no_code()
    {
        using HttpClient bob = await _hub.SignInAsync("bob", "pass-word-bob");
        using HttpResponseMessage answer = await bob.GetAsync(Authorize("trusted", "/services/trusted/cb"));
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("access:services!service=trusted", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_is_an_answer_and_another_site_cannot_say_yes()
    {
        using HttpClient ada = await _hub.SignInAsync("ada", "pass-word-ada");
        Uri back = await ConsentAsync(ada, "grader", decision: "deny");
        Assert.Equal("access_denied", QueryHelpers.ParseQuery(back.Query)["error"]);

        ada.DefaultRequestHeaders.Remove("X-XSRFToken");
        using HttpResponseMessage forged = await ada.PostAsync("hub/api/oauth2/authorize", Form("grader", "allow"));
        Assert.Equal(HttpStatusCode.Forbidden, forged.StatusCode);
        var foreign = new HttpRequestMessage(HttpMethod.Post, "hub/api/oauth2/authorize") { Content = Form("grader", "allow") };
        foreign.Headers.Add("Origin", "https://evil.example");
        Assert.Equal(HttpStatusCode.Forbidden, (await ada.SendAsync(foreign)).StatusCode);
    }

    [Fact]
    public async Task A_code_works_once_and_a_second_use_takes_the_token_back()
    {
        using HttpClient ada = await _hub.SignInAsync("ada", "pass-word-ada");
        string code = CodeIn(await ConsentAsync(ada, "grader"));
        JsonObject answer = await (await BuyAsync(code)).ObjectAsync();
        using HttpClient service = _hub.Client(answer.Text("access_token"));
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("hub/api/user")).StatusCode);
        using HttpResponseMessage again = await BuyAsync(code);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_grant"), (again.StatusCode, (await again.ObjectAsync()).Text("error")));
        Assert.Equal(HttpStatusCode.Forbidden, (await service.GetAsync("hub/api/user")).StatusCode);
    }

    [Theory]
    [InlineData("client_secret=wrong", "invalid_client")]
    [InlineData("client_secret=", "invalid_client")]
    [InlineData("client_secret=" + OtherSecret, "invalid_client")]
    [InlineData("client_id=service-nobody", "invalid_client")]
    [InlineData("grant_type=password", "unsupported_grant_type")]
    [InlineData("redirect_uri=https://evil.example/", "invalid_grant")]
    [InlineData("redirect_uri=", "invalid_grant")]
    [InlineData("code_verifier=", "invalid_grant")]
    [InlineData("code_verifier=another-verifier-of-at-least-forty-three-characters", "invalid_grant")]
    [InlineData("code=wrong", "invalid_grant")]
    public async Task A_code_is_worth_nothing_without_all_that_belongs_to_it(string changed, string error)
    {
        using HttpClient ada = await _hub.SignInAsync("ada", "pass-word-ada");
        string code = CodeIn(await ConsentAsync(ada, "grader"));
        using HttpResponseMessage refused = await BuyAsync(code, changed: changed);
        Assert.Equal(error, (await refused.ObjectAsync()).Text("error"));
        Assert.Equal(error == "invalid_client" ? HttpStatusCode.Unauthorized : HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Fact]
    public async Task Another_service_cannot_use_the_code_and_it_is_gone_then()
    {
        using HttpClient ada = await _hub.SignInAsync("ada", "pass-word-ada");
        string code = CodeIn(await ConsentAsync(ada, "grader"));
        using HttpResponseMessage stolen = await BuyAsync(code, id: "service-trusted", secret: OtherSecret);
        Assert.Equal("invalid_grant", (await stolen.ObjectAsync()).Text("error"));
        using HttpResponseMessage rightful = await BuyAsync(code);
        Assert.Equal("invalid_grant", (await rightful.ObjectAsync()).Text("error"));
    }

    [Fact]
    public async Task Revoking_one_token_of_a_service_revokes_all_it_has_of_the_person()
    {
        using HttpClient ada = await _hub.SignInAsync("ada", "pass-word-ada");
        string first = (await (await BuyAsync(CodeIn(await ConsentAsync(ada, "grader")))).ObjectAsync()).Text("access_token")!;
        string second = (await (await BuyAsync(CodeIn(await ConsentAsync(ada, "grader")), basic: true)).ObjectAsync()).Text("access_token")!;
        JsonObject model = (await (await _hub.Client(first).GetAsync("hub/api/user")).ObjectAsync());
        Assert.Equal(HttpStatusCode.NoContent, (await ada.DeleteAsync($"hub/api/users/ada/tokens/{model.Text("token_id")}")).StatusCode);
        foreach (string token in new[] { first, second })
        {
            using HttpClient service = _hub.Client(token);
            Assert.Equal(HttpStatusCode.Forbidden, (await service.GetAsync("hub/api/user")).StatusCode);
        }
        Assert.Equal(HttpStatusCode.OK, (await ada.GetAsync("hub/api/user")).StatusCode);
    }

    [Fact]
    public async Task Another_password_takes_back_what_was_granted_before()
    {
        using HttpClient eve = await _hub.SignInAsync("eve", "pass-word-eve");
        string unused = CodeIn(await ConsentAsync(eve, "grader"));
        using HttpClient service = _hub.Client((await (await BuyAsync(CodeIn(await ConsentAsync(eve, "grader")))).ObjectAsync()).Text("access_token"));
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("hub/api/user")).StatusCode);
        using HttpClient admin = _hub.Client();
        Assert.Equal(HttpStatusCode.NoContent, (await admin.PutAsJsonAsync("hub/api/users/eve/password", new { password = "new-pass-word-eve" })).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await service.GetAsync("hub/api/user")).StatusCode);
        using HttpResponseMessage late = await BuyAsync(unused);
        Assert.Equal("invalid_grant", (await late.ObjectAsync()).Text("error"));
    }

    [Fact]
    public async Task No_code_and_no_token_is_kept_in_the_clear()
    {
        using HttpClient ada = await _hub.SignInAsync("ada", "pass-word-ada");
        string unused = CodeIn(await ConsentAsync(ada, "grader"));
        string token = (await (await BuyAsync(CodeIn(await ConsentAsync(ada, "grader")))).ObjectAsync()).Text("access_token")!;
        string kept = await _hub.DatabaseContentAsync();
        Assert.DoesNotContain(unused, kept, StringComparison.Ordinal);
        Assert.DoesNotContain(token, kept, StringComparison.Ordinal);
    }

    private static Dictionary<string, string?> Request(string service, string redirect = Redirect) => new()
    {
        ["client_id"] = "service-" + service,
        ["redirect_uri"] = redirect,
        ["response_type"] = "code",
        ["state"] = "st&te",
        ["code_challenge"] = Challenge,
        ["code_challenge_method"] = "S256",
    };

    private static string Authorize(string service, string redirect = Redirect, string? changed = null)
    {
        Dictionary<string, string?> request = Request(service, redirect);
        if (changed?.Split('=', 2) is [var name, var value])
            request[name] = value;
        return QueryHelpers.AddQueryString("hub/api/oauth2/authorize", request);
    }

    private static FormUrlEncodedContent Form(string service, string decision) =>
        new(Request(service).Append(new("decision", decision)).ToDictionary(field => field.Key, field => field.Value));

    /// <summary>Presses the button; returns where the browser is sent.</summary>
    private static async Task<Uri> ConsentAsync(HttpClient person, string service, string decision = "allow")
    {
        using HttpResponseMessage answer = await person.PostAsync("hub/api/oauth2/authorize", Form(service, decision));
        string page = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, page);
        const string before = "content=\"0;url=";
        string rest = page[(page.IndexOf(before, StringComparison.Ordinal) + before.Length)..];
        return new Uri(WebUtility.HtmlDecode(rest[..rest.IndexOf('"', StringComparison.Ordinal)]));
    }

    private static string CodeIn(Uri back) => QueryHelpers.ParseQuery(back.Query)["code"].ToString();

    private async Task<HttpResponseMessage> BuyAsync(
        string code, string id = "service-grader", string secret = Secret, string redirect = Redirect, string? changed = null, bool basic = false)
    {
        var form = new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["redirect_uri"] = redirect,
            ["code_verifier"] = Verifier,
        };
        using HttpClient service = _hub.Client(token: null);
        if (basic)
            service.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{id}:{secret}")));
        else
            (form["client_id"], form["client_secret"]) = (id, secret);
        if (changed?.Split('=', 2) is [var name, var value])
            form[name] = value;
        return await service.PostAsync("hub/api/oauth2/token", new FormUrlEncodedContent(form));
    }

    /// <summary>A hub with a service that asks, one that is trusted, and one without OAuth; ada may use them, bob may not.</summary>
    public sealed class Fair : IAsyncLifetime
    {
        public HubFixture Hub { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Hub = await HubFixture.StartAsync(
            [
                $"Services:grader:ApiToken={Secret}", $"Services:grader:OAuthRedirect={Redirect}",
                "Services:grader:OAuthScopes:0=start:servers!user", "Services:grader:OAuthScopes:1=list:users",
                $"Services:trusted:ApiToken={OtherSecret}", "Services:trusted:OAuthRedirect=/services/trusted/cb", "Services:trusted:Trusted=true",
                "Services:plain:ApiToken=secret-of-the-plain-0123",
                "Roles:customers:Scopes:0=access:services", "Roles:customers:Users:0=ada", "Roles:customers:Users:1=eve",
            ]);
            await Hub.CreateUserAsync("ada", "pass-word-ada");
            await Hub.CreateUserAsync("bob", "pass-word-bob");
            await Hub.CreateUserAsync("eve", "pass-word-eve");
        }

        public async ValueTask DisposeAsync() => await Hub.DisposeAsync();
    }
}
