using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Wire.Jupyter;

/// <summary>
/// Where the fields of a header lie, and the texts that stay the same from one message of a sender to the next. Immutable, without the bytes: one
/// shape serves any number of headers that differ only in <c>msg_id</c> and <c>date</c> (<see cref="HeaderCache"/>).
/// </summary>
internal sealed class HeaderShape(HeaderShape.Fields fields, bool isEmpty, string? problem, string messageType, string session)
{
    private static readonly byte[][] Names =
    [
        [.. "msg_id"u8], [.. "session"u8], [.. "username"u8], [.. "date"u8], [.. "msg_type"u8], [.. "version"u8], [.. "subshell_id"u8],
    ];

    private readonly Fields _fields = fields;

    public bool IsEmpty { get; } = isEmpty;

    public string? Problem { get; } = problem;

    public string MessageType { get; } = messageType;

    public string Session { get; } = session;

    public static byte[] Name(HeaderField field) => Names[(int)field];

    public Field At(HeaderField field) => _fields[(int)field];

    /// <summary>One pass over the JSON of a header part.</summary>
    /// <exception cref="MessageFormatException">No JSON object within the depth; <paramref name="part"/> says of what.</exception>
    public static HeaderShape Read(ReadOnlySpan<byte> json, string part, int maxDepth)
    {
        if (!Utf8.IsValid(json))
            throw new MessageFormatException($"{part} is not UTF-8");
        try
        {
            return ReadObject(json, part, maxDepth);
        }
        catch (JsonException e)
        {
            throw new MessageFormatException($"{part} is not JSON within MaxJsonDepth ({maxDepth}): {e.Message}", e);
        }
    }

    /// <summary>The text of a field; empty when it is absent or no text.</summary>
    public static string Text(ReadOnlySpan<byte> json, Field field)
    {
        if (field is not { Length: > 0, Escaped: true })
            return field.Length > 0 ? Encoding.UTF8.GetString(json.Slice(field.Start, field.Length)) : "";

        var reader = new Utf8JsonReader(json[(field.Start - 1)..(field.Start + field.Length + 1)]);
        reader.Read();
        try
        {
            return reader.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            // An unpaired surrogate in an escape: no text, so treated like any other ill-typed field.
            return "";
        }
    }

    private static HeaderShape ReadObject(ReadOnlySpan<byte> json, string part, int maxDepth)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = maxDepth });
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.EndArray || reader.Read())
                throw new MessageFormatException($"{part} is an array, not an object");
            return new HeaderShape(default, isEmpty: true, null, "", "");
        }

        if (reader.TokenType != JsonTokenType.StartObject)
            throw new MessageFormatException($"{part} is not an object");

        Fields fields = default;
        string? problem = null;
        var isEmpty = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            isEmpty = false;
            ReadField(ref reader, ref fields, ref problem, part);
        }

        // Reads past the end so that anything but white space after the object is an error.
        reader.Read();
        var type = fields[(int)HeaderField.MessageType];
        return new HeaderShape(
            fields,
            isEmpty,
            problem,
            type is { Length: > 0, Escaped: false } ? MessageTypes.Intern(json.Slice(type.Start, type.Length)) : Text(json, type),
            Text(json, fields[(int)HeaderField.Session]));
    }

    private static void ReadField(ref Utf8JsonReader reader, ref Fields fields, ref string? problem, string part)
    {
        var known = 0;
        while (known < Names.Length && !JsonPart.NameIs(ref reader, Names[known]))
            known++;
        reader.Read();
        if (known == Names.Length)
        {
            reader.Skip();
            return;
        }

        // As with JavaScript and Python the last of several equal names counts.
        if (reader.TokenType == JsonTokenType.String)
        {
            fields[known] = new Field((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length, reader.ValueIsEscaped);
            return;
        }

        if (reader.TokenType != JsonTokenType.Null)
            problem ??= $"{part}.{Encoding.UTF8.GetString(Names[known])} is not a string";
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        // Remembers where the ill-typed value ends, for replacing it.
        fields[known] = new Field(start, -((int)reader.BytesConsumed - start), Escaped: false);
    }

    /// <summary>Where a value lies: a string between its quotes (length ≥ 0), or anything else (minus its length).</summary>
    internal readonly record struct Field(int Start, int Length, bool Escaped);

    [InlineArray((int)HeaderField.SubshellId + 1)]
    internal struct Fields
    {
        private Field _first;
    }
}
