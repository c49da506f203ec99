using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spawner;

namespace Hub.KernelSpecs;

/// <summary>Reads a <c>kernel.json</c> (https://jupyter-client.readthedocs.io/en/stable/kernels.html#kernel-specs) without trusting it.</summary>
internal static class KernelJsonCodec
{
    /// <summary>The kernelspec, or in <paramref name="problem"/> what is wrong with the file, in a sentence.</summary>
    public static bool TryRead(string name, string? directory, byte[] json, [NotNullWhen(true)] out KernelSpec? spec, [NotNullWhen(false)] out string? problem)
    {
        spec = null;
        try
        {
            if (JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { MaxDepth = 32 }) is not JsonObject file)
                problem = "it is not a JSON object";
            else if (file["argv"] is not JsonArray { Count: > 0 } argv || argv.Any(one => one?.GetValueKind() is not JsonValueKind.String))
                problem = "argv is not a list of strings";
            else if (Text(file, "display_name") is not { Length: > 0 } displayName)
                problem = "display_name is missing";
            else if (InterruptModeOf(Text(file, "interrupt_mode")) is not { } interruptMode)
                problem = "interrupt_mode is neither signal nor message";
            else
            {
                problem = null;
                spec = new KernelSpec
                {
                    Name = name,
                    DisplayName = displayName,
                    Language = Text(file, "language") ?? "",
                    Argv = [.. argv.Select(one => one!.GetValue<string>())],
                    Environment = EnvironmentOf(file["env"] as JsonObject),
                    InterruptMode = interruptMode,
                    Metadata = (file["metadata"] as JsonObject)?.DeepClone().AsObject() ?? [],
                    ProtocolVersion = Text(file, "kernel_protocol_version"),
                    ResourceDirectory = directory,
                };
                return true;
            }
        }
        catch (Exception wrong) when (wrong is JsonException or ArgumentException) // ArgumentException: a key twice
        {
            problem = "it is not JSON: " + wrong.Message;
        }
        return false;
    }

    private static InterruptMode? InterruptModeOf(string? word) => word switch
    {
        null or "" or "signal" => InterruptMode.Signal,
        "message" => InterruptMode.Message,
        _ => null,
    };

    private static Dictionary<string, string> EnvironmentOf(JsonObject? members) =>
        members?.Where(one => one.Value?.GetValueKind() is JsonValueKind.String)
            .ToDictionary(one => one.Key, one => one.Value!.GetValue<string>(), StringComparer.Ordinal) ?? [];

    private static string? Text(JsonObject file, string key) =>
        file[key] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
}
