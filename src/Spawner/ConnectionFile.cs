using System.Text.Json;
using System.Text.Json.Nodes;

namespace Spawner;

/// <summary>
/// The connection file a kernel is given (messaging specification, "Connection files"), always with Unix sockets: the ports are
/// numbers appended to a path prefix, so they are known beforehand and nobody races for them.
/// </summary>
internal static class ConnectionFile
{
    public const string Name = "connection.json";

    /// <summary>
    /// Directory of the file inside the shared one. It stays the kernel's when the shared one is sealed: ipykernel removes and writes
    /// its connection file anew just after it made its sockets.
    /// </summary>
    public const string Folder = "file";

    /// <summary>Path of the file for the kernel, which sees the shared directory at <paramref name="directory"/>.</summary>
    public static string PathIn(string directory) => $"{directory}/{Folder}/{Name}";

    /// <summary>Last part of the path prefix: the sockets are called <c>k-1</c> to <c>k-5</c>.</summary>
    public const string Prefix = "k";

    /// <summary>A Unix socket's path in bytes may not be longer (<c>sun_path</c> less its final zero).</summary>
    public const int MaxSocketPathBytes = 107;

    /// <summary>Longest connection file read back from a kernel's directory.</summary>
    public const int MaxBytes = 16 * 1024;

    private const int Shell = 1, IOPub = 2, Stdin = 3, Control = 4, Heartbeat = 5;

    /// <summary>Names of the five sockets.</summary>
    public static IReadOnlyList<string> SocketNames { get; } = [.. Enumerable.Range(Shell, Heartbeat).Select(port => $"{Prefix}-{port}")];

    /// <summary>Names of those that must exist before a program of that kind counts as started.</summary>
    public static IReadOnlyList<string> SocketNamesOf(SpawnPurpose purpose) => purpose == SpawnPurpose.Terminal ? s_terminal : SocketNames;

    private static readonly string[] s_terminal = [$"{Prefix}-{Shell}"];

    /// <summary>The file for the kernel, which sees the shared directory at <paramref name="directory"/>.</summary>
    public static byte[] Write(string directory, string key, string kernelName) => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["transport"] = "ipc",
        ["ip"] = $"{directory}/{Prefix}",
        ["shell_port"] = Shell,
        ["iopub_port"] = IOPub,
        ["stdin_port"] = Stdin,
        ["control_port"] = Control,
        ["hb_port"] = Heartbeat,
        ["key"] = key,
        ["signature_scheme"] = "hmac-sha256",
        ["kernel_name"] = kernelName,
    });

    /// <summary>The endpoint for the hub, which sees the shared directory at <paramref name="directory"/>.</summary>
    public static KernelEndpoint Endpoint(string directory, string key) =>
        new("ipc", $"{directory}/{Prefix}", Shell, Control, IOPub, Stdin, Heartbeat, key);

    /// <summary>Only the key: everything else is known, and a kernel that rewrote its file must not lead the hub to another place.</summary>
    public static string? ReadKey(ReadOnlySpan<byte> content)
    {
        try
        {
            Utf8JsonReader reader = new(content);
            return JsonNode.Parse(ref reader) is JsonObject file && file["key"] is JsonValue key && key.TryGetValue(out string? text) ? text : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
