using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hub.Auth.OpenIdConnect;

/// <summary>
/// Finds what claims say at a path such as <c>realm_access.roles</c>. Names may hold dots themselves (<c>https://school.example/groups</c>), so the
/// longest name that is there wins.
/// </summary>
public static class ClaimPathPolicy
{
    /// <summary>The texts at <paramref name="path"/>: of a list each, of a single value that one; none when nothing is there.</summary>
    public static IReadOnlyList<string> Values(JsonObject claims, string path)
    {
        if (claims.ContainsKey(path))
            return [.. Scalars(claims[path])];
        for (int dot = path.LastIndexOf('.'); dot > 0; dot = path.LastIndexOf('.', dot - 1))
        {
            if (claims[path[..dot]] is JsonObject inner && Values(inner, path[(dot + 1)..]) is { Count: > 0 } found)
                return found;
        }
        return [];
    }

    /// <summary>The first text at <paramref name="path"/>; null when there is none or it is empty.</summary>
    public static string? Value(JsonObject claims, string path) => Values(claims, path) is [{ Length: > 0 } first, ..] ? first : null;

    internal static IEnumerable<string> Scalars(JsonNode? node) => node switch
    {
        JsonArray list => list.OfType<JsonValue>().Select(Text).OfType<string>(),
        JsonValue value when Text(value) is { } text => [text],
        _ => [],
    };

    private static string? Text(JsonValue value) => value.GetValueKind() switch
    {
        JsonValueKind.String => value.GetValue<string>(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Number => value.ToJsonString(),
        _ => null,
    };
}
