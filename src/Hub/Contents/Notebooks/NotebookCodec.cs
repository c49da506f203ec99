using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Hub.Contents.Notebooks;

/// <summary>
/// The two forms of a notebook (nbformat 4): on disk multi-line texts are lists of lines, keys sorted, indented by one, so that version control shows
/// what changed; on the API a text is one string. Both directions copy strings in their escaped form. What is written to disk is byte for byte what
/// Jupyter would write.
/// </summary>
internal static class NotebookCodec
{
    /// <summary>How a notebook lies on disk.</summary>
    public static JsonWriterOptions FileForm { get; } = new()
    {
        Indented = true,
        IndentSize = 1,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = 1100,
        SkipValidation = true,
    };

    /// <summary>What a POST for a new notebook makes.</summary>
    public static ReadOnlySpan<byte> Empty => "{\n \"cells\": [],\n \"metadata\": {},\n \"nbformat\": 4,\n \"nbformat_minor\": 5\n}\n"u8;

    /// <summary>Writes the form on disk; marks of trust are left out, since a file could claim them for itself.</summary>
    public static void WriteFile(JsonElement notebook, Utf8JsonWriter writer) =>
        WriteSorted(notebook, writer, (name, value) =>
        {
            if (name.SequenceEqual("cells"u8) && value.ValueKind == JsonValueKind.Array)
                WriteArray(value, writer, cell => WriteFileCell(cell, writer));
            else if (name.SequenceEqual("metadata"u8))
                WriteWithout(value, writer, "signature"u8, "orig_nbformat"u8, "orig_nbformat_minor"u8);
            else
                WriteAny(value, writer, sorted: true);
        });

    /// <summary>Writes a cell in the form of the API.</summary>
    /// <param name="trusted">What code cells say of themselves; a browser runs scripts in the outputs of trusted ones only.</param>
    public static void WriteApiCell(JsonElement cell, bool trusted, Utf8JsonWriter writer)
    {
        if (cell.ValueKind != JsonValueKind.Object)
        {
            WriteAny(cell, writer, sorted: false);
            return;
        }
        bool isCode = Is(cell, "cell_type"u8, "code"u8);
        writer.WriteStartObject();
        foreach (JsonProperty member in cell.EnumerateObject())
        {
            WriteName(member, writer);
            if (member.NameEquals("source"u8))
                WriteJoined(member.Value, writer);
            else if (member.NameEquals("metadata"u8) && isCode && member.Value.ValueKind == JsonValueKind.Object)
                WriteTrust(member.Value, trusted, writer);
            else if (member.NameEquals("attachments"u8))
                WriteMembers(member.Value, writer, attachment => WriteBundle(attachment, writer, sorted: false, WriteJoined));
            else if (member.NameEquals("outputs"u8) && member.Value.ValueKind == JsonValueKind.Array)
                WriteArray(member.Value, writer, output => WriteApiOutput(output, writer));
            else
                WriteAny(member.Value, writer, sorted: false);
        }
        writer.WriteEndObject();
    }

