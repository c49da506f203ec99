using System.Runtime.InteropServices;
using System.Text.Json;

namespace Hub.Contents.Notebooks;

/// <summary>
/// The two forms of a notebook (nbformat 4): on disk multi-line texts are lists of lines, keys sorted, indented by one, so that version control shows
/// what changed; on the API a text is one string. Both directions copy strings in their escaped form. What is written to disk is byte for byte what
/// Jupyter would write.
/// </summary>
internal static class NotebookCodec
{
    /// <summary>What a POST for a new notebook makes.</summary>
    public static ReadOnlySpan<byte> Empty => "{\n \"cells\": [],\n \"metadata\": {},\n \"nbformat\": 4,\n \"nbformat_minor\": 5\n}\n"u8;

    /// <summary>Writes the form on disk; marks of trust are left out, since a file could claim them for itself.</summary>
    public static void WriteFile(JsonElement notebook, JsonTextWriter writer) =>
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
    public static void WriteApiCell(JsonElement cell, bool trusted, JsonTextWriter writer)
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
                WriteMembers(member.Value, writer, attachment => WriteBundle(attachment, writer, sorted: false, IsJoined, WriteJoined));
            else if (member.NameEquals("outputs"u8) && member.Value.ValueKind == JsonValueKind.Array)
                WriteArray(member.Value, writer, output => WriteApiOutput(output, writer));
            else
                WriteAny(member.Value, writer, sorted: false);
        }
        writer.WriteEndObject();
    }

    /// <summary>Writes any other value as it is, without the white space around its parts.</summary>
    public static void WriteAny(JsonElement value, JsonTextWriter writer, bool sorted)
    {
        if (value.ValueKind == JsonValueKind.Object && sorted)
            WriteSorted(value, writer, (_, member) => WriteAny(member, writer, sorted));
        else if (value.ValueKind == JsonValueKind.Object)
            WriteMembers(value, writer, member => WriteAny(member, writer, sorted));
        else if (value.ValueKind == JsonValueKind.Array)
            WriteArray(value, writer, item => WriteAny(item, writer, sorted));
        else if (value.ValueKind == JsonValueKind.String && sorted)
            writer.WriteValue(JsonText.Canonical(Raw(value)).Span);
        else
            writer.WriteValue(JsonMarshal.GetRawUtf8Value(value));
    }

    private static void WriteFileCell(JsonElement cell, JsonTextWriter writer)
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
                WriteSorted(value, writer, (_, attachment) => WriteBundle(attachment, writer, sorted: true, IsSplit, WriteSplit));
            else if (name.SequenceEqual("outputs"u8) && value.ValueKind == JsonValueKind.Array)
                WriteArray(value, writer, output => WriteFileOutput(output, writer));
            else
                WriteAny(value, writer, sorted: true);
        });
    }

    private static void WriteFileOutput(JsonElement output, JsonTextWriter writer)
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
                WriteBundle(value, writer, sorted: true, IsSplit, WriteSplit);
            else if (isStream && name.SequenceEqual("text"u8))
                WriteSplit(value, writer);
            else
                WriteAny(value, writer, sorted: true);
        });
    }

    private static void WriteApiOutput(JsonElement output, JsonTextWriter writer)
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
                WriteBundle(member.Value, writer, sorted: false, IsJoined, WriteJoined);
            else if (isStream && member.NameEquals("text"u8))
                WriteJoined(member.Value, writer);
            else
                WriteAny(member.Value, writer, sorted: false);
        }
        writer.WriteEndObject();
    }

    /// <summary>One value per content type.</summary>
    private static void WriteBundle(JsonElement bundle, JsonTextWriter writer, bool sorted, Predicate<string> isText, Action<JsonElement, JsonTextWriter> writeText)
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
            if (isText(member.Name))
                writeText(member.Value, writer);
            else
                WriteAny(member.Value, writer, sorted);
        }
        writer.WriteEndObject();
    }

    private static void WriteTrust(JsonElement metadata, bool trusted, JsonTextWriter writer)
    {
        writer.WriteStartObject();
        foreach (JsonProperty member in metadata.EnumerateObject())
        {
            if (member.NameEquals("trusted"u8))
                continue;
            WriteName(member, writer);
            WriteAny(member.Value, writer, sorted: false);
        }
        writer.WriteName("trusted"u8);
        writer.WriteValue(trusted ? "true"u8 : "false"u8);
        writer.WriteEndObject();
    }

    private static void WriteJoined(JsonElement text, JsonTextWriter writer)
    {
        if (text.ValueKind != JsonValueKind.Array || text.EnumerateArray().Any(line => line.ValueKind != JsonValueKind.String))
        {
            WriteAny(text, writer, sorted: false);
            return;
        }
        writer.WriteStringPart([], isFirst: true, isLast: false);
        foreach (JsonElement line in text.EnumerateArray())
            writer.WriteStringPart(JsonMarshal.GetRawUtf8Value(line)[1..^1], isFirst: false, isLast: false);
        writer.WriteStringPart([], isFirst: false, isLast: true);
    }

    private static void WriteSplit(JsonElement text, JsonTextWriter writer)
    {
        if (text.ValueKind != JsonValueKind.String)
        {
            WriteAny(text, writer, sorted: true);
            return;
        }
        ReadOnlySpan<byte> canonical = JsonText.Canonical(Raw(text)).Span;
        writer.WriteStartArray();
        foreach (Range line in JsonText.Lines(canonical))
            writer.WriteString(canonical[line]);
        writer.WriteEndArray();
    }

    private static void WriteWithout(JsonElement value, JsonTextWriter writer, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third)
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

    private static void WriteSorted(JsonElement value, JsonTextWriter writer, WriteMember write)
    {
        writer.WriteStartObject();
        foreach (JsonProperty member in Sorted(value))
        {
            WriteName(member, writer);
            write(JsonMarshal.GetRawUtf8PropertyName(member), member.Value);
        }
        writer.WriteEndObject();
    }

    private static void WriteMembers(JsonElement value, JsonTextWriter writer, Action<JsonElement> write)
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

    private static void WriteArray(JsonElement value, JsonTextWriter writer, Action<JsonElement> write)
    {
        writer.WriteStartArray();
        foreach (JsonElement item in value.EnumerateArray())
            write(item);
        writer.WriteEndArray();
    }

    /// <summary>The name of a member, with nothing escaped that need not be.</summary>
    public static void WriteName(JsonProperty member, JsonTextWriter writer)
    {
        ReadOnlySpan<byte> raw = JsonMarshal.GetRawUtf8PropertyName(member);
        if (raw.Contains((byte)'\\'))
            writer.WriteName(JsonText.Canonical((byte[])[(byte)'"', .. raw, (byte)'"']).Span[1..^1]);
        else
            writer.WriteName(raw);
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

    /// <summary>Whatever was found in lines is one text on the API, but for JSON, whose lists mean lists.</summary>
    private static bool IsJoined(string mimeType) =>
        !(mimeType == "application/json"
            || (mimeType.StartsWith("application/", StringComparison.Ordinal) && mimeType.EndsWith("+json", StringComparison.Ordinal)));

    /// <summary>On disk only what people can read is cut into lines; pictures stay in one.</summary>
    private static bool IsSplit(string mimeType) =>
        mimeType.StartsWith("text/", StringComparison.Ordinal) || mimeType is "application/javascript" or "image/svg+xml";
}
