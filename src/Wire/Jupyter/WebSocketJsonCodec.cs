using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Unicode;

namespace Wire.Jupyter;

/// <summary>
/// One message ⇄ one WebSocket frame of the older framing, spoken when no sub-protocol was selected. Without buffers a text frame:
/// <code>
/// {"channel":…,"msg_id":…,"msg_type":…,"header":{…},"parent_header":{…},"metadata":{…},"content":{…},"buffers":[]}
/// </code>
/// With buffers a binary one, big-endian 32-bit words first: n (JSON and buffers), n offsets from the start of the frame, then the JSON
/// without <c>buffers</c>, then the buffers. The JSON parts are spliced in and out as bytes, so nothing is re-serialised in either direction.
/// </summary>
public static class WebSocketJsonCodec
{
    private const int Word = sizeof(uint);

    private static readonly ReadOnlyMemory<byte> EmptyObject = "{}"u8.ToArray();

    /// <summary>True when the message goes as a text frame, false when it goes as a binary one.</summary>
    public static bool IsText(KernelMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return message.Buffers.Count == 0;
    }

    /// <summary>Makes the frame, text or binary as <see cref="IsText"/> says.</summary>
    /// <param name="message">What is to be sent.</param>
    /// <param name="limits">How deep its JSON may be.</param>
    /// <param name="sequence">Greater than 0: the message's number, written as <c>hub_seq</c> in front of its metadata; no other byte changes.</param>
    /// <exception cref="MessageFormatException">A part is no JSON, and would break the frame it is spliced into.</exception>
    /// <exception cref="OverflowException">The frame would not fit into 2 GB.</exception>
    public static byte[] Encode(KernelMessage message, MessageLimits? limits = null, long sequence = 0)
    {
        ArgumentNullException.ThrowIfNull(message);
        limits ??= MessageLimits.Default;
        JsonPart.Check(message.Metadata.Span, "metadata", limits.MaxJsonDepth);
        JsonPart.Check(message.Content.Span, "content", limits.MaxJsonDepth);

        // Top-level copies of msg_id and msg_type: Jupyter Server as a gateway client reads those.
        var id = message.HeaderFields.MessageIdJson.Span;
        var type = message.HeaderFields.MessageTypeJson.Span;
        _ = message.ParentFields;
        var mark = new SequenceMark(message.Metadata.Span, sequence);
        var text = IsText(message);
        var tail = text ? Closing : ClosingWithoutBuffers;

        var jsonAt = text ? 0 : Word * (2 + message.Buffers.Count);
        var jsonLength = Punctuation + message.Channel.WireNameUtf8().Length + id.Length + type.Length + tail.Length
            + (long)message.Header.Length + message.ParentHeader.Length + message.Metadata.Length + message.Content.Length + mark.ExtraLength;
        long buffers = 0;
        for (var i = 0; i < message.Buffers.Count; i++)
            buffers += message.Buffers[i].Length;

        var frame = GC.AllocateUninitializedArray<byte>(checked((int)(jsonAt + jsonLength + buffers)));
        var writer = new Writer(frame, jsonAt);
        writer.Add("{\"channel\":\""u8);
        writer.Add(message.Channel.WireNameUtf8());
        writer.Add("\",\"msg_id\":\""u8);
        writer.Add(id);
        writer.Add("\",\"msg_type\":\""u8);
        writer.Add(type);
        writer.Add("\",\"header\":"u8);
        writer.Add(message.Header.Span);
        writer.Add(",\"parent_header\":"u8);
        writer.Add(message.ParentHeader.Span);
        writer.Add(",\"metadata\":"u8);
        writer.Add(mark.Prefix);
        writer.Add(mark.Rest);
        writer.Add(",\"content\":"u8);
        writer.Add(message.Content.Span);
        writer.Add(tail);

        if (!text)
            AddBuffers(frame, ref writer, jsonAt, message.Buffers);
        return frame;
    }

    /// <summary>Reads a frame. The message keeps slices of it: hand over memory that stays as it is.</summary>
    /// <param name="frame">The whole frame.</param>
    /// <param name="isText">Whether it came as a text frame.</param>
    /// <param name="limits">What is too big.</param>
    /// <exception cref="MessageFormatException">The frame is malformed or exceeds a limit; the text names the offset, part, field or limit.</exception>
    public static KernelMessage Decode(ReadOnlyMemory<byte> frame, bool isText, MessageLimits? limits = null)
    {
        limits ??= MessageLimits.Default;
        if (frame.Length > limits.MaxMessageBytes)
            throw MessageFormatException.Exceeds("size of the frame", frame.Length, nameof(MessageLimits.MaxMessageBytes), limits.MaxMessageBytes);
        if (isText)
            return DecodeJson(frame, [], limits);

        var offsets = ReadOffsets(frame.Span, limits);
        var buffers = offsets.Length == 2 ? [] : new ReadOnlyMemory<byte>[offsets.Length - 2];
        for (var i = 0; i < buffers.Length; i++)
            buffers[i] = frame[offsets[i + 1]..offsets[i + 2]];
        return DecodeJson(frame[offsets[0]..offsets[1]], buffers, limits);
    }

    private static ReadOnlySpan<byte> Closing => ",\"buffers\":[]}"u8;

    private static ReadOnlySpan<byte> ClosingWithoutBuffers => "}"u8;

