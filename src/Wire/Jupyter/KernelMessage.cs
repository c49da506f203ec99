using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using Wire.Zmtp;

namespace Wire.Jupyter;

/// <summary>
/// One Jupyter message: header, parent header, metadata, content and buffers, each kept as the bytes that were received (messaging
/// spec, "General message format"), so that relaying re-serialises nothing and signatures stay checkable. Immutable and owned by the
/// garbage collector: keep it as long as you like.
/// </summary>
/// <remarks>
/// What a kernel says in a flood lies in the buffer it was received in, together with other messages, and a long message in a block that is used
/// again (<see cref="IsPooled"/>). When everybody who holds such a message (<see cref="Hold"/>) has released it (<see cref="Release"/>), the bytes
/// are for the next ones.
/// 
/// The text properties parse the header on first use and throw <see cref="MessageFormatException"/> when it is no JSON object. Messages
/// from <see cref="KernelClient"/> and from the WebSocket codecs have been through that already and never throw.
/// </remarks>
public sealed class KernelMessage
{
    // Where the parts are: one behind the other in an array (byte[]), the same in a buffer that is used again (ZmtpSegment), or anywhere
    // (Loose). Null once released. So a received message is one small object.
    private object? _source;

    // Beyond the first, who owns the message from the beginning.
    private int _holders;
    private int _start;
    private int _headerLength;
    private int _parentLength;
    private int _metadataLength;
    private int _contentLength;
    private HeaderShape? _shape;
    private MessageHeader? _headerFields;
    private MessageHeader? _parentFields;

    public KernelMessage()
    {
    }

    /// <summary>A received message, whose four parts lie one behind the other.</summary>
    /// <param name="channel">Where it came from.</param>
    /// <param name="received">Its lease on a shared buffer becomes this message's.</param>
    /// <param name="first">The frame that is the header.</param>
    /// <param name="shape">What the header was found to be.</param>
    /// <param name="parent">What the parent header was found to be.</param>
    [SetsRequiredMembers]
    internal KernelMessage(KernelChannel channel, ZmtpMessage received, int first, HeaderShape shape, MessageHeader parent)
    {
        Channel = channel;
        _source = (object?)received.Segment ?? received.Block;
        _start = received.StartOf(first);
        _headerLength = received.StartOf(first + 1) - _start;
        _parentLength = received.StartOf(first + 2) - received.StartOf(first + 1);
        _metadataLength = received.StartOf(first + 3) - received.StartOf(first + 2);
        _contentLength = received.StartOf(first + 4) - received.StartOf(first + 3);
        _shape = shape;
        _parentFields = parent;
    }

    public required KernelChannel Channel { get; init; }

    public required ReadOnlyMemory<byte> Header
    {
        get => _source is Loose loose ? loose.Header : Part(_start, _headerLength);
        init => Parts.Header = value;
    }

    /// <summary>The header of the request that caused this message; <c>{}</c> when there is none.</summary>
    public required ReadOnlyMemory<byte> ParentHeader
    {
        get => _source is Loose loose ? loose.ParentHeader : Part(_start + _headerLength, _parentLength);
        init => Parts.ParentHeader = value;
    }

    public required ReadOnlyMemory<byte> Metadata
    {
        get => _source is Loose loose ? loose.Metadata : Part(_start + _headerLength + _parentLength, _metadataLength);
        init => Parts.Metadata = value;
    }

    public required ReadOnlyMemory<byte> Content
    {
        get => _source is Loose loose ? loose.Content : Part(_start + _headerLength + _parentLength + _metadataLength, _contentLength);
        init => Parts.Content = value;
    }

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
    public MessageHeader HeaderFields => _headerFields ??= _shape is null ? MessageHeader.Parse(Header) : MessageHeader.Of(Header, _shape);

    /// <summary>The parent header's fields.</summary>
    public MessageHeader ParentFields => _parentFields ??= MessageHeader.Parse(ParentHeader, "parent_header");

    /// <summary><c>header.msg_id</c>, or the empty string.</summary>
    public string MessageId => HeaderFields.MessageId;

    /// <summary><c>header.msg_id</c> as it stands between its quotes, escapes and all; makes no text.</summary>
    public ReadOnlySpan<byte> MessageIdJson =>
        (_shape ?? HeaderFields.Shape).At(HeaderField.MessageId) is { Length: > 0 } at ? Header.Span.Slice(at.Start, at.Length) : default;

    /// <summary><c>header.msg_type</c>, or the empty string.</summary>
    public string MessageType => (_shape ?? HeaderFields.Shape).MessageType;

