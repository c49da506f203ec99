using System.Text.Json;
using System.Text.Unicode;

namespace Hub.Contents.Notebooks;

/// <summary>A notebook that was read from bytes and is of a format we speak.</summary>
/// <param name="Json">Format 4; dispose it.</param>
/// <param name="Problem">What is invalid about it, or null.</param>
internal sealed record NotebookDocument(JsonDocument Json, string? Problem) : IDisposable
{
    /// <summary>Understands a notebook file.</summary>
    /// <exception cref="ContentException"><see cref="ContentFailure.BadRequest"/>: not JSON, too deep, no notebook, or of a format before 3 or after 4.</exception>
    public static NotebookDocument Parse(ReadOnlyMemory<byte> file, string path, int maxDepth)
    {
        if (file.Span.StartsWith("\uFEFF"u8))
            file = file[3..];
        JsonDocument json = ParseJson(file, maxDepth, problem => Unreadable(path, problem));
        try
        {
            JsonElement notebook = json.RootElement;
            if (notebook.ValueKind != JsonValueKind.Object)
                throw Unreadable(path, "it is JSON, but not an object");
            if (!notebook.TryGetProperty("nbformat"u8, out JsonElement major) || major.ValueKind != JsonValueKind.Number || !major.TryGetInt32(out int version))
                throw Unreadable(path, "it is JSON, but no notebook: 'nbformat' is missing or no integer");
            if (version == 3)
            {
                JsonDocument upgraded = JsonDocument.Parse(NotebookUpgrade.FromVersion3(notebook).ToJsonString(), new JsonDocumentOptions { MaxDepth = maxDepth + 8 });
                json.Dispose();
                json = upgraded;
            }
            else if (version != 4)
            {
                throw Unreadable(path, $"it is of nbformat {version}; formats 3 and 4 are understood");
            }
            return new NotebookDocument(json, NotebookCheck.FirstProblem(json.RootElement));
        }
        catch
        {
            json.Dispose();
            throw;
        }
    }

    /// <summary>Parses JSON; what is wrong is told by <paramref name="failed"/>, naming the option if it is too deep.</summary>
    public static JsonDocument ParseJson(ReadOnlyMemory<byte> json, int maxDepth, Func<string, ContentException> failed)
    {
        // The parser looks at the inside of strings only when they are asked for, and ours are copied unread.
        if (!Utf8.IsValid(json.Span))
            throw failed("it is not UTF-8");
        try
        {
            return JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = maxDepth });
        }
        catch (JsonException wrong)
        {
            throw failed(IsTooDeep(json.Span, maxDepth)
                ? $"its JSON is nested deeper than Contents:MaxJsonDepth ({maxDepth})"
                : $"it is not JSON (line {wrong.LineNumber + 1}, byte {wrong.BytePositionInLine})");
        }
    }

    public void Dispose() => Json.Dispose();

    /// <summary>Does it get too deep before anything else is wrong?</summary>
    private static bool IsTooDeep(ReadOnlySpan<byte> json, int maxDepth)
    {
        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = int.MaxValue });
        try
        {
            while (reader.Read())
                if (reader.CurrentDepth >= maxDepth)
                    return true;
        }
        catch (JsonException)
        {
            // The first thing that was wrong.
        }
        return false;
    }

    private static ContentException Unreadable(string path, string why) => new(ContentFailure.BadRequest, $"Unreadable Notebook: {path}: {why}");
}
