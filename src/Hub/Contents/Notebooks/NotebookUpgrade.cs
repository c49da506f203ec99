using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hub.Contents.Notebooks;

/// <summary>
/// Turns a notebook of format 3 (2012 to 2015) into format 4 for reading; the file stays as it is until its user saves. Pages know only format 4.
/// </summary>
internal static class NotebookUpgrade
{
    private static readonly Dictionary<string, string> s_mimeTypes = new(StringComparer.Ordinal)
    {
        ["text"] = "text/plain",
        ["html"] = "text/html",
        ["svg"] = "image/svg+xml",
        ["png"] = "image/png",
        ["jpeg"] = "image/jpeg",
        ["latex"] = "text/latex",
        ["json"] = "application/json",
        ["javascript"] = "application/javascript",
    };

    /// <summary>The same notebook in format 4.0. Parts that format 3 does not know are left where they are.</summary>
    public static JsonObject FromVersion3(JsonElement notebook)
    {
        JsonObject old = JsonObject.Create(notebook) ?? [];
        JsonArray cells = [];
        foreach (JsonNode? worksheet in Items(old["worksheets"]))
            foreach (JsonNode? cell in Items((worksheet as JsonObject)?["cells"]))
                if (cell is JsonObject one)
                    cells.Add(Cell(one));
        JsonObject metadata = Members(old["metadata"]);
        metadata.Remove("name");
        metadata.Remove("signature");
        return new JsonObject { ["cells"] = cells, ["metadata"] = metadata, ["nbformat"] = 4, ["nbformat_minor"] = 0 };
    }

    private static JsonObject Cell(JsonObject old)
    {
        string type = Word(old["cell_type"]);
        JsonObject metadata = Members(old["metadata"]);
        if (type == "code")
        {
            if (old["collapsed"] is JsonValue collapsed && collapsed.GetValueKind() == JsonValueKind.True)
                metadata["collapsed"] = true;
            return new JsonObject
            {
                ["cell_type"] = "code",
                ["execution_count"] = old["prompt_number"]?.DeepClone(),
                ["metadata"] = metadata,
                ["outputs"] = new JsonArray([.. Items(old["outputs"]).OfType<JsonObject>().Select(Output)]),
                ["source"] = old["input"]?.DeepClone() ?? "",
            };
        }
        JsonNode source = old["source"]?.DeepClone() ?? "";
        if (type == "heading")
            source = new string('#', Level(old["level"])) + " " + Joined(source).ReplaceLineEndings(" ");
        return new JsonObject { ["cell_type"] = type == "raw" ? "raw" : "markdown", ["metadata"] = metadata, ["source"] = source };
    }

    private static JsonObject Output(JsonObject old) => Word(old["output_type"]) switch
    {
        "stream" => new JsonObject
        {
            ["output_type"] = "stream",
            ["name"] = Word(old["stream"]) is { Length: > 0 } name ? name : "stdout",
            ["text"] = old["text"]?.DeepClone() ?? "",
        },
        "pyerr" => new JsonObject
        {
            ["output_type"] = "error",
            ["ename"] = Word(old["ename"]),
            ["evalue"] = Word(old["evalue"]),
            ["traceback"] = old["traceback"]?.DeepClone() ?? new JsonArray(),
        },
        "pyout" => new JsonObject
        {
            ["output_type"] = "execute_result",
            ["execution_count"] = old["prompt_number"]?.DeepClone(),
            ["data"] = Data(old),
            ["metadata"] = Members(old["metadata"]),
        },
        _ => new JsonObject { ["output_type"] = "display_data", ["data"] = Data(old), ["metadata"] = Members(old["metadata"]) },
    };

    private static JsonObject Data(JsonObject old)
    {
        JsonObject data = [];
        foreach ((string key, string mimeType) in s_mimeTypes)
            if (old[key] is { } value)
                data[mimeType] = value.DeepClone();
        return data;
    }

    private static IEnumerable<JsonNode?> Items(JsonNode? list) => list as JsonArray ?? [];

    private static JsonObject Members(JsonNode? value) => value is JsonObject found ? found.DeepClone().AsObject() : [];

    private static string Word(JsonNode? value) => value is JsonValue word && word.TryGetValue(out string? text) ? text : "";

    private static int Level(JsonNode? value) => value is JsonValue number && number.TryGetValue(out int level) ? Math.Clamp(level, 1, 6) : 1;

    private static string Joined(JsonNode text) => text is JsonArray lines ? string.Concat(lines.Select(Word)) : Word(text);
}
