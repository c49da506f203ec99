using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace Hub.Tests.Auth.OpenIdConnect;

/// <summary>A browser on its way to a provider and back, step by step. Redirects are followed by hand.</summary>
internal sealed class Visitor : IDisposable
{
    private readonly HubFixture _hub;
    private readonly HttpClient _elsewhere = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    public Visitor(HubFixture hub)
    {
        _hub = hub;
        Browser = hub.Browser(Cookies);
        Browser.DefaultRequestHeaders.Add("Accept", "text/html");
    }

    public CookieContainer Cookies { get; } = new();

    public HttpClient Browser { get; }

    /// <summary>Presses the button; where at the provider that leads.</summary>
    public async Task<Uri> StartAsync(string provider = "fake", string next = "")
    {
        using HttpResponseMessage answer = await Browser.GetAsync($"hub/openid/{provider}{(next.Length > 0 ? "?next=" + Uri.EscapeDataString(next) : "")}");
        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        return answer.Headers.Location!;
    }

    /// <summary>Agrees at the provider; where that sends the browser back to.</summary>
    public async Task<Uri> AgreeAsync(Uri atProvider)
    {
        using HttpResponseMessage answer = await _elsewhere.GetAsync(atProvider);
        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        return answer.Headers.Location!;
    }

    public Task<HttpResponseMessage> ReturnAsync(Uri callback) => Browser.GetAsync(callback);

    /// <summary>All of it, to the hub's last answer.</summary>
    public async Task<HttpResponseMessage> SignInAsync(string provider = "fake", string next = "") =>
        await ReturnAsync(await AgreeAsync(await StartAsync(provider, next)));

    /// <summary>Who the hub says this browser is; null when nobody.</summary>
    public async Task<JsonObject?> WhoAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "hub/api/user");
        request.Headers.Add("X-XSRFToken", _hub.Xsrf(Cookies));
        using HttpResponseMessage answer = await Browser.SendAsync(request);
        return answer.IsSuccessStatusCode ? JsonNode.Parse(await answer.Content.ReadAsStringAsync()) as JsonObject : null;
    }

    /// <summary>Posts a form of one of the hub's pages.</summary>
    public async Task<HttpResponseMessage> PostAsync(string path) =>
        await Browser.PostAsync(path, new FormUrlEncodedContent(new Dictionary<string, string> { ["_xsrf"] = _hub.Xsrf(Cookies) }));

    public void Dispose()
    {
        Browser.Dispose();
        _elsewhere.Dispose();
    }
}
