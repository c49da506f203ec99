using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Hub.Accounts;

/// <summary>A group on the API in JupyterHub's keys, as far as somebody may see it: what is null is left out.</summary>
internal sealed record GroupModel([property: JsonPropertyName("name"), JsonPropertyOrder(-1)] string Name)
{
    [JsonPropertyName("kind"), JsonPropertyOrder(-2)]
    public string Kind { get; } = "group";

    [JsonPropertyName("roles"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Roles { get; init; }

    /// <summary>Names of the members, sorted.</summary>
    [JsonPropertyName("users"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Users { get; init; }

    [JsonPropertyName("properties"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonNode? Properties { get; init; }
}