    private static int Punctuation => "{\"channel\":\"\",\"msg_id\":\"\",\"msg_type\":\"\",\"header\":,\"parent_header\":,\"metadata\":,\"content\":"u8.Length;

    private static void AddBuffers(byte[] frame, ref Writer writer, int jsonAt, IReadOnlyList<ReadOnlyMemory<byte>> buffers)
    {
        BinaryPrimitives.WriteUInt32BigEndian(frame, (uint)buffers.Count + 1);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(Word), (uint)jsonAt);
        for (var i = 0; i < buffers.Count; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(Word * (2 + i)), (uint)writer.At);
            writer.Add(buffers[i].Span);
        }
    }

    // The frame's length is appended as the end of the last part.
    private static int[] ReadOffsets(ReadOnlySpan<byte> frame, MessageLimits limits)
    {
        if (frame.Length < 2 * Word)
            throw new MessageFormatException($"a frame of {frame.Length} bytes is too short for the offsets of its parts");
        var count = BinaryPrimitives.ReadUInt32BigEndian(frame);
        if (count < 1)
            throw new MessageFormatException("part count is 0, not at least 1");
        if (count - 1 > limits.MaxBuffers)
            throw MessageFormatException.Exceeds("number of buffers", count - 1, nameof(MessageLimits.MaxBuffers), limits.MaxBuffers);
        if (count > frame.Length / Word - 1)
            throw new MessageFormatException($"{count} offsets do not fit into a frame of {frame.Length} bytes");

        var offsets = new int[count + 1];
        var least = Word * (count + 1);
        for (var i = 0; i < count; i++)
        {
            var offset = BinaryPrimitives.ReadUInt32BigEndian(frame[(Word * (i + 1))..]);
            if (offset < least || offset > frame.Length)
                throw new MessageFormatException($"offset {i + 1} is {offset}, not between {least} and {frame.Length}");
            offsets[i] = (int)offset;
            least = offset;
        }

        offsets[^1] = frame.Length;
        return offsets;
    }

    private static KernelMessage DecodeJson(ReadOnlyMemory<byte> json, ReadOnlyMemory<byte>[] buffers, MessageLimits limits)
    {
        if (!Utf8.IsValid(json.Span))
            throw new MessageFormatException("frame is not UTF-8");
        try
        {
            return Split(json, buffers, limits).ParseHeaders(limits).RequireIdentity();
        }
        catch (JsonException e)
        {
            throw new MessageFormatException($"frame is not JSON within MaxJsonDepth ({limits.MaxJsonDepth}): {e.Message}", e);
        }
    }

    private static KernelMessage Split(ReadOnlyMemory<byte> json, ReadOnlyMemory<byte>[] buffers, MessageLimits limits)
    {
        var reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = limits.MaxJsonDepth });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new MessageFormatException("frame is not an object");

        // What Jupyter Server assumes when the field is missing.
        var channel = KernelChannel.Shell;
        ReadOnlyMemory<byte>? header = null;
        var (parent, metadata, content) = (EmptyObject, EmptyObject, EmptyObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonPart.NameIs(ref reader, "channel"u8))
                channel = ReadChannel(ref reader);
            else if (JsonPart.NameIs(ref reader, "header"u8))
                header = ReadPart(ref reader, json, "header");
            else if (JsonPart.NameIs(ref reader, "parent_header"u8))
                parent = ReadPart(ref reader, json, "parent_header");
            else if (JsonPart.NameIs(ref reader, "metadata"u8))
                metadata = ReadPart(ref reader, json, "metadata");
            else if (JsonPart.NameIs(ref reader, "content"u8))
                content = ReadPart(ref reader, json, "content");
            else if (JsonPart.NameIs(ref reader, "buffers"u8))
                RefuseBuffers(ref reader);
            else
                reader.Skip();
        }

        // Reads past the end so that anything but white space after the object is an error.
        reader.Read();
        return new KernelMessage
        {
            Channel = channel,
            Header = header ?? throw new MessageFormatException("frame has no header"),
            ParentHeader = parent,
            Metadata = metadata,
            Content = content,
            Buffers = buffers,
        };
    }

    private static KernelChannel ReadChannel(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return KernelChannel.Shell;
        if (reader.TokenType != JsonTokenType.String || !KernelChannels.TryParse(reader.ValueSpan, out var channel))
            throw new MessageFormatException("channel is none of shell, control, iopub, stdin, hb");
        return channel;
    }

    private static ReadOnlyMemory<byte> ReadPart(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, string part)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return EmptyObject;
        if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
            throw new MessageFormatException($"{part} is not an object");
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return json[start..(int)reader.BytesConsumed];
    }

    // Buffers travel behind the JSON; inside it there is nothing to be found but an empty array.
    private static void RefuseBuffers(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return;
        if (reader.TokenType != JsonTokenType.StartArray || !reader.Read() || reader.TokenType != JsonTokenType.EndArray)
            throw new MessageFormatException("buffers inside the JSON is not an empty array; buffers need a binary frame");
    }

    private ref struct Writer(Span<byte> frame, int start)
    {
        private readonly Span<byte> frame = frame;

        public int At { get; private set; } = start;

        public void Add(scoped ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(frame[At..]);
            At += bytes.Length;
        }
    }
}
