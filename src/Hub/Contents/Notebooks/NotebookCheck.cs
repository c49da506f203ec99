using System.Text.Json;
using System.Text.RegularExpressions;

namespace Hub.Contents.Notebooks;

/// <summary>What nbformat 4 asks of a notebook, as far as a page or a kernel would stumble over it. An invalid notebook is still saved and shown, with this said.</summary>
internal static partial class NotebookCheck
{
    /// <summary>The first thing that is wrong, with its place; null when nothing is.</summary>
    public static string? FirstProblem(JsonElement notebook)
    {
        string? problem = Notebook(notebook);
        return problem is null ? null : $"Notebook validation failed: {problem}";
    }

    private static string? Notebook(JsonElement notebook)
    {
        if (notebook.ValueKind != JsonValueKind.Object)
            return "it is not an object";
        if (!notebook.TryGetProperty("nbformat"u8, out JsonElement major) || major.ValueKind != JsonValueKind.Number)
            return "'nbformat' is missing or no number";
        if (!notebook.TryGetProperty("nbformat_minor"u8, out JsonElement minor) || !IsInteger(minor, out int minorVersion))
            return "'nbformat_minor' is missing or no integer";
        if (!IsObject(notebook, "metadata"))
            return "'metadata' is missing or no object";
        if (!IsInteger(major, out int majorVersion) || majorVersion != 4)
            return null; // Another version has other cells.
        if (!notebook.TryGetProperty("cells"u8, out JsonElement cells) || cells.ValueKind != JsonValueKind.Array)
            return "'cells' is missing or no list";
        HashSet<string> ids = new(StringComparer.Ordinal);
        int index = 0;
        foreach (JsonElement cell in cells.EnumerateArray())
        {
            if (Cell(cell, minorVersion >= 5 ? ids : null) is { } problem)
                return $"cells[{index}]: {problem}";
            index++;
        }
        return null;
    }

    private static string? Cell(JsonElement cell, HashSet<string>? ids)
    {
        if (cell.ValueKind != JsonValueKind.Object)
            return "it is not an object";
        string? type = Text(cell, "cell_type");
        if (type is not ("code" or "markdown" or "raw"))
            return $"'cell_type' is {(type is null ? "missing" : $"'{type[..Math.Min(type.Length, 40)]}'")}; it must be code, markdown or raw";
        if (!IsObject(cell, "metadata"))
            return "'metadata' is missing or no object";
        if (!IsText(cell, "source"))
            return "'source' is missing or no text";
        if (ids is not null && (Text(cell, "id") is not { } id || !CellId().IsMatch(id)))
            return "'id' is missing or not 1 to 64 letters, digits, '-' and '_'";
        if (ids is not null && !ids.Add(Text(cell, "id")!))
            return $"the id '{Text(cell, "id")}' is used twice";
        return type == "code" ? Code(cell) : null;
    }

    private static string? Code(JsonElement cell)
    {
        if (!IsCount(cell))
            return "'execution_count' is missing or neither integer nor null";
        if (!cell.TryGetProperty("outputs"u8, out JsonElement outputs) || outputs.ValueKind != JsonValueKind.Array)
            return "'outputs' is missing or no list";
        int index = 0;
        foreach (JsonElement output in outputs.EnumerateArray())
        {
            if (Output(output) is { } problem)
                return $"outputs[{index}]: {problem}";
            index++;
        }
        return null;
    }

    private static string? Output(JsonElement output) =>
        output.ValueKind != JsonValueKind.Object ? "it is not an object" : Text(output, "output_type") switch
        {
            "stream" => Text(output, "name") is null ? "'name' is missing" : !IsText(output, "text") ? "'text' is missing or no text" : null,
            "display_data" => Data(output),
            "execute_result" => Data(output) ?? (IsCount(output) ? null : "'execution_count' is missing"),
            "error" => Text(output, "ename") is null || Text(output, "evalue") is null ? "'ename' or 'evalue' is missing"
                : !output.TryGetProperty("traceback"u8, out JsonElement trace) || trace.ValueKind != JsonValueKind.Array ? "'traceback' is missing or no list" : null,
            _ => "'output_type' must be stream, display_data, execute_result or error",
        };

    private static string? Data(JsonElement output) =>
        !IsObject(output, "data") ? "'data' is missing or no object" : !IsObject(output, "metadata") ? "'metadata' is missing or no object" : null;

    private static string? Text(JsonElement value, string name) =>
        value.TryGetProperty(name, out JsonElement member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;

    private static bool IsObject(JsonElement value, string name) =>
        value.TryGetProperty(name, out JsonElement member) && member.ValueKind == JsonValueKind.Object;

    private static bool IsText(JsonElement value, string name) =>
        value.TryGetProperty(name, out JsonElement member)
        && (member.ValueKind == JsonValueKind.String
            || (member.ValueKind == JsonValueKind.Array && member.EnumerateArray().All(line => line.ValueKind == JsonValueKind.String)));

    private static bool IsCount(JsonElement value) =>
        value.TryGetProperty("execution_count"u8, out JsonElement count) && (count.ValueKind == JsonValueKind.Null || IsInteger(count, out _));

    private static bool IsInteger(JsonElement value, out int number)
    {
        number = 0;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out number);
    }

    [GeneratedRegex("^[a-zA-Z0-9_-]{1,64}$")]
    private static partial Regex CellId();
}
