using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Testing;
using Xunit;

namespace Hub.Tests.Http;

/// <summary>Requests that cannot even be parsed, sent as bytes. Clients must see the answer although they are still sending.</summary>
public sealed class RefusalTests(HubFixture hub) : IClassFixture<HubFixture>
{
    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nX-Big: ", 64 << 20, 431, "Http:MaxHeaderBytes")]
    [InlineData("GET /", 64 << 10, 414, "Http:MaxRequestLineBytes")]
    [InlineData("BLAH\r\n\r\n", 0, 400, "malformed")]
    [InlineData("GET / HTTP/1.1\r\n\r\n", 0, 400, "malformed")] // no Host
    [InlineData("GET /user/a/api/contents/%00 HTTP/1.1\r\nHost: x\r\n\r\n", 0, 400, "malformed")]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 0, 400, "malformed")]
    public async Task What_cannot_be_parsed_is_refused_in_JSON(string begin, int thenLetters, int status, string why)
    {
        (string head, JsonObject error) = await Eventually.Comes(SendAsync(begin, thenLetters));
        Assert.StartsWith($"HTTP/1.1 {status} ", head, StringComparison.Ordinal);
        Assert.Contains("application/json", head, StringComparison.Ordinal);
        Assert.Equal(status, error["status"]!.GetValue<int>());
        Assert.Contains(why, error["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_of_ours_is_never_taken_for_a_bare_refusal()
    {
        // The empty 404 of a route is filled by us, and a page that merely looks like a refusal passes as it is.
        using HttpResponseMessage answer = await hub.Client().GetAsync("hub/api/nothing");
        Assert.Equal("""{"status":404,"message":"Not Found"}""", await answer.Content.ReadAsStringAsync());
    }

    private async Task<(string Head, JsonObject Error)> SendAsync(string begin, int thenLetters)
    {
        using TcpClient client = new();
        await client.ConnectAsync(hub.Address.Host, hub.Address.Port);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(begin));
        byte[] letters = Encoding.ASCII.GetBytes(new string('a', 64 << 10));
        for (int sent = 0; sent < thenLetters; sent += letters.Length)
            await stream.WriteAsync(letters);
        using StreamReader reader = new(stream, Encoding.ASCII);
        string[] answer = (await reader.ReadToEndAsync()).Split("\r\n\r\n", 2);
        return (answer[0], JsonNode.Parse(answer[1])!.AsObject());
    }
}
