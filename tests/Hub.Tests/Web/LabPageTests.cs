using System.Text.Json;
using System.Text.RegularExpressions;
using global::Web.Pages;
using Xunit;

namespace Hub.Tests.Web;

public sealed class LabPageTests
{
    private const string Config = """{"baseUrl":"/user/a'&<\u2028/","evil":"</script><!--<script>","notebookPage":"tree"}""";

    [Fact]
    public async Task The_configuration_cannot_leave_its_element_and_says_the_same()
    {
        string html = await DrawAsync();
        string json = Regex.Match(html, "<script id=\"jupyter-config-data\" type=\"application/json\">(.*?)</script>", RegexOptions.Singleline).Groups[1].Value;
        Assert.DoesNotMatch("[<>&']", json);
        using JsonDocument drawn = JsonDocument.Parse(json);
        using JsonDocument given = JsonDocument.Parse(Config);
        Assert.True(JsonElement.DeepEquals(given.RootElement, drawn.RootElement));
    }

    [Fact]
    public async Task The_configuration_stands_before_the_scripts_and_no_script_is_inline()
    {
        string html = await DrawAsync();
        Assert.True(html.IndexOf("jupyter-config-data", StringComparison.Ordinal) < html.IndexOf("core.1.js\"></script>", StringComparison.Ordinal));
        Assert.Equal(["id=\"jupyter-config-data\" type=\"application/json\"", "defer src=\"/static/lab/core.1.js\"", "defer src=\"/static/lab/lab.2.js\""],
            Regex.Matches(html, "<script ([^>]*)>").Select(match => match.Groups[1].Value));
        Assert.DoesNotMatch("<style|\\son[a-z]+=\"", html);
    }

    [Fact]
    public async Task The_body_is_themed_and_carries_its_data()
    {
        Assert.Contains("<body class=\"jp-ThemedContainer\" data-notebook=\"tree\">", await DrawAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Styles_and_scripts_are_told_to_the_browser_at_once()
    {
        string html = await DrawAsync();
        Assert.Contains("<link rel=\"preload\" href=\"/static/lab/late.3.js\" as=\"script\"", html, StringComparison.Ordinal);
        Assert.Contains("<link rel=\"preload\" href=\"/static/lab/late.4.css\" as=\"style\"", html, StringComparison.Ordinal);
        Assert.Contains("<link rel=\"stylesheet\" href=\"/static/lab/core.css\"", html, StringComparison.Ordinal);
    }

    private static Task<string> DrawAsync() => DrawnPage.DrawAsync<LabPage>(new LabView(
        SamplePages.Frame,
        "JupyterLab",
        Config,
        "/static/lab/",
        new LabFiles(["core.1.js", "lab.2.js"], ["core.css"], ["late.3.js", "late.4.css"]),
        new Dictionary<string, string> { ["notebook"] = "tree" }));
}
