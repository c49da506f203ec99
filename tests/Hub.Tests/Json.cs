using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Hub.Tests;

/// <summary>Short ways to say what is asked of an API and what it answered.</summary>
internal static class Json
{
    public static async Task<JsonObject> ObjectAsync(this HttpResponseMessage answer) => (await answer.Content.ReadFromJsonAsync<JsonObject>())!;

    public static async Task<JsonArray> ArrayAsync(this HttpResponseMessage answer) => (await answer.Content.ReadFromJsonAsync<JsonArray>())!;

    public static string? Text(this JsonObject model, string key) => model[key]?.GetValue<string>();

    public static string[] Texts(this JsonNode? list) => [.. list!.AsArray().Select(item => item!.GetValue<string>())];

    /// <summary>The <c>message</c> of an error in either shape.</summary>
    public static async Task<string?> MessageAsync(this HttpResponseMessage answer) => (await answer.ObjectAsync()).Text("message");

    public static StringContent Raw(string json) => new(json, System.Text.Encoding.UTF8, "application/json");
}
