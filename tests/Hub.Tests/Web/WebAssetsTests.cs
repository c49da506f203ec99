using System.Text;
using global::Web;
using Xunit;

namespace Hub.Tests.Web;

public sealed class WebAssetsTests
{
    [Fact]
    public void Every_file_is_named_after_its_content()
    {
        Assert.Equal(5, WebAssets.All.Count);
        foreach ((string name, WebAsset asset) in WebAssets.All)
        {
            Assert.Equal(name, asset.Name);
            Assert.Matches("^[a-z-]+\\.[0-9a-f]{12}\\.(css|svg)$", name);
            Assert.False(asset.Content.IsEmpty);
        }
    }

    [Fact]
    public void The_style_sheet_asks_nobody_else_for_anything()
    {
        string css = Encoding.UTF8.GetString(WebAssets.Stylesheet.Content.Span);
        Assert.DoesNotContain("@import", css, StringComparison.Ordinal);
        Assert.DoesNotContain("url(", css, StringComparison.Ordinal);
        Assert.Contains("prefers-color-scheme: dark", css, StringComparison.Ordinal);
    }
}
