using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Wire.Jupyter;

/// <summary>
/// A read-only look at the bytes of a header or parent header (messaging spec, "Message header"). One pass finds the fields; their
/// text is made when somebody asks. Tolerant as real kernels require: an absent, null or ill-typed field reads as the empty string
/// and <see cref="Problem"/> names it; <c>[]</c> counts as <c>{}</c> (the R kernel writes empty objects so). Unknown fields stay in the bytes.
/// </summary>
public sealed class MessageHeader
{
    // Identifiers up to this many bytes are compared without allocation; the usual one has 36.
    private const int ShortText = 256;

    private static readonly byte[][] Names =
    [
        [.. "msg_id"u8], [.. "session"u8], [.. "username"u8], [.. "date"u8], [.. "msg_type"u8], [.. "version"u8], [.. "subshell_id"u8],
    ];

    private static readonly MessageHeader Empty = new(ReadOnlyMemory<byte>.Empty);

    private readonly ReadOnlyMemory<byte> _json;
    private Fields _fields;
    private string? _messageIdText;
    private string? _messageTypeText;
    private string? _sessionText;

    private MessageHeader(ReadOnlyMemory<byte> json) => _json = json;

    /// <summary>True for <c>{}</c>: a message without a cause has such a parent header.</summary>
    public bool IsEmpty { get; private set; } = true;

    /// <summary>The first known field that was not a string, in words; null when all is well. Absence is no problem here.</summary>
    public string? Problem { get; private set; }

    /// <summary><c>msg_id</c>: opaque, unique per request.</summary>
    public string MessageId => _messageIdText ??= Text(Known.MessageId);

    /// <summary><c>msg_type</c>.</summary>
    public string MessageType => _messageTypeText ??=
        At(Known.MessageType) is { Length: > 0, Escaped: false } ? MessageTypes.Intern(Raw(Known.MessageType).Span) : Text(Known.MessageType);

    /// <summary><c>session</c>: one per client, or one per kernel process life.</summary>
    public string Session => _sessionText ??= Text(Known.Session);

    /// <summary><c>username</c>.</summary>
    public string UserName => Text(Known.UserName);

    /// <summary><c>date</c> as written: ISO 8601.</summary>
    public string Date => Text(Known.Date);

    /// <summary><c>version</c> of the messaging spec the sender claims; kernels contradict themselves here, so nothing may depend on it.</summary>
    public string Version => Text(Known.Version);

    /// <summary><c>subshell_id</c> (JEP 91), or null for the main shell.</summary>
    public string? SubshellId => At(Known.SubshellId).Length <= 0 ? null : Text(Known.SubshellId);

    /// <summary>The bytes that were read; empty for <c>{}</c>.</summary>
    internal ReadOnlyMemory<byte> Json => _json;

    /// <summary>Whether <c>msg_id</c> begins with these bytes, without making its text. An id written with escapes never does.</summary>
    internal bool MessageIdStartsWith(ReadOnlySpan<byte> utf8) =>
        At(Known.MessageId) is { Length: > 0, Escaped: false } && Raw(Known.MessageId).Span.StartsWith(utf8);

    /// <summary><c>msg_id</c> as it stands between its quotes, escapes and all: for splicing into other JSON.</summary>
    internal ReadOnlyMemory<byte> MessageIdJson => Raw(Known.MessageId);

    /// <summary><c>msg_type</c> as it stands between its quotes.</summary>
    internal ReadOnlyMemory<byte> MessageTypeJson => Raw(Known.MessageType);

    /// <summary>Reads the JSON of a header part.</summary>
    /// <param name="json">The exact bytes of the part; kept, not copied.</param>
    /// <param name="part">What the part is called in errors.</param>
    /// <param name="limits"><see cref="MessageLimits.MaxHeaderBytes"/> and <see cref="MessageLimits.MaxJsonDepth"/> apply.</param>
    /// <exception cref="MessageFormatException">The part is no JSON object, or exceeds a limit.</exception>
    public static MessageHeader Parse(ReadOnlyMemory<byte> json, string part = "header", MessageLimits? limits = null)
    {
        limits ??= MessageLimits.Default;
        if (json.Length > limits.MaxHeaderBytes)
            throw MessageFormatException.Exceeds($"length of {part}", json.Length, nameof(MessageLimits.MaxHeaderBytes), limits.MaxHeaderBytes);
        if (json.Span.SequenceEqual("{}"u8))
            return Empty;
        if (!Utf8.IsValid(json.Span))
            throw new MessageFormatException($"{part} is not UTF-8");

        var header = new MessageHeader(json);
        try
        {
            header.Read(part, limits.MaxJsonDepth);
        }
        catch (JsonException e)
        {
            throw new MessageFormatException($"{part} is not JSON within MaxJsonDepth ({limits.MaxJsonDepth}): {e.Message}", e);
        }

        return header;
    }

