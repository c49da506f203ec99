using System.Net;
using System.Net.Http.Json;
using Xunit;

namespace Hub.Tests.Http;

/// <summary>What front ends ask for every few seconds is not sent again while it is the same.</summary>
public sealed class EntityTagTests(HubFixture hub) : IClassFixture<HubFixture>
{
    [Theory]
    [InlineData("api/kernels")]
    [InlineData("api/sessions")]
    [InlineData("api/kernelspecs")]
    [InlineData("api/contents/?content=1")]
    [InlineData("api/contents?type=directory")]
    public async Task The_same_answer_is_not_sent_twice(string path)
    {
        HttpClient client = await ClientAsync();
        using HttpResponseMessage first = await client.GetAsync("user/admin/" + path);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        string tag = Assert.Single(first.Headers.GetValues("ETag"));
        Assert.True(first.Headers.CacheControl is { Private: true, NoCache: true });
        Assert.Equal("application/json", first.Content.Headers.ContentType?.MediaType);

        using HttpResponseMessage again = await AskAsync(client, path, $"\"other\", {tag}");
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        Assert.Equal(tag, Assert.Single(again.Headers.GetValues("ETag")));
        Assert.Empty(await again.Content.ReadAsByteArrayAsync());

        using HttpResponseMessage other = await AskAsync(client, path, "W/\"other\"");
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        Assert.Equal(await first.Content.ReadAsStringAsync(), await other.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_change_is_sent()
    {
        HttpClient client = await ClientAsync();
        using HttpResponseMessage before = await client.GetAsync("user/admin/api/contents");
        string tag = Assert.Single(before.Headers.GetValues("ETag"));
        await client.PutAsJsonAsync("user/admin/api/contents/new.txt", new { type = "file", format = "text", content = "x" });
        using HttpResponseMessage after = await AskAsync(client, "api/contents", tag);
        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
        Assert.Contains("new.txt", await after.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Errors_and_changes_have_no_tag()
    {
        HttpClient client = await ClientAsync();
        using HttpResponseMessage missing = await AskAsync(client, "api/kernels/00000000-0000-0000-0000-000000000000", "*");
        Assert.Equal((HttpStatusCode.NotFound, false), (missing.StatusCode, missing.Headers.Contains("ETag")));
        using HttpResponseMessage made = await client.PostAsJsonAsync("user/admin/api/contents", new { type = "directory" });
        Assert.Equal((HttpStatusCode.Created, false), (made.StatusCode, made.Headers.Contains("ETag")));
    }

    [Theory]
    [InlineData("api/")]
    [InlineData("api/status/")]
    [InlineData("api/me/")]
    [InlineData("api/kernels/")]
    [InlineData("api/sessions/")]
    [InlineData("api/kernelspecs/")]
    [InlineData("api/contents/")]
    [InlineData("api/contents/directory/")]
    [InlineData("api/config/notebook/")]
    [InlineData("lab/api/settings/")]
    [InlineData("lab/api/workspaces/")]
    [InlineData("lab/api/translations/")]
    [InlineData("lab/api/licenses/")]
    [InlineData("hub/api/users/")]
    [InlineData("hub/api/users/admin/")]
    public async Task A_slash_at_the_end_is_forgiven(string path)
    {
        HttpClient client = await ClientAsync();
        await client.PutAsJsonAsync("user/admin/api/contents/directory", new { type = "directory" });
        using HttpResponseMessage answer = await client.GetAsync(path.StartsWith("hub/", StringComparison.Ordinal) ? path : "user/admin/" + path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private async Task<HttpClient> ClientAsync()
    {
        HttpClient client = hub.Client();
        await client.PostAsync("hub/api/users/admin/server", null);
        return client;
    }

    private static async Task<HttpResponseMessage> AskAsync(HttpClient client, string path, string tags)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "user/admin/" + path);
        request.Headers.TryAddWithoutValidation("If-None-Match", tags);
        return await client.SendAsync(request);
    }
}
