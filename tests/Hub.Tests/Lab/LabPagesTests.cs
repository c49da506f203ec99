using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Hub.Lab;
using Xunit;

namespace Hub.Tests.Lab;

/// <summary>The pages JupyterLab and Notebook start from, and the bundle they load.</summary>
public sealed partial class LabPagesTests(LabFixture lab) : IClassFixture<LabFixture>
{
    [Fact]
    public async Task The_page_tells_JupyterLab_where_everything_is()
    {
        JsonObject config = await ConfigAsync("user/admin/lab");
        Assert.Equal("/user/admin/", Text(config, "baseUrl"));
        Assert.Equal(("/lab", "/user/admin/lab", "/static/lab"), (Text(config, "appUrl"), Text(config, "fullAppUrl"), Text(config, "fullStaticUrl")));
        // A whole path where a path below baseUrl belongs would double the prefix, and no plugin would start.
        foreach (string key in new[] { "settingsUrl", "workspacesApiUrl", "listingsUrl", "themesUrl", "licensesUrl", "translationsApiUrl", "treeUrl" })
        {
            Assert.StartsWith("/lab/", Text(config, key), StringComparison.Ordinal);
            Assert.Equal("/user/admin" + Text(config, key), Text(config, "full" + char.ToUpperInvariant(key[0]) + key[1..]));
        }
        Assert.Empty(config["federated_extensions"]!.AsArray());
        Assert.Equal("[2, 21, 0]", Text(config, "notebookVersion"));
        Assert.Equal(("/hub/", "admin", "4.6.4"), (Text(config, "hubPrefix"), Text(config, "hubUser"), Text(config, "appVersion")));
        Assert.Contains("@jupyter/docprovider-extension", config["disabledExtensions"]!.AsArray().Select(id => id!.GetValue<string>()));
        Assert.Equal("", Text(config, "token"));
    }

    [Theory]
    [InlineData("", "default", "", "multiple-document", null)]
    [InlineData("tree", "default", "", "multiple-document", null)]
    [InlineData("tree/a%20b/%C3%BC.ipynb", "default", "a b/ü.ipynb", "multiple-document", null)]
    [InlineData("workspaces/w-1", "w-1", "", "multiple-document", null)]
    [InlineData("workspaces/w-1/tree/x", "w-1", "x", "multiple-document", null)]
    [InlineData("workspaces/bad%20name", "default", "", "multiple-document", "/user/admin/lab/workspaces/bad%20name")]
    [InlineData("nonsense", "default", "", "multiple-document", "/user/admin/lab/nonsense")]
    public async Task The_address_says_what_opens(string rest, string workspace, string treePath, string mode, string? notFoundUrl)
    {
        JsonObject config = await ConfigAsync("user/admin/lab/" + rest);
        Assert.Equal((workspace, treePath, mode), (Text(config, "workspace"), Text(config, "treePath"), Text(config, "mode")));
        Assert.Equal(notFoundUrl, config["notFoundUrl"]?.GetValue<string>());
    }

    [Fact]
    public async Task One_document_can_fill_the_page() => Assert.Equal("single-document", Text(await ConfigAsync("user/admin/doc/tree/x.ipynb"), "mode"));

    [Theory]
    [InlineData("a b/ü.ipynb", "notebooks")]
    [InlineData("code.py", "edit")]
    [InlineData("Makefile", "edit")]
    [InlineData("photo.png", "files")]
    [InlineData("page.html", "files")]
    [InlineData("blob", "files")]
    public async Task A_file_in_the_tree_leads_to_the_page_that_shows_it(string name, string page)
    {
        HttpClient client = lab.Hub.Client();
        await client.PutAsJsonAsync("user/admin/api/contents/a b", new { type = "directory" });
        string path = string.Join('/', name.Split('/').Select(Uri.EscapeDataString));
        await client.PutAsJsonAsync($"user/admin/api/contents/{path}", new { type = "file", format = "text", content = name == "blob" ? "a\0b" : "text" });
        using HttpResponseMessage answer = await lab.OpenAsync($"user/admin/tree/{path}?1795240045084");
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal($"/user/admin/{page}/{path}", answer.Headers.Location!.OriginalString);
    }

    [Theory]
    [InlineData("tree", "tree", "")]
    [InlineData("tree/dir", "tree", "dir")]
    [InlineData("notebooks/a%2Fb.ipynb", "notebooks", "a/b.ipynb")]
    [InlineData("edit/x.py", "edit", "x.py")]
    [InlineData("consoles/1", "consoles", "1")]
    public async Task Notebook_pages_say_which_they_are(string path, string page, string treePath)
    {
        using HttpResponseMessage answer = await lab.OpenAsync("user/admin/" + path);
        string html = await answer.Content.ReadAsStringAsync();
        Assert.Contains($"data-notebook=\"{page}\"", html, StringComparison.Ordinal);
        JsonObject config = ConfigOf(html);
        Assert.Equal((page, treePath, "/lab"), (Text(config, "notebookPage"), Text(config, "treePath"), Text(config, "appUrl")));
    }

    [Fact]
    public async Task Nothing_in_an_address_can_break_out_of_the_configuration()
    {
        using HttpResponseMessage answer = await lab.OpenAsync("user/admin/lab/tree/%3C%2Fscript%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E");
        string html = await answer.Content.ReadAsStringAsync();
        Assert.DoesNotContain("<script>alert", html, StringComparison.Ordinal);
        Assert.Equal("</script><script>alert(1)</script>", Text(ConfigOf(html), "treePath"));
    }

