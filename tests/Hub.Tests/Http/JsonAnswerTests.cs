using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Hub.Tests.Http;

/// <summary>Answers that are asked for often go out in one piece, whoever asks and however.</summary>
public sealed class JsonAnswerTests
{
    [Fact]
    public async Task An_answer_tells_its_length_and_is_whole_also_for_many_at_once()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        using HttpClient admin = hub.Client();
        string[] names = [.. Enumerable.Range(0, 150).Select(i => $"user-{i:000}")];
        using HttpResponseMessage made = await admin.PostAsJsonAsync("hub/api/users", new { usernames = names });
        await Task.WhenAll(Enumerable.Range(0, 40).Select(async i =>
        {
            string path = i % 2 == 0 ? $"hub/api/users/{names[i]}" : $"hub/api/users?limit={i}";
            using HttpResponseMessage answer = await admin.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal((HttpStatusCode.OK, "application/json; charset=utf-8"), (answer.StatusCode, answer.Content.Headers.ContentType?.ToString()));
            long? told = answer.Content.Headers.ContentLength;
            byte[] body = await answer.Content.ReadAsByteArrayAsync();
            Assert.Equal(body.Length, told);
            JsonNode json = JsonNode.Parse(body)!;
            if (i % 2 == 0)
                Assert.Equal(names[i], json["name"]!.GetValue<string>());
            else
                Assert.Equal(i, json.AsArray().Count);
        }));
    }

    [Fact]
    public async Task Who_takes_it_compressed_gets_it_compressed()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        using HttpClient admin = hub.Client();
        using HttpRequestMessage ask = new(HttpMethod.Get, "hub/api/users") { Headers = { { "Accept-Encoding", "gzip" } } };
        using HttpResponseMessage answer = await admin.SendAsync(ask);
        Assert.Equal(["gzip"], answer.Content.Headers.ContentEncoding);
        await using GZipStream body = new(await answer.Content.ReadAsStreamAsync(), CompressionMode.Decompress);
        Assert.NotEmpty(JsonNode.Parse(body)!.AsArray());
    }
}
