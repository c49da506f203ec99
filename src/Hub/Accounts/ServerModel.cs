using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Hub.Accounts;

/// <summary>A user's server on the API, in JupyterHub's keys.</summary>
public sealed record ServerModel
{
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("display_name")]
    public string DisplayName { get; init; } = "";

    /// <summary><c>user/name</c>.</summary>
    [JsonPropertyName("full_name")]
    public required string FullName { get; init; }

    /// <summary>As written by <c>ApiTime</c>; null when unknown.</summary>
    [JsonPropertyName("last_activity")]
    public string? LastActivity { get; init; }

    [JsonPropertyName("started")]
    public string? Started { get; init; }

    /// <summary>null, <c>spawn</c>, <c>stop</c>, <c>check</c> or <c>rename</c>.</summary>
    [JsonPropertyName("pending")]
    public string? Pending { get; init; }

    [JsonPropertyName("ready")]
    public bool Ready { get; init; }

    [JsonPropertyName("stopped")]
    public bool Stopped { get; init; }

    /// <summary>Path below the host, such as <c>/user/ada/</c>.</summary>
    [JsonPropertyName("url")]
    public required string Url { get; init; }

    [JsonPropertyName("user_options")]
    public JsonObject UserOptions { get; init; } = [];

    [JsonPropertyName("progress_url")]
    public required string ProgressUrl { get; init; }

    [JsonPropertyName("full_url")]
    public string? FullUrl { get; init; }

    [JsonPropertyName("full_progress_url")]
    public string? FullProgressUrl { get; init; }
}
