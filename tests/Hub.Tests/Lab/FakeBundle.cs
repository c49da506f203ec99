using System.IO.Compression;
using System.Text;

namespace Hub.Tests.Lab;

/// <summary>A front end of a few bytes, laid out as the build lays out the real one.</summary>
internal sealed class FakeBundle : IDisposable
{
    public const string Script = "console.log('the front end');";
    public const string PluginId = "@scope/package:plugin";

    public FakeBundle()
    {
        Write("manifest.json", """
            {"versions": {"jupyterlab": "4.6.4", "notebook": "7.6.2"},
             "entries": {"lab": {"scripts": ["core.abc.js"], "stylesheets": ["core.abc.css"], "preload": ["core.abc.js"]},
                         "notebook": {"scripts": ["core.abc.js"], "stylesheets": []}},
             "themes": ["@scope/theme"], "schemas": 1}
            """);
        Write("static/core.abc.js", Script);
        using (FileStream file = File.Create(System.IO.Path.Combine(Path, "static/core.abc.js.br")))
        using (BrotliStream brotli = new(file, CompressionLevel.Fastest))
            brotli.Write(Encoding.UTF8.GetBytes(Script));
        Write("static/core.abc.css", "body {}");
        Write("themes/@scope/theme/index.css", ":root {}");
        Write("schemas/@scope/package/package.json.orig", """{"version": "1.2.3"}""");
        Write("schemas/@scope/package/plugin.json", """{"title": "A plugin", "type": "object", "properties": {"size": {"type": "number", "default": 1}}}""");
        Write("default_setting_overrides.json", """{"@scope/package:plugin": {"size": 7}}""");
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("hub-bundle-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private void Write(string name, string text)
    {
        string file = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
