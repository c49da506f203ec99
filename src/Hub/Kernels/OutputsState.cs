using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hub.Journal;
using Wire.Jupyter;

namespace Hub.Kernels;

/// <summary>
/// Folds what a kernel said into the outputs a notebook file would hold (nbformat 4): successive stream text is one output, <c>clear_output</c>
/// clears at once or with the next output, <c>update_display_data</c> changes every output of that display, whichever cell made it.
/// </summary>
internal sealed class OutputsState
{
    private readonly Dictionary<string, Folded> _executions;
    private readonly Dictionary<string, List<JsonObject>> _displays = [];
    private readonly long _maxBytes;
    private long _bytes;

    /// <param name="ids">The executions whose outputs are wanted.</param>
    /// <param name="maxBytes">Bytes of outputs that are held at most; what is beyond is left out.</param>
    public OutputsState(IEnumerable<string> ids, long maxBytes)
    {
        _executions = ids.ToDictionary(id => id, _ => new Folded());
        _maxBytes = maxBytes;
    }

    /// <summary>The outputs of an execution, and whether some were left out.</summary>
    public (JsonArray Outputs, bool IsTruncated) Of(string id)
    {
        Folded folded = _executions[id];
        folded.CloseStream();
        return (new JsonArray([.. folded.Outputs.Select(output => output.DeepClone())]), folded.IsTruncated);
    }

    public void Apply(JournalEntry entry)
    {
        KernelMessage said = entry.Message;
        if (entry.Kind != JournalKind.Said || said.Channel != KernelChannel.IOPub)
            return;
        // A display may be updated from any cell, wanted or not.
        if (said.MessageType == MessageTypes.UpdateDisplayData)
            Update(said);
        else if (_executions.TryGetValue(said.ParentMessageId, out Folded? folded))
            Add(folded, said);
    }

    private void Add(Folded folded, KernelMessage said)
    {
        if (said.MessageType is not (MessageTypes.Stream or MessageTypes.DisplayData or MessageTypes.ExecuteResult or MessageTypes.Error or MessageTypes.ClearOutput))
            return;
        if (Parse(said) is not { } content)
            return;
        if (said.MessageType == MessageTypes.ClearOutput)
        {
            if (content["wait"] is JsonValue wait && wait.TryGetValue(out bool later) && later)
                folded.ClearsNext = true;
            else
                Clear(folded);
            return;
        }

        if (folded.ClearsNext)
            Clear(folded);
        if (_bytes + said.Content.Length > _maxBytes)
        {
            folded.IsTruncated = true;
            return;
        }

        _bytes += said.Content.Length;
        folded.Bytes += said.Content.Length;
        if (said.MessageType == MessageTypes.Stream)
            folded.AddStream(Text(content, "name"), Text(content, "text"));
        else
            AddOutput(folded, said.MessageType, content);
    }

    private void AddOutput(Folded folded, string type, JsonObject content)
    {
        JsonObject output = new() { ["output_type"] = type };
        string[] fields = type == MessageTypes.Error ? ["ename", "evalue", "traceback"] : type == MessageTypes.ExecuteResult ? ["execution_count", "data", "metadata"] : ["data", "metadata"];
        foreach (string field in fields)
            output[field] = content[field]?.DeepClone();
        folded.Add(output);
        if (DisplayOf(content) is not { } display)
            return;
        if (!_displays.TryGetValue(display, out List<JsonObject>? outputs))
            _displays[display] = outputs = [];
        outputs.Add(output);
    }

    private void Update(KernelMessage said)
    {
        if (Parse(said) is not { } content || DisplayOf(content) is not { } display || !_displays.TryGetValue(display, out List<JsonObject>? outputs))
            return;
        if (_bytes + said.Content.Length > _maxBytes)
        {
            if (_executions.TryGetValue(said.ParentMessageId, out Folded? folded))
                folded.IsTruncated = true;
            return;
        }

        foreach (JsonObject output in outputs)
        {
            output["data"] = content["data"]?.DeepClone();
            output["metadata"] = content["metadata"]?.DeepClone();
        }
    }

    private void Clear(Folded folded)
    {
        _bytes -= folded.Bytes;
        folded.Clear();
    }

    private static string? DisplayOf(JsonObject content) => content["transient"] is JsonObject transient && transient["display_id"] is JsonValue id && id.TryGetValue(out string? text) ? text : null;

    private static string Text(JsonObject content, string name) => content[name] is JsonValue value && value.TryGetValue(out string? text) ? text : "";

    private static JsonObject? Parse(KernelMessage said)
    {
        try
        {
            return JsonNode.Parse(said.Content.Span) as JsonObject;
        }
        catch (JsonException)
        {
            // A kernel may write anything; a notebook could not keep it either.
            return null;
        }
    }

    /// <summary>The outputs of one execution so far.</summary>
    private sealed class Folded
    {
        private readonly StringBuilder _text = new();
        private JsonObject? _stream;

        public List<JsonObject> Outputs { get; } = [];

        public bool ClearsNext { get; set; }

        public bool IsTruncated { get; set; }

        public long Bytes { get; set; }

        public void AddStream(string name, string text)
        {
            if (_stream?["name"]!.GetValue<string>() != name)
            {
                CloseStream();
                _stream = new JsonObject { ["output_type"] = MessageTypes.Stream, ["name"] = name };
                Outputs.Add(_stream);
            }

            _text.Append(text);
        }

        public void Add(JsonObject output)
        {
            CloseStream();
            Outputs.Add(output);
        }

        public void CloseStream()
        {
            if (_stream is not null)
                _stream["text"] = _text.ToString();
            _stream = null;
            _text.Clear();
        }

        public void Clear()
        {
            Outputs.Clear();
            _stream = null;
            _text.Clear();
            (Bytes, ClearsNext, IsTruncated) = (0, false, false);
        }
    }
}
