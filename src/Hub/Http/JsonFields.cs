using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hub.Http;

/// <summary>Reads the fields of a request's object one by one, so that each wrong one is refused by name.</summary>
public sealed class JsonFields(JsonObject? body)
{
    private readonly JsonObject _body = body ?? [];

    /// <exception cref="BadHttpRequestException">There is a field of another name.</exception>
    public void RefuseOthers(params ReadOnlySpan<string> known)
    {
        foreach ((string name, _) in _body)
        {
            if (!known.Contains(name))
                throw new BadHttpRequestException($"Invalid JSON keys: {name}");
        }
    }

    /// <summary>A string; null when absent or null.</summary>
    public string? Text(string name) => _body[name] switch
    {
        null => null,
        JsonValue value when value.TryGetValue(out string? text) => text,
        _ => throw new BadHttpRequestException($"{name} must be a string"),
    };

    public bool? Flag(string name) => _body[name] switch
    {
        null => null,
        JsonValue value when value.TryGetValue(out bool flag) => flag,
        _ => throw new BadHttpRequestException($"{name} must be true or false"),
    };

    public long? Number(string name) => _body[name] switch
    {
        null => null,
        JsonValue value when value.GetValueKind() == JsonValueKind.Number && value.TryGetValue(out long number) => number,
        _ => throw new BadHttpRequestException($"{name} must be an integer"),
    };

    public IReadOnlyList<string>? Texts(string name) => _body[name] switch
    {
        null => null,
        JsonArray array => [.. array.Select(item => item is JsonValue value && value.TryGetValue(out string? text) ? text : throw new BadHttpRequestException($"{name} must be a list of strings"))],
        _ => throw new BadHttpRequestException($"{name} must be a list of strings"),
    };

    /// <summary>An object as it is; null when absent or null.</summary>
    public JsonObject? Object(string name) => _body[name] switch
    {
        null => null,
        JsonObject members => members,
        _ => throw new BadHttpRequestException($"{name} must be an object"),
    };

    /// <summary>An object's fields; null when absent or null.</summary>
    public JsonFields? Fields(string name) => _body[name] switch
    {
        null => null,
        JsonObject members => new JsonFields(members),
        _ => throw new BadHttpRequestException($"{name} must be an object"),
    };
}