    /// <summary>The bytes of this header with another <c>session</c>; every other byte stays. The same memory when nothing changes.</summary>
    public ReadOnlyMemory<byte> WithSession(string value) => With(Known.Session, value);

    /// <summary>The bytes of this header with another <c>username</c>; every other byte stays. The same memory when nothing changes.</summary>
    public ReadOnlyMemory<byte> WithUserName(string value) => With(Known.UserName, value);

    private void Read(string part, int maxDepth)
    {
        var reader = new Utf8JsonReader(_json.Span, new JsonReaderOptions { MaxDepth = maxDepth });
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.EndArray || reader.Read())
                throw new MessageFormatException($"{part} is an array, not an object");
            return;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
            throw new MessageFormatException($"{part} is not an object");

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            IsEmpty = false;
            ReadField(ref reader, part);
        }

        // Reads past the end so that anything but white space after the object is an error.
        reader.Read();
    }

    private void ReadField(ref Utf8JsonReader reader, string part)
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
            _fields[known] = new Field((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length, reader.ValueIsEscaped);
            return;
        }

        if (reader.TokenType != JsonTokenType.Null)
            Problem ??= $"{part}.{Encoding.UTF8.GetString(Names[known])} is not a string";
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        // Remembers where the ill-typed value ends, for replacing it.
        _fields[known] = new Field(start, -((int)reader.BytesConsumed - start), Escaped: false);
    }

    private Field At(Known known) => _fields[(int)known];

    // A text as it stands between its quotes; empty when there is none.
    private ReadOnlyMemory<byte> Raw(Known known) => At(known) is { Length: > 0 } field ? _json.Slice(field.Start, field.Length) : default;

    private string Text(Known known)
    {
        var field = At(known);
        if (field is not { Length: > 0, Escaped: true })
            return Encoding.UTF8.GetString(Raw(known).Span);

        var reader = new Utf8JsonReader(_json.Span[(field.Start - 1)..(field.Start + field.Length + 1)]);
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

    private ReadOnlyMemory<byte> With(Known known, string value)
    {
        var (field, name) = (At(known), Names[(int)known]);
        Span<byte> utf8 = stackalloc byte[ShortText];
        if (field is { Length: > 0, Escaped: false }
            && Encoding.UTF8.TryGetBytes(value, utf8, out var written)
            && Raw(known).Span.SequenceEqual(utf8[..written]))
            return _json;

        var text = JsonEncodedText.Encode(value).EncodedUtf8Bytes;
        var span = _json.Span;
        var result = new ArrayBufferWriter<byte>(span.Length + text.Length + name.Length + 8);
        if (field.Start == 0)
        {
            // Absent: becomes the first field of the object, whatever white space precedes the brace.
            result.Write("{\""u8);
            result.Write(name);
            result.Write("\":\""u8);
            result.Write(text);
            result.Write(IsEmpty ? "\"}"u8 : "\","u8);
            if (!IsEmpty)
                result.Write(span[(span.IndexOf((byte)'{') + 1)..]);
            return result.WrittenMemory;
        }

        // A string lies between its quotes, anything else is replaced whole.
        var isString = field.Length >= 0;
        result.Write(span[..field.Start]);
        if (!isString)
            result.Write("\""u8);
        result.Write(text);
        if (!isString)
            result.Write("\""u8);
        result.Write(span[(field.Start + Math.Abs(field.Length))..]);
        return result.WrittenMemory;
    }

    /// <summary>The fields of the spec, in the order of <see cref="Names"/>.</summary>
    private enum Known
    {
        MessageId,
        Session,
        UserName,
        Date,
        MessageType,
        Version,
        SubshellId,
    }

    /// <summary>Where a value lies: a string between its quotes (length ≥ 0), or anything else (minus its length).</summary>
    private readonly record struct Field(int Start, int Length, bool Escaped);

    [InlineArray((int)Known.SubshellId + 1)]
    private struct Fields
    {
        private Field _first;
    }
}
