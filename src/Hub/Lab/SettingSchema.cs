using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hub.Lab;

/// <summary>The settings one plugin of the front end has.</summary>
/// <param name="Id"><c>@scope/package:plugin</c>.</param>
/// <param name="Version">Of the plugin's package.</param>
/// <param name="Json">The JSON schema as UTF-8, the operator's defaults already in it.</param>
internal sealed record SettingSchema(string Id, string Version, byte[] Json)
{
    /// <summary>Reads all schemas below <paramref name="directory"/> (<c>@scope/package/plugin.json</c>), by id descending as Jupyter lists them.</summary>
    /// <param name="overrides"><c>{id: {key: default}}</c>, or null.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="JsonException">A schema is not JSON.</exception>
    public static IReadOnlyList<SettingSchema> ReadAll(string directory, JsonObject? overrides)
    {
        if (!Directory.Exists(directory))
            return [];
        List<SettingSchema> schemas = [];
        foreach (string package in Directory.EnumerateFiles(directory, "package.json.orig", SearchOption.AllDirectories).Select(Path.GetDirectoryName).OfType<string>())
        {
            string name = Path.GetRelativePath(directory, package).Replace('\\', '/');
            string version = JsonNode.Parse(File.ReadAllText(Path.Combine(package, "package.json.orig")))?["version"]?.GetValue<string>() ?? "N/A";
            foreach (string file in Directory.EnumerateFiles(package, "*.json"))
            {
                string id = $"{name}:{Path.GetFileNameWithoutExtension(file)}";
                schemas.Add(new SettingSchema(id, version, WithDefaults(File.ReadAllBytes(file), overrides?[id] as JsonObject)));
            }
        }
        return [.. schemas.OrderByDescending(schema => schema.Id, StringComparer.Ordinal)];
    }

    private static byte[] WithDefaults(byte[] json, JsonObject? defaults)
    {
        JsonNode schema = JsonNode.Parse(json) ?? throw new JsonException("A setting schema is null.");
        foreach ((string key, JsonNode? value) in defaults ?? [])
        {
            if (schema["properties"]?[key] is JsonObject property)
                property["default"] = value?.DeepClone();
        }
        return JsonSerializer.SerializeToUtf8Bytes(schema, Http.ApiJson.Options);
    }
}
