using System.Text.Json;

namespace Hub.Contents.Notebooks;

/// <summary>
/// May a page run what the outputs of a notebook hold? Yes, when the person who saves it has run or trusted every cell that has such an output; that is
/// then remembered of exactly these bytes (<c>TrustStore</c>). A notebook from elsewhere is shown with its scripts taken out.
/// </summary>
internal static class NotebookTrust
{
    /// <summary>Every code cell is marked as trusted by the page that saves it, or shows nothing that could hold a script.</summary>
    public static bool IsEarned(JsonElement notebook) =>
        notebook.ValueKind == JsonValueKind.Object
        && (!notebook.TryGetProperty("cells"u8, out JsonElement cells)
            || cells.ValueKind != JsonValueKind.Array
            || cells.EnumerateArray().All(IsTrusted));

    private static bool IsTrusted(JsonElement cell)
    {
        if (cell.ValueKind != JsonValueKind.Object || !cell.TryGetProperty("outputs"u8, out JsonElement outputs) || outputs.ValueKind != JsonValueKind.Array)
            return true;
        bool marked = cell.TryGetProperty("metadata"u8, out JsonElement metadata)
            && metadata.ValueKind == JsonValueKind.Object
            && metadata.TryGetProperty("trusted"u8, out JsonElement trusted)
            && trusted.ValueKind == JsonValueKind.True;
        return marked || outputs.EnumerateArray().All(IsHarmless);
    }

    /// <summary>Streams and errors are text; the rest may be HTML or JavaScript.</summary>
    private static bool IsHarmless(JsonElement output) =>
        output.ValueKind == JsonValueKind.Object
        && output.TryGetProperty("output_type"u8, out JsonElement type)
        && type.ValueKind == JsonValueKind.String
        && (type.ValueEquals("stream"u8) || type.ValueEquals("error"u8));
}
