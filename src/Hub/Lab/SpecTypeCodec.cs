using System.Text.Json.Nodes;

namespace Hub.Lab;

/// <summary>
/// Reads types as they are written beside the operations, into JSON schemas: <c>string</c>, <c>integer</c>, <c>number</c>, <c>boolean</c>, <c>object</c>, <c>time</c>;
/// <c>[type]</c> a list, <c>{type}</c> an object of such by name, <c>page(type)</c> one page of a list; a capital begins the name of a schema; <c>|</c> stands between
/// several, one of which may be <c>null</c>.
/// </summary>
internal static class SpecTypeCodec
{
    /// <summary>An object with fields <c>name:type</c>, each required unless a <c>?</c> follows its name.</summary>
    public static JsonObject Fields(string fields)
    {
        JsonArray required = [];
        JsonObject properties = [];
        foreach (string field in fields.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = field.Split(':', 2);
            string name = parts[0].TrimEnd('?');
            properties[name] = Type(parts[1]);
            if (name.Length == parts[0].Length)
                required.Add(name);
        }
        JsonObject schema = new() { ["type"] = "object", ["properties"] = properties };
        if (required.Count > 0)
            schema["required"] = required;
        return schema;
    }

    /// <summary>The schema of one type.</summary>
    public static JsonObject Type(string written)
    {
        string[] several = written.Split('|');
        if (several.Length == 1)
            return Single(written);
        // What is plain says it may be null in one word, as people write it.
        if (several is [var plain, "null"] && Single(plain) is var schema && schema["type"] is JsonValue type)
        {
            schema["type"] = new JsonArray(type.DeepClone(), "null");
            return schema;
        }
        return new JsonObject { ["anyOf"] = new JsonArray([.. several.Select(Single)]) };
    }

    private static JsonObject Single(string type) => type switch
    {
        "time" => new JsonObject { ["type"] = "string", ["format"] = "date-time" },
        _ when type[0] == '[' => new JsonObject { ["type"] = "array", ["items"] = Type(type[1..^1]) },
        _ when type[0] == '{' => new JsonObject { ["type"] = "object", ["additionalProperties"] = Type(type[1..^1]) },
        _ when type.StartsWith("page(", StringComparison.Ordinal) => Fields($"items:[{type[5..^1]}] _pagination:Pagination"),
        _ when char.IsAsciiLetterUpper(type[0]) => new JsonObject { ["$ref"] = "#/components/schemas/" + type },
        _ => new JsonObject { ["type"] = type },
    };
}
