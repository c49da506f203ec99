using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Xunit;

namespace Hub.Tests.Accounts;

/// <summary>Services of the settings, and what their own tokens may do.</summary>
public sealed class ServicesTests
{
    private const string Token = "token-of-the-grader-0123";

    [Theory]
    [InlineData("Services:grader:ApiToken=short", "Services:grader:ApiToken: shorter than 16")]
    [InlineData("Services:grader:Scopes:0=no:such", "Services:grader:Scopes:0: No such scope")]
    [InlineData("Services:grader:Scopes:0=inherit", "Services:grader:Scopes:0: inherit is for people")]
    [InlineData("Services:grader:Url=javascript:alert(1)", "Services:grader:Url")]
    [InlineData("Services:grader:OAuthRedirect=https://x.example/#part", "Services:grader:OAuthRedirect")]
    [InlineData("Services:grader:OAuthRedirect=//x.example/callback", "Services:grader:OAuthRedirect")]
    [InlineData("Services:grader:OAuthRedirect=https://x.example/callback", "Services:grader:ApiToken: missing")]
    [InlineData("Services:a b:Url=https://x.example", "Services:a b: a service's name")]
    public async Task What_is_no_service_stops_the_start_and_is_named(string setting, string named)
    {
        OptionsValidationException wrong = await Assert.ThrowsAsync<OptionsValidationException>(() => HubFixture.StartAsync([setting]));
        Assert.Contains(named, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_services_cannot_be_told_apart_by_one_token()
    {
        OptionsValidationException wrong = await Assert.ThrowsAsync<OptionsValidationException>(
            () => HubFixture.StartAsync([$"Services:a:ApiToken={Token}", $"Services:b:ApiToken={Token}"]));
        Assert.Contains("a and b have the same ApiToken", wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_is_itself_and_does_what_its_scopes_and_roles_say()
    {
        await using HubFixture hub = await HubFixture.StartAsync(
        [
            $"Services:grader:ApiToken={Token}", "Services:grader:Scopes:0=list:users", "Services:grader:Url=https://grader.example",
            "Roles:culler:Scopes:0=read:servers", "Roles:culler:Services:0=grader", "Services:other:Display=false",
        ]);
        using HttpClient admin = hub.Client();
        // A user of the service's name is somebody else.
        await admin.PostAsync("hub/api/users/grader", null);
        using HttpClient grader = hub.Client(Token);
        JsonObject self = (await grader.GetFromJsonAsync<JsonObject>("hub/api/user"))!;
        Assert.Equal("service", self.Text("kind"));
        Assert.Equal("grader", self.Text("name"));
        Assert.Equal(["list:users", "read:servers", "read:services:name!service=grader", "read:users:name"], self["scopes"].Texts());
        Assert.Equal(["admin", "grader"], (await (await grader.GetAsync("hub/api/users")).ArrayAsync()).Select(user => user!["name"]!.GetValue<string>()));
        Assert.Equal(HttpStatusCode.NotFound, (await grader.GetAsync("hub/api/services/other")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await grader.GetAsync("hub/api/services/grader")).StatusCode);
        foreach (string path in new[] { "hub/api/users/grader/tokens", "hub/token", "hub/home", "user/grader/api/me", "hub/api/services", "hub/api/info" })
            Assert.Equal(HttpStatusCode.Forbidden, (await grader.GetAsync(path)).StatusCode);

        JsonObject all = (await admin.GetFromJsonAsync<JsonObject>("hub/api/services"))!;
        Assert.Equal(["grader", "other"], all.Select(service => service.Key));
        JsonObject model = all["grader"]!.AsObject();
        Assert.Equal(["admin", "command", "display", "info", "kind", "name", "pid", "prefix", "roles", "url"], model.Select(key => key.Key).Order(StringComparer.Ordinal));
        Assert.Equal(["culler"], model["roles"].Texts());
        Assert.DoesNotContain(Token, all.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_administrators_service_may_what_administrators_may()
    {
        await using HubFixture hub = await HubFixture.StartAsync([$"Services:boss:ApiToken={Token}", "Services:boss:Admin=true"]);
        using HttpClient boss = hub.Client(Token);
        Assert.Equal(HttpStatusCode.Created, (await boss.PostAsJsonAsync("hub/api/users/eve", new { admin = true })).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await boss.DeleteAsync("hub/api/users/eve")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await boss.GetAsync("hub/api/info")).StatusCode);
    }
}
