using System.Net;
using System.Net.Http.Headers;
using Xunit;

namespace Hub.Tests.Contents;

/// <summary>Files as they are, for browsers.</summary>
public sealed class FilesApiTests(ContentsFixture fixture) : IClassFixture<ContentsFixture>
{
    private readonly ContentsClient _alice = fixture.Alice;

    [Fact]
    public async Task A_file_comes_with_its_type_and_in_a_sandbox()
    {
        await File.WriteAllTextAsync(_alice.OnDisk("page.html"), "<script>1</script>");
        await File.WriteAllTextAsync(_alice.OnDisk("grüße.txt"), "grüße");
        await File.WriteAllTextAsync(_alice.OnDisk("Makefile"), "all:");
        await File.WriteAllBytesAsync(_alice.OnDisk("unknown"), [0, 1, 2]);
        (string Path, string Type)[] types =
        [
            ("page.html", "text/html"), ("gr%C3%BC%C3%9Fe.txt", "text/plain; charset=UTF-8"), ("Makefile", "text/plain; charset=UTF-8"), ("unknown", "application/octet-stream"),
        ];
        foreach ((string path, string type) in types)
        {
            HttpResponseMessage file = (await GetAsync(path)).EnsureSuccessStatusCode();
            Assert.Equal(type, file.Content.Headers.ContentType!.ToString());
            Assert.Contains("sandbox allow-scripts", file.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            Assert.Equal("nosniff", file.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.False(file.Headers.Contains("Cross-Origin-Opener-Policy"));
            Assert.True(file.Headers.CacheControl!.NoCache);
            Assert.NotNull(file.Headers.ETag);
            Assert.NotNull(file.Content.Headers.LastModified);
            Assert.Null(file.Content.Headers.ContentDisposition);
        }
        Assert.Equal(TimeSpan.FromDays(365), (await GetAsync("page.html?v=1")).Headers.CacheControl!.MaxAge);
    }

    [Fact]
    public async Task A_part_of_a_file_can_be_asked_for()
    {
        await File.WriteAllTextAsync(_alice.OnDisk("range.txt"), "0123456789");
        HttpResponseMessage part = await GetAsync("range.txt", request => request.Headers.Range = new RangeHeaderValue(2, 5));
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal("2345", await part.Content.ReadAsStringAsync());
        Assert.Equal("bytes 2-5/10", part.Content.Headers.ContentRange!.ToString());
        HttpResponseMessage end = await GetAsync("range.txt", request => request.Headers.Range = new RangeHeaderValue(null, 3));
        Assert.Equal("789", await end.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, (await GetAsync("range.txt", request => request.Headers.Range = new RangeHeaderValue(20, 30))).StatusCode);
        HttpResponseMessage head = await GetAsync("range.txt", request => request.Method = HttpMethod.Head);
        Assert.Equal(10, head.Content.Headers.ContentLength);
        Assert.Equal(HttpStatusCode.NotModified, (await GetAsync("range.txt", request => request.Headers.IfNoneMatch.Add(head.Headers.ETag!))).StatusCode);
    }

    [Fact]
    public async Task Notebooks_and_downloads_are_attachments()
    {
        await _alice.PostAsync("", new { type = "notebook" });
        HttpResponseMessage notebook = await GetAsync("Untitled.ipynb");
        Assert.Equal("application/x-ipynb+json", notebook.Content.Headers.ContentType!.MediaType);
        Assert.Equal("attachment", notebook.Content.Headers.ContentDisposition!.DispositionType);
        await File.WriteAllTextAsync(_alice.OnDisk("mein \"größtes\".txt"), "x");
        HttpResponseMessage download = await GetAsync("mein%20%22gr%C3%B6%C3%9Ftes%22.txt?download=1");
        Assert.Equal("attachment", download.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Equal("mein \"größtes\".txt", download.Content.Headers.ContentDisposition.FileNameStar);
    }

    [Fact]
    public async Task Directories_missing_and_hidden_files_are_refused()
    {
        Directory.CreateDirectory(_alice.OnDisk("folder"));
        await File.WriteAllTextAsync(_alice.OnDisk(".hidden"), "x");
        Assert.Equal(HttpStatusCode.BadRequest, (await GetAsync("folder")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await GetAsync("")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync("missing")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(".hidden")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync("folder/../missing")).StatusCode);
    }

    [Fact]
    public async Task A_file_is_viewed_in_a_frame_without_an_origin()
    {
        await File.WriteAllTextAsync(_alice.OnDisk("a&b\".html"), "x");
        HttpResponseMessage view = (await _alice.Http.GetAsync(_alice.Target("user/alice/view/a&b%22.html"))).EnsureSuccessStatusCode();
        string page = await view.Content.ReadAsStringAsync();
        Assert.Contains("src=\"/user/alice/files/a%26b%22.html\" sandbox=\"allow-scripts\"", page, StringComparison.Ordinal);
        Assert.Contains("<title>a&amp;b&quot;.html</title>", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await _alice.Http.GetAsync(_alice.Target("user/alice/view/missing.html"))).StatusCode);
    }

    private async Task<HttpResponseMessage> GetAsync(string path, Action<HttpRequestMessage>? change = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, _alice.Target($"user/alice/files/{path}"));
        change?.Invoke(request);
        return await _alice.Http.SendAsync(request);
    }
}
