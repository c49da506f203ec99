using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Hub.Tests.Lab;

/// <summary>The small answers front ends expect.</summary>
public sealed class LabApiTests(LabFixture lab) : IClassFixture<LabFixture>
{
    private readonly HttpClient _client = lab.Hub.Client();

    [Theory]
    [InlineData("api", """{"version":"2.21.0"}""")]
    [InlineData("api/terminals", "[]")]
    [InlineData("api/nbconvert", "{}")]
    [InlineData("lab/api/translations", """{"data":{"en":{"displayName":"English","nativeName":"English"}},"message":""}""")]
    [InlineData("lab/api/translations/default", """{"data":{},"message":""}""")]
    [InlineData("lab/api/news", """{"news":[]}""")]
    [InlineData("lab/api/update", """{"notification":null}""")]
    [InlineData("lab/api/licenses/", """{"bundles":{}}""")]
    [InlineData("lab/api/listings/@jupyterlab/extensionmanager-extension/listings.json", """{"blocked_extensions_uris":[],"allowed_extensions_uris":[],"blocked_extensions":[],"allowed_extensions":[]}""")]
    public async Task Fixed_answers_are_what_the_contract_says(string path, string json) =>
        Assert.Equal(json, await _client.GetStringAsync("user/admin/" + path));

    [Fact]
    public async Task Who_I_am_is_told_with_the_permissions_asked_for()
    {
        JsonObject me = (await _client.GetFromJsonAsync<JsonObject>("user/admin/api/me?permissions=" + Uri.EscapeDataString("""{"contents":["read","write"]}""")))!;
        Assert.Equal("admin", me["identity"]!["username"]!.GetValue<string>());
        Assert.Equal("""{"contents":["read","write"],"updatable_fields":[]}""", me["permissions"]!.ToJsonString());
        foreach (string malformed in new[] { "x", "[]", """{"contents":"read"}""", """{"contents":[1]}""" })
            Assert.Equal(HttpStatusCode.BadRequest, (await _client.GetAsync("user/admin/api/me?permissions=" + Uri.EscapeDataString(malformed))).StatusCode);
        Assert.Equal(HttpStatusCode.NotImplemented, (await _client.PatchAsync("user/admin/api/me", new StringContent("{}"))).StatusCode);
    }

    [Fact]
    public async Task The_state_of_the_server_is_counted()
    {
        JsonObject status = (await _client.GetFromJsonAsync<JsonObject>("user/admin/api/status"))!;
        Assert.Equal((0, 0), (status["connections"]!.GetValue<int>(), status["kernels"]!.GetValue<int>()));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", status["started"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("POST", "lab/api/extensions", HttpStatusCode.NotImplemented)]
    [InlineData("GET", "lsp/status", HttpStatusCode.NotFound)]
    [InlineData("GET", "lab/api/listings/other.json", HttpStatusCode.BadRequest)]
    [InlineData("POST", "api/security/csp-report", HttpStatusCode.OK)]
    public async Task What_is_not_offered_is_said_clearly(string method, string path, HttpStatusCode status)
    {
        using HttpResponseMessage answer = await _client.SendAsync(new HttpRequestMessage(new HttpMethod(method), "user/admin/" + path));
        Assert.Equal(status, answer.StatusCode);
    }
}
