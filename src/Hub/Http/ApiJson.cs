using System.Text.Encodings.Web;
using System.Text.Json;

namespace Hub.Http;

/// <summary>How JSON is written and read on both APIs: snake_case names, nulls written (clients test for them), nothing escaped that need not be.</summary>
public static class ApiJson
{
    public static JsonSerializerOptions Options { get; } = Apply(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    internal static JsonSerializerOptions Apply(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        // Answers carry nosniff and application/json, so there is no HTML context to escape for.
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.MaxDepth = 128;
        return options;
    }
}
