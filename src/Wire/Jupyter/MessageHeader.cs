using System.Buffers;
using System.Text;
using System.Text.Json;

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

    private static readonly MessageHeader Empty = new(ReadOnlyMemory<byte>.Empty, new HeaderShape(default, isEmpty: true, null, "", ""));

    private readonly ReadOnlyMemory<byte> _json;
    private string? _messageIdText;

    private MessageHeader(ReadOnlyMemory<byte> json, HeaderShape shape) => (_json, Shape) = (json, shape);

    /// <summary>True for <c>{}</c>: a message without a cause has such a parent header.</summary>
    public bool IsEmpty => Shape.IsEmpty;

    /// <summary>The first known field that was not a string, in words; null when all is well. Absence is no problem here.</summary>
    public string? Problem => Shape.Problem;

    /// <summary><c>msg_id</c>: opaque, unique per request.</summary>
    public string MessageId => _messageIdText ??= Text(HeaderField.MessageId);

    /// <summary><c>msg_type</c>.</summary>
    public string MessageType => Shape.MessageType;

    /// <summary><c>session</c>: one per client, or one per kernel process life.</summary>
    public string Session => Shape.Session;

    /// <summary><c>username</c>.</summary>
    public string UserName => Text(HeaderField.UserName);

    /// <summary><c>date</c> as written: ISO 8601.</summary>
    public string Date => Text(HeaderField.Date);

    /// <summary><c>version</c> of the messaging spec the sender claims; kernels contradict themselves here, so nothing may depend on it.</summary>
    public string Version => Text(HeaderField.Version);

    /// <summary><c>subshell_id</c> (JEP 91), or null for the main shell.</summary>
    public string? SubshellId => At(HeaderField.SubshellId).Length <= 0 ? null : Text(HeaderField.SubshellId);

    /// <summary>What this header has in common with the next ones of its sender.</summary>
    internal HeaderShape Shape { get; }

    /// <summary>The bytes that were read; empty for <c>{}</c>.</summary>
    internal ReadOnlyMemory<byte> Json => _json;

    /// <summary>Whether <c>msg_id</c> begins with these bytes, without making its text. An id written with escapes never does.</summary>
    internal bool MessageIdStartsWith(ReadOnlySpan<byte> utf8) =>
        At(HeaderField.MessageId) is { Length: > 0, Escaped: false } && Raw(HeaderField.MessageId).Span.StartsWith(utf8);

    /// <summary><c>msg_id</c> as it stands between its quotes, escapes and all: for splicing into other JSON.</summary>
    internal ReadOnlyMemory<byte> MessageIdJson => Raw(HeaderField.MessageId);

    /// <summary><c>msg_type</c> as it stands between its quotes.</summary>
    internal ReadOnlyMemory<byte> MessageTypeJson => Raw(HeaderField.MessageType);

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
        return new MessageHeader(json, HeaderShape.Read(json.Span, part, limits.MaxJsonDepth));
    }

    /// <summary>The header whose shape is known to be this one.</summary>
    internal static MessageHeader Of(ReadOnlyMemory<byte> json, HeaderShape shape) => shape == Empty.Shape ? Empty : new(json, shape);

    /// <summary>The bytes of this header with another <c>session</c>; every other byte stays. The same memory when nothing changes.</summary>
    public ReadOnlyMemory<byte> WithSession(string value) => With(HeaderField.Session, value);

    /// <summary>The bytes of this header with another <c>username</c>; every other byte stays. The same memory when nothing changes.</summary>
    public ReadOnlyMemory<byte> WithUserName(string value) => With(HeaderField.UserName, value);

    private HeaderShape.Field At(HeaderField field) => Shape.At(field);

    // A text as it stands between its quotes; empty when there is none.
    private ReadOnlyMemory<byte> Raw(HeaderField field) => At(field) is { Length: > 0 } at ? _json.Slice(at.Start, at.Length) : default;

    private string Text(HeaderField field) => HeaderShape.Text(_json.Span, At(field));

    private ReadOnlyMemory<byte> With(HeaderField known, string value)
    {
        var (field, name) = (At(known), HeaderShape.Name(known));
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
}
