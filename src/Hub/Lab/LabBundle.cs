using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hub.Http;

namespace Hub.Lab;

/// <summary>The built front end as it lies on disk, with the parts that are asked for often in memory.</summary>
/// <param name="Root">Directory with <c>static/</c>, <c>themes/</c>, <c>schemas/</c> and <c>manifest.json</c>.</param>
/// <param name="Schemas">By id descending.</param>
internal sealed record LabBundle(string Root, LabManifest Manifest, IReadOnlyList<SettingSchema> Schemas)
{
    public FrozenDictionary<string, SettingSchema> SchemasById { get; } =
        Schemas.ToFrozenDictionary(schema => schema.Id, StringComparer.Ordinal);

    /// <summary>Names of all files in <c>static/</c>: only these are served, so that no name can lead elsewhere.</summary>
    public FrozenSet<string> StaticFiles { get; } = Names(Path.Combine(Root, "static"));

    /// <summary>Paths of all files below <c>themes/</c>, with <c>/</c>.</summary>
    public FrozenSet<string> ThemeFiles { get; } = Names(Path.Combine(Root, "themes"));

    /// <exception cref="IOException">A file is missing or cannot be read.</exception>
    /// <exception cref="JsonException">A file is not what the build writes.</exception>
    public static LabBundle Read(string root)
    {
        LabManifest manifest = JsonSerializer.Deserialize<LabManifest>(File.ReadAllBytes(Path.Combine(root, "manifest.json")), ApiJson.Options)
            ?? throw new JsonException("manifest.json is null.");
        string overrides = Path.Combine(root, "default_setting_overrides.json");
        JsonObject? defaults = File.Exists(overrides) ? JsonNode.Parse(File.ReadAllText(overrides)) as JsonObject : null;
        return new LabBundle(root, manifest, SettingSchema.ReadAll(Path.Combine(root, "schemas"), defaults));
    }

    private static FrozenSet<string> Names(string directory) =>
        Directory.Exists(directory)
            ? Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(directory, file).Replace('\\', '/'))
                .ToFrozenSet(StringComparer.Ordinal)
            : [];
}
