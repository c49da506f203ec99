using System.Runtime.InteropServices;
using System.Text.Json;

namespace Hub.Kernels;

/// <summary>One open comm: whose it is and, of a widget, the state it has by everything that was said of it, field by field.</summary>
/// <param name="target">Its <c>target_name</c>.</param>
internal sealed class OpenComm(string target)
{
    private readonly Dictionary<string, Field> _fields = new(StringComparer.Ordinal);

    public string Target { get; } = target;

    /// <summary>Bytes its state takes.</summary>
    public long Bytes { get; private set; }

    /// <summary>Its state was too large, or could not be read: only the kernel knows it.</summary>
    public bool IsLost { get; private set; }

    /// <summary>A widget's state names the class it is of; without that a page can make nothing of it.</summary>
    public bool IsWidget => _fields.ContainsKey("_model_name");

    /// <summary>
    /// Takes over the fields of <c>data.state</c> and the buffers <c>data.buffer_paths</c> puts in them (a path begins with a field's name and names
    /// a place that <c>state</c> left empty). Everything is copied: the message may lie in a buffer that is used again.
    /// </summary>
    /// <returns>False when paths and buffers do not fit each other, or a name is no text.</returns>
    public bool Merge(JsonElement data, IReadOnlyList<ReadOnlyMemory<byte>> buffers)
    {
        try
        {
            return TryMerge(data, buffers);
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair.
            return false;
        }
    }

    /// <summary>Lets go of the state, of which something is missing from now on.</summary>
    public void Lose()
    {
        _fields.Clear();
        (Bytes, IsLost) = (0, true);
    }

    /// <summary>Writes <c>"name": value</c> of this field of the state, under another name; nothing when it has none.</summary>
    public void WriteField(Utf8JsonWriter to, string field, string name)
    {
        if (!_fields.TryGetValue(field, out Field? known) || known.Json is null)
            return;
        to.WritePropertyName(name);
        to.WriteRawValue(known.Json, skipInputValidation: true);
    }

    /// <summary>Writes <c>"state": {…}</c> without what is in buffers.</summary>
    public void WriteState(Utf8JsonWriter to)
    {
        to.WriteStartObject("state");
        foreach (string name in _fields.Keys)
            WriteField(to, name, name);
        to.WriteEndObject();
    }

    /// <summary>Writes the path of each buffer, and hands over the buffers in the same order.</summary>
    /// <param name="to">An array is open.</param>
    /// <param name="before">What each path begins with.</param>
    /// <param name="buffers">Where the buffers go.</param>
    public void WritePaths(Utf8JsonWriter to, ReadOnlySpan<string> before, List<ReadOnlyMemory<byte>> buffers)
    {
        foreach ((byte[][] path, byte[] bytes) in _fields.Values.SelectMany(field => field.Buffers))
        {
            to.WriteStartArray();
            foreach (string step in before)
                to.WriteStringValue(step);
            foreach (byte[] step in path)
                to.WriteRawValue(step, skipInputValidation: true);
            to.WriteEndArray();
            buffers.Add(bytes);
        }
    }

    private bool TryMerge(JsonElement data, IReadOnlyList<ReadOnlyMemory<byte>> buffers)
    {
        Dictionary<string, Field> changed = new(StringComparer.Ordinal);
        if (data.TryGetProperty("state", out JsonElement state) && state.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty field in state.EnumerateObject())
                changed[field.Name] = new Field(RawOf(field.Value), []);
        }

        bool hasPaths = data.TryGetProperty("buffer_paths", out JsonElement paths) && paths.ValueKind == JsonValueKind.Array;
        if ((hasPaths ? paths.GetArrayLength() : 0) != buffers.Count)
            return false;
        for (int i = 0; i < buffers.Count; i++)
        {
            if (paths[i] is not { ValueKind: JsonValueKind.Array } path || path.GetArrayLength() == 0 || path[0].ValueKind != JsonValueKind.String)
                return false;
            string name = path[0].GetString()!;
            Field field = changed.GetValueOrDefault(name) ?? new Field(null, []);
            field.Buffers.Add(([.. path.EnumerateArray().Select(RawOf)], buffers[i].ToArray()));
            changed[name] = field;
        }

        foreach ((string name, Field field) in changed)
        {
            Bytes += field.BytesOf(name) - (_fields.TryGetValue(name, out Field? before) ? before.BytesOf(name) : 0);
            _fields[name] = field;
        }

        return true;
    }

    private static byte[] RawOf(JsonElement value) => JsonMarshal.GetRawUtf8Value(value).ToArray();

    /// <param name="Json">Null when the field is nothing but a buffer.</param>
    /// <param name="Buffers">Each with the steps of its path, as JSON.</param>
    private sealed record Field(byte[]? Json, List<(byte[][] Path, byte[] Bytes)> Buffers)
    {
        public long BytesOf(string name) => 2L * name.Length + (Json?.Length ?? 0) + Buffers.Sum(buffer => buffer.Bytes.Length + buffer.Path.Sum(step => (long)step.Length));
    }
}