    [Fact]
    public async Task The_page_is_not_cached_and_loads_scripts_from_here_alone()
    {
        using HttpResponseMessage answer = await lab.OpenAsync("user/admin/lab");
        Assert.True(answer.Headers.CacheControl!.NoStore);
        string policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("script-src 'self' 'unsafe-eval'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("script-src 'self' 'unsafe-inline'", policy, StringComparison.Ordinal);
        string html = await answer.Content.ReadAsStringAsync();
        Assert.Contains("<script defer src=\"/static/lab/core.abc.js\">", html, StringComparison.Ordinal);
        Assert.Contains("<link rel=\"preload\" href=\"/static/lab/core.abc.js\" as=\"script\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_API_path_nobody_knows_is_no_page()
    {
        using HttpResponseMessage answer = await lab.OpenAsync("user/admin/lab/api/nothing");
        Assert.Equal((HttpStatusCode.NotFound, "application/json"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
    }

    [Fact]
    public async Task Without_a_front_end_the_page_says_so()
    {
        using FakeBundle bundle = new();
        await File.WriteAllTextAsync(Path.Combine(bundle.Path, "manifest.json"), """{"versions": {}, "entries": {}}""");
        await using HubFixture hub = await HubFixture.StartAsync([$"Lab:Assets={bundle.Path}"]);
        using HttpRequestMessage request = new(HttpMethod.Get, "user/admin/lab");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));
        using HttpResponseMessage answer = await hub.Client().SendAsync(request);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains("Lab:Assets", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Off", "", "user/admin/lab")]
    [InlineData("Hash", "fingerprint of its code", "user/admin/lab")]
    [InlineData("Hash", "fingerprint of its code", "user/admin/tree")]
    [InlineData("Text", "with the code", "user/admin/lab")]
    public async Task Pages_say_what_is_kept_of_the_cells_that_are_run(string cells, string said, string path)
    {
        using FakeBundle bundle = new();
        await using HubFixture hub = await HubFixture.StartAsync([$"Lab:Assets={bundle.Path}", $"Audit:Cells={cells}"]);
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));
        using HttpResponseMessage answer = await hub.Client().SendAsync(request);
        string notice = Text(ConfigOf(await answer.Content.ReadAsStringAsync()), "hubCellNotice");
        Assert.Contains(said, notice, StringComparison.Ordinal);
        Assert.Equal(said.Length == 0, notice.Length == 0);
    }

    [Theory]
    [InlineData("br, gzip", "br")]
    [InlineData("gzip", null)] // there is no .gz beside it
    [InlineData("br;q=0", null)]
    [InlineData(null, null)]
    public async Task The_bundle_is_sent_compressed_as_the_browser_likes_it_and_kept_for_ever(string? accepts, string? encoding)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "static/lab/core.abc.js");
        if (accepts is not null)
            request.Headers.TryAddWithoutValidation("Accept-Encoding", accepts);
        using HttpResponseMessage answer = await lab.Hub.Client(token: null).SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(encoding, answer.Content.Headers.ContentEncoding.SingleOrDefault());
        Assert.Equal("text/javascript", answer.Content.Headers.ContentType!.MediaType);
        Assert.Contains("immutable", answer.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        if (encoding is null)
            Assert.Equal(FakeBundle.Script, await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("static/lab/manifest.json")]
    [InlineData("static/lab/..%2fmanifest.json")]
    [InlineData("static/lab/none.js")]
    [InlineData("user/admin/lab/api/themes/%2e%2e/manifest.json")]
    public async Task Only_files_of_the_bundle_are_served(string path)
    {
        using HttpResponseMessage answer = await lab.Hub.Client().GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task Themes_are_served_and_asked_for_again()
    {
        using HttpResponseMessage answer = await lab.Hub.Client().GetAsync("user/admin/lab/api/themes/@scope/theme/index.css");
        Assert.Equal(("text/css", true), (answer.Content.Headers.ContentType!.MediaType, answer.Headers.CacheControl!.NoCache));
        using HttpRequestMessage again = new(HttpMethod.Get, "user/admin/lab/api/themes/@scope/theme/index.css");
        again.Headers.IfNoneMatch.Add(answer.Headers.ETag!);
        Assert.Equal(HttpStatusCode.NotModified, (await lab.Hub.Client().SendAsync(again)).StatusCode);
    }

    [Fact]
    public void A_workspace_may_be_followed_by_an_empty_tree() =>
        Assert.Equal("workspace", LabPages.Route("a", "lab", "workspaces/workspace/tree/").Workspace);

    private async Task<JsonObject> ConfigAsync(string path)
    {
        using HttpResponseMessage answer = await lab.OpenAsync(path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return ConfigOf(await answer.Content.ReadAsStringAsync());
    }

    private static JsonObject ConfigOf(string html) => JsonNode.Parse(ConfigScript().Match(html).Groups[1].Value)!.AsObject();

    private static string Text(JsonObject from, string key) => from[key]!.GetValue<string>();

    [GeneratedRegex("""<script id="jupyter-config-data" type="application/json">(.*?)</script>""")]
    private static partial Regex ConfigScript();
}
