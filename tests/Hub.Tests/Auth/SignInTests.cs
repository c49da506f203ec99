using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Hub.Tests.Auth;

/// <summary>Signing in at the page, staying signed in, signing out.</summary>
public sealed class SignInTests(HubFixture hub) : IClassFixture<HubFixture>
{
    private const string Password = "correct horse battery";

    [Fact]
    public async Task Who_signs_in_at_the_page_is_known_to_the_api()
    {
        await hub.CreateUserAsync("ada", Password);
        using HttpClient browser = await hub.SignInAsync("ada", Password);
        JsonObject self = (await browser.GetFromJsonAsync<JsonObject>("hub/api/user"))!;
        Assert.Equal("ada", self["name"]!.GetValue<string>());
        Assert.StartsWith("s", self["session_id"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Null(self["token_id"]);
    }

    [Fact]
    public async Task A_page_leads_who_is_not_signed_in_to_the_sign_in_page_and_back()
    {
        using HttpClient browser = hub.Browser(new CookieContainer());
        browser.DefaultRequestHeaders.Add("Accept", "text/html");
        using HttpResponseMessage answer = await browser.GetAsync("hub/token?a=b c");
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal("/hub/login?next=%2Fhub%2Ftoken%3Fa%3Db%2520c", answer.Headers.Location!.OriginalString);
    }
}
