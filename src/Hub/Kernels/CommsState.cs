using System.Buffers;
using System.Text.Json;
using Hub.Journal;
using Wire.Jupyter;

namespace Hub.Kernels;

/// <summary>
/// The open comms of a kernel and the state of its widgets, by all that kernel and tabs said of them (messaging spec, "Custom messages"; widget
/// protocol 2.1 and its control comm 1.0). A kernel answers nobody while it runs a cell: from this the hub answers a page that is
/// loaded meanwhile. Fed entry by entry of the journal.
/// </summary>
/// <remarks>
/// What it cannot know in full it does not answer; that is left to the kernel, which is always right. The widgets of a kernel refer to each other,
/// so a question about all of them is answered only when each of them is known.
/// </remarks>
/// <param name="maxComms">As many comms are kept at most.</param>
/// <param name="maxBytes">As many bytes of state at most, all comms together.</param>
/// <param name="isComplete">Whether it is fed from the start of the kernel's process; else it knows nothing until one starts.</param>
internal sealed class CommsState(int maxComms, long maxBytes, bool isComplete = true)
{
    private const string Widget = "jupyter.widget";
    private const string Control = "jupyter.widget.control";

    // Questions are short; what is longer is none, and not worth looking at twice.
    private const int LongestQuestion = 4_096;

    private readonly Dictionary<string, OpenComm> _open = new(StringComparer.Ordinal);
    private long _bytes;
    private int _lost;
    private bool _isComplete = isComplete;

    /// <summary>Something of this process's comms did not fit the limits, or could not be read.</summary>
    public bool LeavesOut { get; private set; }

    public void Apply(JournalEntry entry)
    {
        KernelMessage message = entry.Message;
        if (entry.Kind == JournalKind.Note)
            Note(message);
        else if (entry.Recipient is null && message.Channel is KernelChannel.IOPub or KernelChannel.Shell && message.MessageType is MessageTypes.CommOpen or MessageTypes.CommMessage or MessageTypes.CommClose)
            Hear(message);
    }

    /// <summary>Something may have been said that did not come here: from now on only the kernel knows.</summary>
    public void Doubt()
    {
        Clear();
        _isComplete = false;
    }

    /// <summary>The kernel's process is no more, and its comms with it.</summary>
    public void Clear()
    {
        _open.Clear();
        (_bytes, _lost, _isComplete, LeavesOut) = (0, 0, true, false);
    }

    /// <summary>What the kernel would answer; null when this is no question about comms, or only the kernel knows.</summary>
    public CommAnswer? Answer(KernelMessage asked)
    {
        if (!_isComplete || asked.Channel != KernelChannel.Shell || asked.Content.Length > LongestQuestion || asked.MessageType is not (MessageTypes.CommInfoRequest or MessageTypes.CommMessage))
            return null;
        using JsonDocument? content = Parse(asked.Content);
        if (content is null)
            return null;
        if (asked.MessageType == MessageTypes.CommInfoRequest)
            return Info(Text(content.RootElement, "target_name"));
        if (!_open.TryGetValue(Text(content.RootElement, "comm_id") ?? "", out OpenComm? comm) || !TryGet(content.RootElement, "data", out JsonElement data))
            return null;
        string id = Text(content.RootElement, "comm_id")!;
        return Text(data, "method") switch
        {
            "request_states" when comm.Target == Control && _lost == 0 => States(id),
            "request_state" when comm is { Target: Widget, IsLost: false, IsWidget: true } => State(id, comm),
            _ => null,
        };
    }

    private void Note(KernelMessage note)
    {
        if (RestoreState.IsNote(note, RestoreState.KernelStarted))
            Clear();
        else if (RestoreState.IsNote(note, RestoreState.OutputMissing))
            Doubt();
    }

    private void Hear(KernelMessage said)
    {
        if (!_isComplete || (_open.Count == 0 && said.MessageType != MessageTypes.CommOpen))
            return;
        // Not worth reading: it would not fit.
        using JsonDocument? content = said.Content.Length > maxBytes ? null : Parse(said.Content);
        string? id = content is null ? null : Text(content.RootElement, "comm_id");
        if (content is null || id is { Length: > MessageFacts.MaxIdLength })
        {
            LeaveOut();
            return;
        }

        // The kernel can make nothing of it either.
        if (id is null)
            return;
        if (said.MessageType == MessageTypes.CommClose)
            Close(id);
        else if (said.MessageType == MessageTypes.CommOpen)
            Open(id, said, content.RootElement);
        else if (_open.TryGetValue(id, out OpenComm? comm) && TryGet(content.RootElement, "data", out JsonElement data) && Text(data, "method") is "update" or "echo_update")
            Merge(comm, data, said);
    }

