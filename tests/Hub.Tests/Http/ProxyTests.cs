using System.Net;
using Xunit;

namespace Hub.Tests.Http;

/// <summary>Names and proxies the hub believes.</summary>
public sealed class ProxyTests
{
    [Fact]
    public async Task A_host_name_that_is_not_ours_is_refused_when_ours_are_named()
    {
        await using HubFixture hub = await HubFixture.StartAsync(["Http:AllowedHosts:0=hub.example"]);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(hub, "hub.example"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(hub, "evil.example"));
    }

    [Theory]
    [InlineData("127.0.0.0/8", true)]
    [InlineData("10.0.0.0/8", false)]
    public async Task Forwarded_headers_are_believed_only_from_proxies_that_were_named(string trusted, bool believed)
    {
        await using HubFixture hub = await HubFixture.StartAsync([$"Http:TrustedProxies:0={trusted}"]);
        using HttpRequestMessage request = new(HttpMethod.Get, "hub/api/users?limit=1");
        request.Headers.Add("Accept", "application/jupyterhub-pagination+json");
        request.Headers.Add("X-Forwarded-Proto", "https");
        request.Headers.Add("X-Forwarded-Host", "outside.example");
        await hub.Client().PostAsync("hub/api/users/second", null);
        string body = await (await hub.Client().SendAsync(request)).Content.ReadAsStringAsync();
        Assert.Equal(believed, body.Contains("https://outside.example/", StringComparison.Ordinal));
    }

    private static async Task<HttpStatusCode> StatusAsync(HubFixture hub, string host)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "hub/api/");
        request.Headers.Host = host;
        using HttpResponseMessage answer = await hub.Client().SendAsync(request);
        return answer.StatusCode;
    }
}
