using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Wire.Jupyter;

/// <summary>
/// One Jupyter message: header, parent header, metadata, content and buffers, each kept as the bytes that were received (messaging
/// spec, "General message format"), so that relaying re-serialises nothing and signatures stay checkable. Immutable and owned by the
/// garbage collector: keep it as long as you like.
/// </summary>
/// <remarks>
/// The text properties parse the header on first use and throw <see cref="MessageFormatException"/> when it is no JSON object. Messages
/// from <see cref="KernelClient"/> and from the WebSocket codecs have been through that already and never throw.
/// </remarks>
public sealed class KernelMessage
{
    private MessageHeader? _headerFields;
    private MessageHeader? _parentFields;

    public required KernelChannel Channel { get; init; }

    public required ReadOnlyMemory<byte> Header { get; init; }

    /// <summary>The header of the request that caused this message; <c>{}</c> when there is none.</summary>
    public required ReadOnlyMemory<byte> ParentHeader { get; init; }

    public required ReadOnlyMemory<byte> Metadata { get; init; }

    public required ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>Raw binary parts in order; empty ones count too (widgets refer to them by position).</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Buffers { get; init; } = [];

    /// <summary>Bytes of all parts together: what a queue with a bound on memory counts.</summary>
    public long Size
    {
        get
        {
            long size = Header.Length + (long)ParentHeader.Length + Metadata.Length + Content.Length;
            for (var i = 0; i < Buffers.Count; i++)
                size += Buffers[i].Length;
            return size;
        }
    }

    /// <summary>The header's fields.</summary>
    public MessageHeader HeaderFields => _headerFields ??= MessageHeader.Parse(Header);

    /// <summary>The parent header's fields.</summary>
    public MessageHeader ParentFields => _parentFields ??= MessageHeader.Parse(ParentHeader, "parent_header");

    /// <summary><c>header.msg_id</c>, or the empty string.</summary>
    public string MessageId => HeaderFields.MessageId;

    /// <summary><c>header.msg_type</c>, or the empty string.</summary>
    public string MessageType => HeaderFields.MessageType;

    /// <summary><c>header.session</c>, or the empty string.</summary>
    public string Session => HeaderFields.Session;

    /// <summary><c>parent_header.msg_id</c>: the request this belongs to, or the empty string.</summary>
    public string ParentMessageId => ParentFields.MessageId;

    /// <summary><c>parent_header.session</c>: the client whose request this belongs to, or the empty string.</summary>
    public string ParentSession => ParentFields.Session;

    /// <summary>Makes a message of our own, with a fresh <c>msg_id</c>.</summary>
    /// <param name="channel">Where it will travel.</param>
    /// <param name="messageType">One of <see cref="MessageTypes"/>.</param>
    /// <param name="content">A JSON object as UTF-8.</param>
    /// <param name="session"><c>header.session</c>; for messages to browsers the kernel's own, else they cancel handlers.</param>
    /// <param name="time">Tells <c>header.date</c>.</param>
    /// <param name="parent">The message that caused this one, if any: its header becomes our parent header.</param>
    /// <param name="messageId">Opaque; a random one when null.</param>
    /// <param name="userName"><c>header.username</c>.</param>
    /// <param name="metadata">A JSON object as UTF-8; <c>{}</c> when left out.</param>
    /// <param name="buffers">Raw parts.</param>
    public static KernelMessage Create(
        KernelChannel channel,
        string messageType,
        ReadOnlyMemory<byte> content,
        string session,
        TimeProvider time,
        KernelMessage? parent = null,
        string? messageId = null,
        string userName = "hub",
        ReadOnlyMemory<byte> metadata = default,
        IReadOnlyList<ReadOnlyMemory<byte>>? buffers = null)
    {
        ArgumentNullException.ThrowIfNull(time);
        var header = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(header))
        {
            json.WriteStartObject();
            json.WriteString("msg_id"u8, messageId ?? Guid.NewGuid().ToString());
            json.WriteString("session"u8, session);
            json.WriteString("username"u8, userName);
            json.WriteString("date"u8, time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
            json.WriteString("msg_type"u8, messageType);
            json.WriteString("version"u8, ProtocolVersion);
            json.WriteEndObject();
        }

        return new KernelMessage
        {
            Channel = channel,
            Header = header.WrittenMemory,
            ParentHeader = parent?.Header ?? EmptyObject,
            Metadata = metadata.IsEmpty ? EmptyObject : metadata,
            Content = content.IsEmpty ? EmptyObject : content,
            Buffers = buffers ?? [],
        };
    }

    /// <summary>The version of the messaging spec our own messages claim.</summary>
    public const string ProtocolVersion = "5.4";

    private static readonly ReadOnlyMemory<byte> EmptyObject = "{}"u8.ToArray();

    /// <summary>
    /// The same message with another <c>header.session</c>; no other byte changes. Browsers take a changing session for a restarted kernel,
    /// and some kernels (R) echo the requester's: they get one constant per kernel incarnation. The signature of the original no longer fits.
    /// </summary>
    public KernelMessage WithSession(string session) => WithHeader(HeaderFields.WithSession(session));

    /// <summary>The same message with another <c>header.username</c>: who somebody is, we know better than their browser.</summary>
    public KernelMessage WithUserName(string userName) => WithHeader(HeaderFields.WithUserName(userName));

    /// <summary>The same message on another channel.</summary>
    public KernelMessage OnChannel(KernelChannel channel) =>
        channel == Channel ? this : Copy(channel, Header, _headerFields);

    /// <summary>Parses both headers now, so that no property throws later.</summary>
    /// <exception cref="MessageFormatException">A header is no JSON object or exceeds a limit.</exception>
    internal KernelMessage ParseHeaders(MessageLimits limits, ParentHeaderCache? parents = null)
    {
        _headerFields = MessageHeader.Parse(Header, "header", limits);
        _parentFields = parents is null ? MessageHeader.Parse(ParentHeader, "parent_header", limits) : parents.Parse(ParentHeader, limits);
        return this;
    }

    /// <summary>Strict where a browser speaks: fields have the right type, and the message has an id and a type.</summary>
    /// <exception cref="MessageFormatException">Names the field.</exception>
    internal KernelMessage RequireIdentity()
    {
        if ((HeaderFields.Problem ?? ParentFields.Problem) is { } problem)
            throw new MessageFormatException(problem);
        if (MessageId.Length == 0)
            throw new MessageFormatException("header has no msg_id");
        if (MessageType.Length == 0)
            throw new MessageFormatException("header has no msg_type");
        return this;
    }

    private KernelMessage WithHeader(ReadOnlyMemory<byte> header) =>
        header.Equals(Header) || header.Span.SequenceEqual(Header.Span) ? this : Copy(Channel, header, null);

    private KernelMessage Copy(KernelChannel channel, ReadOnlyMemory<byte> header, MessageHeader? fields) => new()
    {
        Channel = channel,
        Header = header,
        ParentHeader = ParentHeader,
        Metadata = Metadata,
        Content = Content,
        Buffers = Buffers,
        _headerFields = fields,
        _parentFields = _parentFields,
    };
}