    /// <summary>Writes any other value as it is, without the white space around its parts.</summary>
    public static void WriteAny(JsonElement value, Utf8JsonWriter writer, bool sorted)
    {
        if (value.ValueKind == JsonValueKind.Object && sorted)
            WriteSorted(value, writer, (_, member) => WriteAny(member, writer, sorted));
        else if (value.ValueKind == JsonValueKind.Object)
            WriteMembers(value, writer, member => WriteAny(member, writer, sorted));
        else if (value.ValueKind == JsonValueKind.Array)
            WriteArray(value, writer, item => WriteAny(item, writer, sorted));
        else if (value.ValueKind == JsonValueKind.String && sorted)
            writer.WriteRawValue(JsonText.Canonical(Raw(value)).Span, skipInputValidation: true);
        else
            writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(value), skipInputValidation: true);
    }

    private static void WriteFileCell(JsonElement cell, Utf8JsonWriter writer)
    {
        if (cell.ValueKind != JsonValueKind.Object)
        {
            WriteAny(cell, writer, sorted: true);
            return;
        }
        WriteSorted(cell, writer, (name, value) =>
        {
            if (name.SequenceEqual("source"u8))
                WriteSplit(value, writer);
            else if (name.SequenceEqual("metadata"u8))
                WriteWithout(value, writer, "trusted"u8, default, default);
            else if (name.SequenceEqual("attachments"u8) && value.ValueKind == JsonValueKind.Object)
                WriteSorted(value, writer, (_, attachment) => WriteBundle(attachment, writer, sorted: true, WriteSplit));
            else if (name.SequenceEqual("outputs"u8) && value.ValueKind == JsonValueKind.Array)
                WriteArray(value, writer, output => WriteFileOutput(output, writer));
            else
                WriteAny(value, writer, sorted: true);
        });
    }

    private static void WriteFileOutput(JsonElement output, Utf8JsonWriter writer)
    {
        bool isData = IsData(output);
        bool isStream = Is(output, "output_type"u8, "stream"u8);
        if (!isData && !isStream)
        {
            WriteAny(output, writer, sorted: true);
            return;
        }
        WriteSorted(output, writer, (name, value) =>
        {
            if (isData && name.SequenceEqual("data"u8))
                WriteBundle(value, writer, sorted: true, WriteSplit);
            else if (isStream && name.SequenceEqual("text"u8))
                WriteSplit(value, writer);
            else
                WriteAny(value, writer, sorted: true);
        });
    }

    private static void WriteApiOutput(JsonElement output, Utf8JsonWriter writer)
    {
        bool isData = IsData(output);
        bool isStream = Is(output, "output_type"u8, "stream"u8);
        if (!isData && !isStream)
        {
            WriteAny(output, writer, sorted: false);
            return;
        }
        writer.WriteStartObject();
        foreach (JsonProperty member in output.EnumerateObject())
        {
            WriteName(member, writer);
            if (isData && member.NameEquals("data"u8))
                WriteBundle(member.Value, writer, sorted: false, WriteJoined);
            else if (isStream && member.NameEquals("text"u8))
                WriteJoined(member.Value, writer);
            else
                WriteAny(member.Value, writer, sorted: false);
        }
        writer.WriteEndObject();
    }

    /// <summary>One value per content type; those that are JSON themselves keep their lists.</summary>
    private static void WriteBundle(JsonElement bundle, Utf8JsonWriter writer, bool sorted, Action<JsonElement, Utf8JsonWriter> writeText)
    {
        if (bundle.ValueKind != JsonValueKind.Object)
        {
            WriteAny(bundle, writer, sorted);
            return;
        }
        writer.WriteStartObject();
        foreach (JsonProperty member in sorted ? Sorted(bundle) : bundle.EnumerateObject())
        {
            WriteName(member, writer);
            if (IsJson(member.Name))
                WriteAny(member.Value, writer, sorted);
            else
                writeText(member.Value, writer);
        }
        writer.WriteEndObject();
    }

    private static void WriteTrust(JsonElement metadata, bool trusted, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (JsonProperty member in metadata.EnumerateObject())
        {
            if (member.NameEquals("trusted"u8))
                continue;
            WriteName(member, writer);
            WriteAny(member.Value, writer, sorted: false);
        }
        writer.WriteBoolean("trusted"u8, trusted);
        writer.WriteEndObject();
    }

    private static void WriteJoined(JsonElement text, Utf8JsonWriter writer)
    {
        if (text.ValueKind != JsonValueKind.Array || text.EnumerateArray().Any(line => line.ValueKind != JsonValueKind.String))
        {
            WriteAny(text, writer, sorted: false);
            return;
        }
        int length = 2;
        foreach (JsonElement line in text.EnumerateArray())
            length += JsonMarshal.GetRawUtf8Value(line).Length - 2;
        byte[] joined = ArrayPool<byte>.Shared.Rent(length);
        joined[0] = (byte)'"';
        int at = 1;
        foreach (JsonElement line in text.EnumerateArray())
        {
            ReadOnlySpan<byte> inner = JsonMarshal.GetRawUtf8Value(line)[1..^1];
            inner.CopyTo(joined.AsSpan(at));
            at += inner.Length;
        }
        joined[at] = (byte)'"';
        writer.WriteRawValue(joined.AsSpan(0, length), skipInputValidation: true);
        ArrayPool<byte>.Shared.Return(joined);
    }

    private static void WriteSplit(JsonElement text, Utf8JsonWriter writer)
    {
        if (text.ValueKind != JsonValueKind.String)
        {
            WriteAny(text, writer, sorted: true);
            return;
        }
        ReadOnlySpan<byte> canonical = JsonText.Canonical(Raw(text)).Span;
        List<Range> lines = JsonText.Lines(canonical);
        byte[] quoted = ArrayPool<byte>.Shared.Rent(canonical.Length);
        quoted[0] = (byte)'"';
        writer.WriteStartArray();
        foreach (Range range in lines)
        {
            ReadOnlySpan<byte> line = canonical[range];
            line.CopyTo(quoted.AsSpan(1));
            quoted[line.Length + 1] = (byte)'"';
            writer.WriteRawValue(quoted.AsSpan(0, line.Length + 2), skipInputValidation: true);
        }
        writer.WriteEndArray();
        ArrayPool<byte>.Shared.Return(quoted);
    }

    private static void WriteWithout(JsonElement value, Utf8JsonWriter writer, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            WriteAny(value, writer, sorted: true);
            return;
        }
        writer.WriteStartObject();
        foreach (JsonProperty member in Sorted(value))
        {
            if (member.NameEquals(first) || (!second.IsEmpty && member.NameEquals(second)) || (!third.IsEmpty && member.NameEquals(third)))
                continue;
            WriteName(member, writer);
            WriteAny(member.Value, writer, sorted: true);
        }
        writer.WriteEndObject();
    }

    private delegate void WriteMember(ReadOnlySpan<byte> name, JsonElement value);

    private static void WriteSorted(JsonElement value, Utf8JsonWriter writer, WriteMember write)
    {
        writer.WriteStartObject();
        foreach (JsonProperty member in Sorted(value))
        {
            WriteName(member, writer);
            write(JsonMarshal.GetRawUtf8PropertyName(member), member.Value);
        }
        writer.WriteEndObject();
    }

    private static void WriteMembers(JsonElement value, Utf8JsonWriter writer, Action<JsonElement> write)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            WriteAny(value, writer, sorted: false);
            return;
        }
        writer.WriteStartObject();
        foreach (JsonProperty member in value.EnumerateObject())
        {
            WriteName(member, writer);
            write(member.Value);
        }
        writer.WriteEndObject();
    }

    private static void WriteArray(JsonElement value, Utf8JsonWriter writer, Action<JsonElement> write)
    {
        writer.WriteStartArray();
        foreach (JsonElement item in value.EnumerateArray())
            write(item);
        writer.WriteEndArray();
    }

    private static void WriteName(JsonProperty member, Utf8JsonWriter writer)
    {
        ReadOnlySpan<byte> raw = JsonMarshal.GetRawUtf8PropertyName(member);
        if (raw.Contains((byte)'\\'))
            writer.WritePropertyName(member.Name);
        else
            writer.WritePropertyName(raw);
    }

    /// <summary>By code point, which for UTF-8 is by byte; of a name given twice the last value counts, as for every reader of JSON.</summary>
    private static IEnumerable<JsonProperty> Sorted(JsonElement value)
    {
        List<JsonProperty> members = [.. value.EnumerateObject()];
        // Sort is not stable, so the place in the file decides between equals.
        (JsonProperty Member, int Place)[] placed = [.. members.Select((member, place) => (member, place))];
        Array.Sort(placed, static (a, b) =>
            JsonMarshal.GetRawUtf8PropertyName(a.Member).SequenceCompareTo(JsonMarshal.GetRawUtf8PropertyName(b.Member)) is var order and not 0 ? order : a.Place.CompareTo(b.Place));
        for (int at = 0; at < placed.Length; at++)
        {
            bool givenAgain = at + 1 < placed.Length
                && JsonMarshal.GetRawUtf8PropertyName(placed[at].Member).SequenceEqual(JsonMarshal.GetRawUtf8PropertyName(placed[at + 1].Member));
            if (!givenAgain)
                yield return placed[at].Member;
        }
    }

    private static ReadOnlyMemory<byte> Raw(JsonElement value) => JsonMarshal.GetRawUtf8Value(value).ToArray();

    private static bool IsData(JsonElement output) => Is(output, "output_type"u8, "display_data"u8) || Is(output, "output_type"u8, "execute_result"u8);

    private static bool Is(JsonElement value, ReadOnlySpan<byte> name, ReadOnlySpan<byte> text) =>
        value.ValueKind == JsonValueKind.Object
        && value.TryGetProperty(name, out JsonElement member)
        && member.ValueKind == JsonValueKind.String
        && member.ValueEquals(text);

    private static bool IsJson(string mimeType) =>
        mimeType == "application/json"
        || (mimeType.StartsWith("application/", StringComparison.Ordinal) && mimeType.EndsWith("+json", StringComparison.Ordinal));
}
