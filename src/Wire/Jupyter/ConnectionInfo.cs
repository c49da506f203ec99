using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Wire.Zmtp.Curve;

namespace Wire.Jupyter;

/// <summary>Where a kernel listens and how its messages are signed: the connection file (messaging spec, "Connection files").</summary>
/// <param name="Transport"><c>tcp</c> or <c>ipc</c>.</param>
/// <param name="Ip">tcp: the address; ipc: the path prefix to which <c>-{port}</c> is appended.</param>
/// <param name="ShellPort">0: the kernel chooses and rewrites the file; so with every port.</param>
/// <param name="Key">Text whose UTF-8 bytes key the HMAC; empty switches signing off.</param>
/// <param name="SignatureScheme"><c>hmac-sha256</c> unless a kernel says otherwise.</param>
public sealed record ConnectionInfo(
    string Transport,
    string Ip,
    int ShellPort,
    int ControlPort,
    int IOPubPort,
    int StdinPort,
    int HeartbeatPort,
    string Key,
    string SignatureScheme = "hmac-sha256")
{
    private const int MaxJsonDepth = 32;

    /// <summary>
    /// The kernel's public CURVE key in Z85 (<c>curve_publickey</c>, as jupyter_client 8.9 and ipykernel 7.3 name it): all its sockets are CURVE servers with
    /// it. Null: they speak NULL.
    /// </summary>
    public string? CurvePublicKey { get; init; }

    /// <summary>Its secret half (<c>curve_secretkey</c>), which the launcher makes. Clients use the same pair as their own, so that who may read the file may connect.</summary>
    public string? CurveSecretKey { get; init; }

    /// <summary>Keys of the file this class does not know (<c>kernel_name</c>, <c>jupyter_session</c>, …): read, kept and written back.</summary>
    public IReadOnlyDictionary<string, JsonElement> Others { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>Reads a connection file.</summary>
    /// <exception cref="MessageFormatException">No JSON object, or a key has an impossible value; the text names the key.</exception>
    public static ConnectionInfo Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxJsonDepth });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new MessageFormatException("connection file is not an object");
            return Read(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new MessageFormatException($"connection file is not JSON: {e.Message}", e);
        }
        catch (InvalidOperationException e)
        {
            throw new MessageFormatException("connection file holds a string that is no text", e);
        }
    }

    /// <summary>The connection file as indented JSON.</summary>
    public byte[] ToJson()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("transport"u8, Transport);
            json.WriteString("ip"u8, Ip);
            json.WriteNumber("shell_port"u8, ShellPort);
            json.WriteNumber("iopub_port"u8, IOPubPort);
            json.WriteNumber("stdin_port"u8, StdinPort);
            json.WriteNumber("control_port"u8, ControlPort);
            json.WriteNumber("hb_port"u8, HeartbeatPort);
            json.WriteString("key"u8, Key);
            json.WriteString("signature_scheme"u8, SignatureScheme);
            if (CurvePublicKey is not null)
                json.WriteString("curve_publickey"u8, CurvePublicKey);
            if (CurveSecretKey is not null)
                json.WriteString("curve_secretkey"u8, CurveSecretKey);
            foreach (var (name, value) in Others)
            {
                json.WritePropertyName(name);
                value.WriteTo(json);
            }

            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    /// <summary>The same with a fresh CURVE key pair, for a kernel whose kernelspec has <c>metadata.supported_encryption: "curve"</c> (or a list with it). Keep it over restarts of the kernel.</summary>
    /// <exception cref="NotSupportedException">libsodium is not installed.</exception>
    public ConnectionInfo WithFreshCurveKeys()
    {
        using var pair = CurveKeyPair.Generate();
        return this with { CurvePublicKey = pair.PublicText, CurveSecretKey = pair.SecretText };
    }

    /// <summary>The port of a channel.</summary>
    public int Port(KernelChannel channel) => channel switch
    {
        KernelChannel.Shell => ShellPort,
        KernelChannel.Control => ControlPort,
        KernelChannel.IOPub => IOPubPort,
        KernelChannel.Stdin => StdinPort,
        KernelChannel.Heartbeat => HeartbeatPort,
        _ => throw new ArgumentOutOfRangeException(nameof(channel)),
    };

    /// <summary>Where a channel listens, as ZeroMQ spells it: <c>tcp://{ip}:{port}</c> (IPv6 in brackets) or <c>ipc://{prefix}-{port}</c>.</summary>
    public string Url(KernelChannel channel)
    {
        if (Transport == "ipc")
            return string.Create(CultureInfo.InvariantCulture, $"ipc://{Ip}-{Port(channel)}");
        var host = !Ip.StartsWith('[') && IPAddress.TryParse(Ip, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{Ip}]" : Ip;
        return string.Create(CultureInfo.InvariantCulture, $"tcp://{host}:{Port(channel)}");
    }

    /// <summary>The record without its key: connection info ends up in logs.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Transport} {Ip} {ShellPort} {ControlPort} {IOPubPort} {StdinPort} {HeartbeatPort} {SignatureScheme}");

    private static ConnectionInfo Read(JsonElement root)
    {
        string transport = "tcp", ip = "", key = "", scheme = "hmac-sha256";
        string? curvePublic = null, curveSecret = null;
        int shell = 0, control = 0, iopub = 0, stdin = 0, heartbeat = 0;
        var others = new Dictionary<string, JsonElement>();
        foreach (var property in root.EnumerateObject())
        {
            switch (property.Name)
            {
                case "transport": transport = Text(property); break;
                case "ip": ip = Text(property); break;
                case "key": key = Text(property); break;
                case "signature_scheme": scheme = Text(property); break;
                case "curve_publickey": curvePublic = CurveKey(property); break;
                case "curve_secretkey": curveSecret = CurveKey(property); break;
                case "shell_port": shell = Port(property); break;
                case "control_port": control = Port(property); break;
                case "iopub_port": iopub = Port(property); break;
                case "stdin_port": stdin = Port(property); break;
                case "hb_port": heartbeat = Port(property); break;
                default: others[property.Name] = property.Value.Clone(); break;
            }
        }

        if (transport is not ("tcp" or "ipc"))
            throw new MessageFormatException($"transport '{transport}' is neither tcp nor ipc");
        if (curvePublic is null && curveSecret is not null)
            throw new MessageFormatException("curve_secretkey is there and curve_publickey is not");
        return new ConnectionInfo(transport, ip, shell, control, iopub, stdin, heartbeat, key, scheme)
        {
            CurvePublicKey = curvePublic,
            CurveSecretKey = curveSecret,
            Others = others,
        };
    }

    private static string Text(JsonProperty property) =>
        property.Value.ValueKind == JsonValueKind.String
            ? property.Value.GetString()!
            : throw new MessageFormatException($"{property.Name} is not a string");

    // A secret may be among them, so no text of theirs is told.
    private static string? CurveKey(JsonProperty property)
    {
        if (property.Value.ValueKind == JsonValueKind.Null || Text(property) is not { Length: > 0 } text)
            return null;
        Span<byte> key = stackalloc byte[CurveKeyPair.KeyBytes];
        return CurveKeyPair.TryReadKey(text, key) ? text : throw new MessageFormatException($"{property.Name} is not 32 bytes in Z85 (40 characters)");
    }

    // Some tools write ports as strings.
    private static int Port(JsonProperty property)
    {
        var value = property.Value;
        var known = value.ValueKind switch
        {
            JsonValueKind.Number => value.TryGetInt32(out var number) ? number : -1,
            JsonValueKind.String => int.TryParse(value.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1,
            JsonValueKind.Null => 0,
            _ => -1,
        };
        return known is >= 0 and <= 65535 ? known : throw new MessageFormatException($"{property.Name} is not a port number");
    }
}
