using Microsoft.AspNetCore.StaticFiles;

namespace Hub.Contents;

/// <summary>Content types by extension, as Jupyter and browsers expect them.</summary>
internal static class MimeTypes
{
    public const string Notebook = "application/x-ipynb+json";

    private static readonly FileExtensionContentTypeProvider s_known = Known();

    /// <summary>Null when the extension says nothing.</summary>
    public static string? Guess(string name) =>
        name.EndsWith(".ipynb", StringComparison.Ordinal) ? Notebook
        : s_known.TryGetContentType(name, out string? type) ? type
        : null;

    private static FileExtensionContentTypeProvider Known()
    {
        FileExtensionContentTypeProvider known = new();
        (string Extension, string Type)[] others =
        [
            (".py", "text/x-python"), (".r", "text/x-r-source"), (".jl", "text/x-julia"), (".md", "text/markdown"), (".rst", "text/x-rst"),
            (".csv", "text/csv"), (".tsv", "text/tab-separated-values"), (".json", "application/json"), (".geojson", "application/geo+json"),
            (".js", "text/javascript"), (".mjs", "text/javascript"), (".ts", "text/x-typescript"), (".c", "text/x-c"), (".cpp", "text/x-c++"),
            (".h", "text/x-c"), (".sh", "text/x-sh"), (".tex", "text/x-tex"), (".yaml", "application/yaml"), (".yml", "application/yaml"),
            (".toml", "application/toml"), (".xml", "text/xml"), (".log", "text/plain"), (".svg", "image/svg+xml"), (".webp", "image/webp"),
            (".avif", "image/avif"), (".parquet", "application/vnd.apache.parquet"), (".gz", "application/gzip"), (".ico", "image/vnd.microsoft.icon"),
        ];
        foreach ((string extension, string type) in others)
            known.Mappings[extension] = type;
        return known;
    }
}
