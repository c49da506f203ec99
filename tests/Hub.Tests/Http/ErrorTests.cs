using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Hub.Accounts;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Hub.Tests.Http;

/// <summary>Bad news in the form the asker understands.</summary>
public sealed class ErrorTests(HubFixture hub) : IClassFixture<HubFixture>
{
    [Fact]
    public async Task An_unknown_path_of_the_hubs_api_is_told_in_JupyterHubs_shape()
    {
        (HttpStatusCode status, JsonObject error) = await GetAsync("hub/api/nothing");
        Assert.Equal((HttpStatusCode.NotFound, 404, "Not Found"), (status, error["status"]!.GetValue<int>(), error["message"]!.GetValue<string>()));
    }

    [Fact]
    public async Task An_unknown_path_elsewhere_is_told_in_Jupyter_Servers_shape()
    {
        (HttpStatusCode status, JsonObject error) = await GetAsync("user/admin/api/nothing");
        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Equal("Not Found", error["message"]!.GetValue<string>());
        Assert.True(error.ContainsKey("reason"));
    }

    [Fact]
    public async Task A_browser_gets_a_page_with_a_way_on()
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "nowhere");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));
        using HttpResponseMessage answer = await hub.Client().SendAsync(request);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("text/html", answer.Content.Headers.ContentType!.MediaType);
        Assert.Contains("/hub/home", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_method_is_told_with_those_that_are_right()
    {
        using HttpResponseMessage answer = await hub.Client().PutAsync("hub/api/users", null);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        JsonObject error = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsObject();
        Assert.Contains("GET", error["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "Invalid JSON in body of request")]
    [InlineData("{\"a\": 1} x", "Invalid JSON in body of request")]
    [InlineData("\u0001", "Invalid JSON in body of request")]
    [InlineData("[1]", "must be a JSON object")]
    [InlineData("\"text\"", "must be a JSON object")]
    public async Task A_body_that_is_no_JSON_object_is_refused(string body, string why)
    {
        (HttpStatusCode status, JsonObject error) = await PostAsync(new StringContent(body));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(why, error["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_nested_too_deeply_is_refused_by_the_name_of_the_limit()
    {
        (HttpStatusCode status, JsonObject error) = await PostAsync(new StringContent(string.Concat(Enumerable.Repeat("{\"a\":", 200)) + "1" + new string('}', 200)));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("Http:MaxJsonDepth", error["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_too_long_is_refused_by_the_name_of_the_limit_whether_announced_or_not(bool announced)
    {
        byte[] long5 = Encoding.UTF8.GetBytes($"{{\"usernames\": [\"{new string('a', 5 << 20)}\"]}}");
        using HttpContent content = announced ? new ByteArrayContent(long5) : new UnannouncedContent(long5);
        (HttpStatusCode status, JsonObject error) = await PostAsync(content);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Contains("Http:MaxJsonBytes", error["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_defect_is_told_without_its_insides()
    {
        await using HubFixture broken = await HubFixture.StartAsync(
            ["Logging:LogLevel:Default=None"], services => services.AddSingleton<IUserServers, BrokenServers>());
        using HttpResponseMessage answer = await broken.Client().GetAsync("hub/api/users/admin");
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        string body = await answer.Content.ReadAsStringAsync();
        Assert.Equal("""{"status":500,"message":"Unhandled error"}""", body);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
    }

    [Fact]
    public async Task Every_answer_forbids_guessing_types_and_being_framed()
    {
        foreach (string path in new[] { "hub/api/", "hub/api/nothing", "health/live", "static/lab/none.js" })
        {
            using HttpResponseMessage answer = await hub.Client().GetAsync(path);
            Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
            Assert.Contains("frame-ancestors 'none'", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
            Assert.False(answer.Headers.Contains("Server"));
        }
    }

    private async Task<(HttpStatusCode Status, JsonObject Error)> GetAsync(string path)
    {
        using HttpResponseMessage answer = await hub.Client().GetAsync(path);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsObject());
    }

    private async Task<(HttpStatusCode Status, JsonObject Error)> PostAsync(HttpContent content)
    {
        using HttpResponseMessage answer = await hub.Client().PostAsync("hub/api/users", content);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsObject());
    }

    private sealed class BrokenServers : IUserServers
    {
        public IReadOnlyDictionary<string, ServerModel> Of(string userName, bool includeStopped) => throw new InvalidOperationException("a secret of the inside");

        public int CountRunning(string userName) => 0;

        public IReadOnlyCollection<string> ActiveUsers() => [];

        public Task<bool> StopAllAsync(string userName, CancellationToken cancellationToken) => Task.FromResult(true);
    }

    /// <summary>A body sent in pieces, whose length nobody says beforehand.</summary>
    private sealed class UnannouncedContent(byte[] bytes) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync(bytes).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
