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
        RespectNullableAnnotations = true,
        MaxDepth = 16,
    };

    public static JsonObject Write(KernelSpecOptions settings) => JsonSerializer.SerializeToNode(settings, s_options)!.AsObject();

    private static readonly HashSet<string> s_known = [.. Write(new KernelSpecOptions()).Select(member => member.Key)];

    /// <exception cref="JsonException">A field is unknown or of another kind; the message names it.</exception>
    public static KernelSpecOptions Read(JsonObject settings)
    {
        if (settings.Select(member => member.Key).FirstOrDefault(key => !s_known.Contains(key)) is { } unknown)
            throw new JsonException($"there is no setting {unknown}; there are {string.Join(", ", s_known.Order(StringComparer.Ordinal))}");
        // What is not said has its default; a null in a list means nothing at all.
        JsonObject said = new(settings.Where(member => member.Value is not null).Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone())));
        if (said.FirstOrDefault(member => HoldsNull(member.Value)).Key is { } empty)
            throw new JsonException($"{empty} holds a null");
        try
        {
            return said.Deserialize<KernelSpecOptions>(s_options) ?? new KernelSpecOptions();
        }
        catch (JsonException wrong)
        {
            throw new JsonException($"{wrong.Path?.TrimStart('$', '.') ?? "something"} is not of the kind that belongs there", wrong);
        }
    }

    private static bool HoldsNull(JsonNode? node) => node switch
    {
        null => true,
        JsonArray list => list.Any(HoldsNull),
        JsonObject members => members.Any(member => HoldsNull(member.Value)),
        _ => false,
    };
}
