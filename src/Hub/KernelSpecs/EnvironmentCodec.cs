using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Spawner;

namespace Hub.KernelSpecs;

/// <summary>Settings of an environment as JSON: the names of <c>Kernels:Specs</c> in snake_case, on the API and in the database alike (pure).</summary>
public static class EnvironmentCodec
{
    private static readonly JsonSerializerOptions s_options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter<InterruptMode>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
        MaxDepth = 16,
    };

    public static JsonObject Write(KernelSpecOptions settings) => JsonSerializer.SerializeToNode(settings, s_options)!.AsObject();

    /// <exception cref="JsonException">A field is unknown or of another kind; the message names it.</exception>
    public static KernelSpecOptions Read(JsonObject settings)
    {
        // A null would take the place of an empty list: what is not said has its default.
        JsonObject said = new(settings.Where(member => member.Value is not null).Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone())));
        return said.Deserialize<KernelSpecOptions>(s_options) ?? new KernelSpecOptions();
    }
}
