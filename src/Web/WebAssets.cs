using System.Collections.Frozen;
using System.Security.Cryptography;

namespace Web;

/// <summary>
/// The style sheet and pictures of the hub's own pages, carried inside the assembly. Serve each of <see cref="All"/> at
/// <c>{base}static/hub/{name}</c>, to anybody, with <c>Cache-Control: public, max-age=31536000, immutable</c>.
/// </summary>
public static class WebAssets
{
    /// <summary>The folder below the hub's base path, ending in a slash.</summary>
    public const string Folder = "static/hub/";

    public static WebAsset Stylesheet { get; } = Load("hub.css", "text/css; charset=utf-8");

    /// <summary>Beside <see cref="Stylesheet"/>, for the administrators' panel.</summary>
    public static WebAsset AdminStylesheet { get; } = Load("admin.css", "text/css; charset=utf-8");

    public static WebAsset Logo { get; } = Load("logo.svg", "image/svg+xml");

    public static WebAsset Favicon { get; } = Load("favicon.svg", "image/svg+xml");

    /// <summary>The icon JupyterLab shows while a kernel works.</summary>
    public static WebAsset FaviconBusy { get; } = Load("favicon-busy.svg", "image/svg+xml");

    /// <summary>Every file by its hashed name.</summary>
    public static FrozenDictionary<string, WebAsset> All { get; } =
        new[] { Stylesheet, AdminStylesheet, Logo, Favicon, FaviconBusy }.ToFrozenDictionary(asset => asset.Name, StringComparer.Ordinal);

    private static WebAsset Load(string file, string contentType)
    {
        using Stream stream = typeof(WebAssets).Assembly.GetManifestResourceStream("Web.Assets." + file)
            ?? throw new InvalidOperationException($"The assembly Web was built without its resource Assets/{file}.");
        using MemoryStream copy = new();
        stream.CopyTo(copy);
        byte[] content = copy.ToArray();
        string hash = Convert.ToHexStringLower(SHA256.HashData(content))[..12];
        return new WebAsset($"{Path.GetFileNameWithoutExtension(file)}.{hash}{Path.GetExtension(file)}", contentType, content);
    }
}
