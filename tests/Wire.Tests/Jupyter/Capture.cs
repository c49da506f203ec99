using System.Text;
using System.Text.Json;
using Wire.Jupyter;

namespace Wire.Tests.Jupyter;

/// <summary>A recorded conversation with a real kernel; Captures/record.py made it and describes the format.</summary>
internal sealed class Capture
{
    private Capture(string name)
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Captures", name + ".jsonl"));
        using var head = JsonDocument.Parse(lines[0]);
        Key = head.RootElement.GetProperty("key").GetString()!;
        Session = head.RootElement.GetProperty("session").GetString()!;
        Entries = [.. lines.Skip(1).Select(Read).Where(entry => entry.Channel != KernelChannel.Heartbeat)];
    }

    public string Key { get; }

    /// <summary>The recorder's own session: identity and <c>header.session</c> of what it sent.</summary>
    public string Session { get; }

    /// <summary>All multipart messages in order, both ways; heartbeats are left out.</summary>
    public IReadOnlyList<Entry> Entries { get; }

    public static Capture Of(string name) => new(name);

    /// <summary>Every message of the kernel, verified.</summary>
    public IEnumerable<(Entry Entry, KernelMessage Message)> FromKernel()
    {
        using var signer = new MessageSigner(Key);
        foreach (var entry in Entries.Where(entry => entry.FromKernel))
        {
            yield return ZmqMessageCodec.TryDecode(entry.Frames, entry.Channel, signer, MessageLimits.Default, out var message, out var fault)
                ? (entry, message)
                : throw new InvalidDataException($"{entry.Step}: {fault}");
        }
    }

    /// <summary>The messages of the kernel in one step of the conversation.</summary>
    public List<KernelMessage> Step(string step) => [.. FromKernel().Where(each => each.Entry.Step == step).Select(each => each.Message)];

    internal static byte[] Frame(JsonElement frame) =>
        frame.ValueKind == JsonValueKind.String ? Encoding.UTF8.GetBytes(frame.GetString()!) : frame.GetProperty("base64").GetBytesFromBase64();

    internal static KernelChannel Channel(JsonElement line) =>
        KernelChannels.TryParse(Encoding.UTF8.GetBytes(line.GetProperty("channel").GetString()!), out var channel) ? channel : throw new InvalidDataException("channel");

    private static Entry Read(string line)
    {
        using var json = JsonDocument.Parse(line);
        var root = json.RootElement;
        return new Entry(
            root.GetProperty("way").GetString() == "in",
            Channel(root),
            root.GetProperty("step").GetString()!,
            [.. root.GetProperty("frames").EnumerateArray().Select(frame => (ReadOnlyMemory<byte>)Frame(frame))]);
    }

    internal sealed record Entry(bool FromKernel, KernelChannel Channel, string Step, ReadOnlyMemory<byte>[] Frames);
}
