using System.Text.Json;

namespace Hub.Contents.Saving;

/// <summary>What a save asks for beside its content.</summary>
internal sealed record SaveBody
{
    /// <summary><c>directory</c>, <c>file</c> or <c>notebook</c>.</summary>
    public string? Type { get; init; }

    /// <summary><c>text</c>, <c>base64</c> or <c>json</c>.</summary>
    public string? Format { get; init; }

    /// <summary>Number of a piece of an upload: 1, 2, … and -1 for the last.</summary>
    public int? Chunk { get; init; }

    public string? CopyFrom { get; init; }

    /// <summary>SHA-256 of the content the save is based on, as lower-case hex.</summary>
    public string? Hash { get; init; }

    /// <summary>There was a <c>content</c> that is not null.</summary>
    public bool HasContent { get; init; }

    /// <exception cref="ContentException">A member is not of the type it must be.</exception>
    public static SaveBody From(IReadOnlyDictionary<string, byte[]> members, bool hasContent) => new()
    {
        Hash = HashIn(members),
        Type = Text(members, "type"),
        Format = Text(members, "format"),
        CopyFrom = Text(members, "copy_from"),
        Chunk = Number(members, "chunk"),
        HasContent = hasContent,
    };

    private static string? HashIn(IReadOnlyDictionary<string, byte[]> members) =>
        Text(members, "hash") is not { } hash ? null
        : Text(members, "hash_algorithm") is null or "sha256" ? hash.ToLowerInvariant()
        : throw new ContentException(ContentFailure.BadRequest, "'hash_algorithm' in the body must be sha256");

    private static string? Text(IReadOnlyDictionary<string, byte[]> members, string name)
    {
        JsonElement? value = Value(members, name);
        return value is null ? null
            : value.Value.ValueKind == JsonValueKind.String ? value.Value.GetString()
            : throw Wrong(name, "text");
    }

    private static int? Number(IReadOnlyDictionary<string, byte[]> members, string name)
    {
        JsonElement? value = Value(members, name);
        return value is null ? null
            : value.Value.ValueKind == JsonValueKind.Number && value.Value.TryGetInt32(out int number) ? number
            : throw Wrong(name, "an integer");
    }

    private static JsonElement? Value(IReadOnlyDictionary<string, byte[]> members, string name)
    {
        if (!members.TryGetValue(name, out byte[]? json))
            return null;
        using JsonDocument value = JsonDocument.Parse(json);
        return value.RootElement.ValueKind == JsonValueKind.Null ? null : value.RootElement.Clone();
    }

    private static ContentException Wrong(string name, string wanted) => new(ContentFailure.BadRequest, $"'{name}' in the body must be {wanted}");
}