    /// <summary><c>header.session</c>, or the empty string.</summary>
    public string Session => (_shape ?? HeaderFields.Shape).Session;

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
    public KernelMessage WithSession(string session) =>
        session is { Length: > 0 } && Session == session ? this : WithHeader(HeaderFields.WithSession(session));

    /// <summary>The same message with another <c>header.username</c>: who somebody is, we know better than their browser.</summary>
    public KernelMessage WithUserName(string userName) => WithHeader(HeaderFields.WithUserName(userName));

    /// <summary>The same message with an empty content and no buffers: who said something, not what.</summary>
    public KernelMessage WithoutContent() => new() { Channel = Channel, Header = Header, ParentHeader = ParentHeader, Metadata = Metadata, Content = EmptyObject };

    /// <summary>The same message with another content and no buffers.</summary>
    /// <param name="content">A JSON object as UTF-8.</param>
    public KernelMessage WithContent(ReadOnlyMemory<byte> content) => Copy(Channel, Header, _headerFields, content, []);

    /// <summary>The same message on another channel.</summary>
    public KernelMessage OnChannel(KernelChannel channel) =>
        channel == Channel ? this : Copy(channel, Header, _headerFields);

    /// <summary>Makes the caller's lease on a buffer some of its parts are in the message's, which has none and was made of parts.</summary>
    public KernelMessage With(ZmtpSegment lease)
    {
        Parts.Lease = lease;
        return this;
    }

    /// <summary>Whether it lies in a buffer that is used again, so that it is worth releasing.</summary>
    public bool IsPooled => _source is ZmtpSegment or Loose { Lease: not null };

    /// <summary>One more looks at this message and will <see cref="Release"/> it. Only by somebody who holds it already.</summary>
    public void Hold() => Interlocked.Increment(ref _holders);

    /// <summary>
    /// The caller does not look at this message, a part of it or its <see cref="HeaderFields"/> any more. When the last holder has said so, a shared
    /// buffer is given back for the next messages (copies made by <see cref="WithSession"/> and the like have leases of their own, and
    /// <see cref="ParentFields"/> bytes of their own), and the message is of no more use. Once by each holder, of whom the first is who received
    /// it; not calling it is always right and only leaves the buffer to the garbage collector.
    /// </summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) >= 0)
            return;
        var source = Interlocked.Exchange(ref _source, null);
        (source as ZmtpSegment ?? (source as Loose)?.Lease)?.Return();
    }

    /// <summary>Parses both headers now, so that no property throws later.</summary>
    /// <exception cref="MessageFormatException">A header is no JSON object or exceeds a limit.</exception>
    internal KernelMessage ParseHeaders(MessageLimits limits)
    {
        _headerFields = MessageHeader.Parse(Header, "header", limits);
        _parentFields = MessageHeader.Parse(ParentHeader, "parent_header", limits);
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

    private Loose Parts => (Loose)(_source ??= new Loose());

    private ReadOnlyMemory<byte> Part(int start, int length) => _source switch
    {
        byte[] block => block.AsMemory(start, length),
        ZmtpSegment segment => segment.Bytes.AsMemory(start, length),
        _ => throw new ObjectDisposedException(nameof(KernelMessage), "the message was released"),
    };

    private KernelMessage WithHeader(ReadOnlyMemory<byte> header) =>
        header.Equals(Header) || header.Span.SequenceEqual(Header.Span) ? this : Copy(Channel, header, null);

    private KernelMessage Copy(KernelChannel channel, ReadOnlyMemory<byte> header, MessageHeader? fields) => Copy(channel, header, fields, Content, Buffers);

    private KernelMessage Copy(
        KernelChannel channel, ReadOnlyMemory<byte> header, MessageHeader? fields, ReadOnlyMemory<byte> content, IReadOnlyList<ReadOnlyMemory<byte>> buffers)
    {
        var lease = _source as ZmtpSegment ?? (_source as Loose)?.Lease;
        lease?.Lease();
        return new()
        {
            Channel = channel,
            _source = new Loose { Lease = lease },
            Header = header,
            ParentHeader = ParentHeader,
            Metadata = Metadata,
            Content = content,
            Buffers = buffers,
            _headerFields = fields,
            _parentFields = _parentFields,
        };
    }

    /// <summary>Parts that lie anywhere.</summary>
    private sealed class Loose
    {
        public ReadOnlyMemory<byte> Header { get; set; }

        public ReadOnlyMemory<byte> ParentHeader { get; set; }

        public ReadOnlyMemory<byte> Metadata { get; set; }

        public ReadOnlyMemory<byte> Content { get; set; }

        /// <summary>The buffer that is used again some of them are in.</summary>
        public ZmtpSegment? Lease { get; set; }
    }
}