    private void Open(string id, KernelMessage said, JsonElement content)
    {
        Close(id);
        if (_open.Count >= maxComms)
        {
            LeaveOut();
            return;
        }

        OpenComm comm = new(Text(content, "target_name") ?? "");
        _open[id] = comm;
        _bytes += CostOf(id, comm);
        if (TryGet(content, "data", out JsonElement data))
            Merge(comm, data, said);
    }

    private void Merge(OpenComm comm, JsonElement data, KernelMessage said)
    {
        if (comm.Target != Widget || comm.IsLost)
            return;
        long before = comm.Bytes;
        bool isReadable = said.Size <= maxBytes && comm.Merge(data, said.Buffers);
        _bytes += comm.Bytes - before;
        if (isReadable && _bytes <= maxBytes)
            return;
        _bytes -= comm.Bytes;
        comm.Lose();
        _lost++;
        LeavesOut = true;
    }

    private void LeaveOut()
    {
        Doubt();
        LeavesOut = true;
    }

    private void Close(string id)
    {
        if (!_open.Remove(id, out OpenComm? closed))
            return;
        _bytes -= CostOf(id, closed) + closed.Bytes;
        _lost -= closed.IsLost ? 1 : 0;
    }

    private CommAnswer Info(string? target)
    {
        ArrayBufferWriter<byte> content = new();
        using (Utf8JsonWriter json = new(content))
        {
            json.WriteStartObject();
            json.WriteString("status", "ok");
            json.WriteStartObject("comms");
            foreach ((string id, OpenComm comm) in _open)
            {
                if (target is not null && comm.Target != target)
                    continue;
                json.WriteStartObject(id);
                json.WriteString("target_name", comm.Target);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return new CommAnswer(KernelChannel.Shell, MessageTypes.CommInfoReply, content.WrittenMemory, []);
    }

    private CommAnswer States(string id) => Message(id, "update_states", (json, buffers) =>
    {
        (string Id, OpenComm Comm)[] widgets = [.. _open.Where(open => open.Value is { Target: Widget, IsWidget: true }).Select(open => (open.Key, open.Value))];
        json.WriteStartObject("states");
        foreach ((string widget, OpenComm comm) in widgets)
        {
            json.WriteStartObject(widget);
            foreach (string name in (ReadOnlySpan<string>)["model_name", "model_module", "model_module_version"])
                comm.WriteField(json, "_" + name, name);
            comm.WriteState(json);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteStartArray("buffer_paths");
        foreach ((string widget, OpenComm comm) in widgets)
            comm.WritePaths(json, [widget, "state"], buffers);
        json.WriteEndArray();
    });

    private static CommAnswer State(string id, OpenComm comm) => Message(id, "update", (json, buffers) =>
    {
        comm.WriteState(json);
        json.WriteStartArray("buffer_paths");
        comm.WritePaths(json, [], buffers);
        json.WriteEndArray();
    });

    private static CommAnswer Message(string id, string method, Action<Utf8JsonWriter, List<ReadOnlyMemory<byte>>> write)
    {
        ArrayBufferWriter<byte> content = new();
        List<ReadOnlyMemory<byte>> buffers = [];
        using (Utf8JsonWriter json = new(content))
        {
            json.WriteStartObject();
            json.WriteString("comm_id", id);
            json.WriteStartObject("data");
            json.WriteString("method", method);
            write(json, buffers);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return new CommAnswer(KernelChannel.IOPub, MessageTypes.CommMessage, content.WrittenMemory, buffers);
    }

    private static long CostOf(string id, OpenComm comm) => 2L * (id.Length + comm.Target.Length);

    private static JsonDocument? Parse(ReadOnlyMemory<byte> content)
    {
        try
        {
            return JsonDocument.Parse(content, new JsonDocumentOptions { MaxDepth = 256 });
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool TryGet(JsonElement from, string name, out JsonElement value)
    {
        value = default;
        return from.ValueKind == JsonValueKind.Object && from.TryGetProperty(name, out value) && value.ValueKind == JsonValueKind.Object;
    }

    private static string? Text(JsonElement from, string name)
    {
        try
        {
            return from.ValueKind == JsonValueKind.Object && from.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair.
            return null;
        }
    }
}
