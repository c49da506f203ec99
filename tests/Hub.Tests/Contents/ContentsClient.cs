using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;

namespace Hub.Tests.Contents;

/// <summary>Speaks the contents API about one user's home, sending paths exactly as given.</summary>
public sealed class ContentsClient(HttpClient http, string user, string home)
{
    public string User { get; } = user;

    /// <summary>The home's path on this machine.</summary>
    public string Home { get; } = home;

    public HttpClient Http { get; } = http;

    /// <summary>Where a file of the home lies.</summary>
    public string OnDisk(string path) => Path.Combine(Home, path);

    /// <summary>Makes what a test put into the home its user's, as if a kernel had made it.</summary>
    public async Task OwnAsync()
    {
        using Process chown = Process.Start("chown", ["-hR", $"--reference={Home}", Home]);
        await chown.WaitForExitAsync();
    }

    /// <param name="path">Encoded as it shall go over the wire, with query.</param>
    public Task<ContentsAnswer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<ContentsAnswer> PutAsync(string path, object? body) => SendAsync(HttpMethod.Put, path, JsonContent.Create(body));

    public Task<ContentsAnswer> PutRawAsync(string path, string body) => SendAsync(HttpMethod.Put, path, new StringContent(body, Encoding.UTF8, "application/json"));

    public Task<ContentsAnswer> PostAsync(string path, object? body) => SendAsync(HttpMethod.Post, path, body is null ? null : JsonContent.Create(body));

    public Task<ContentsAnswer> PatchAsync(string path, object? body) => SendAsync(HttpMethod.Patch, path, JsonContent.Create(body));

    public Task<ContentsAnswer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path);

    /// <summary>Saves text and says what was answered.</summary>
    public Task<ContentsAnswer> SaveAsync(string path, string text) => PutAsync(path, new { type = "file", format = "text", content = text });

    public async Task<ContentsAnswer> SendAsync(HttpMethod method, string path, HttpContent? content = null, string api = "api/contents")
    {
        string between = path.Length == 0 || path[0] == '?' ? "" : "/";
        using HttpRequestMessage request = new(method, Target($"user/{User}/{api}{between}{path}")) { Content = content };
        HttpResponseMessage response = await Http.SendAsync(request);
        return new ContentsAnswer((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response);
    }

    /// <summary>An address whose path nobody tidies on the way: dots and escapes stay.</summary>
    public Uri Target(string pathAndQuery) =>
        new($"{Http.BaseAddress}{pathAndQuery}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
}
