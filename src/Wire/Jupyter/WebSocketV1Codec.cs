using System.Buffers.Binary;

namespace Wire.Jupyter;

/// <summary>
/// One message ⇄ one binary WebSocket frame of <c>v1.kernel.websocket.jupyter.org</c> (Jupyter Server, "WebSocket protocols"):
/// <code>
/// N │ o1 … oN │ channel │ header │ parent_header │ metadata │ content │ buffers
/// </code>
/// Little-endian 64-bit words: N offsets follow, part i reaches from offset i to offset i+1, so N = 6 + buffers and the last is the frame's length.
/// JSON parts are the very bytes of the ZeroMQ frames.
/// </summary>
public static class WebSocketV1Codec
{
    /// <summary>The sub-protocol to select in the upgrade.</summary>
    public const string SubProtocol = "v1.kernel.websocket.jupyter.org";

    private const int Word = sizeof(ulong);

    // Channel, four JSON parts, and the end.
    private const int FixedOffsets = 6;

    /// <summary>Bytes of the frame that <see cref="Encode(KernelMessage, Span{byte}, long)"/> will write.</summary>
    /// <param name="message">What is to be sent.</param>
    /// <param name="sequence">As there.</param>
    /// <exception cref="OverflowException">The frame would not fit into 2 GB.</exception>
    public static int Measure(KernelMessage message, long sequence = 0)
    {
        ArgumentNullException.ThrowIfNull(message);
        var mark = new SequenceMark(message.Metadata.Span, sequence);
        return checked((int)(Word * (1 + FixedOffsets + (long)message.Buffers.Count) + message.Channel.WireNameUtf8().Length + message.Size + mark.ExtraLength));
    }

    /// <summary>Makes the frame: the one copy the parts go through on their way to any number of tabs.</summary>
    public static byte[] Encode(KernelMessage message, long sequence = 0)
    {
        var frame = GC.AllocateUninitializedArray<byte>(Measure(message, sequence));
        Encode(message, frame, sequence);
        return frame;
    }

    /// <summary>Writes the frame into a buffer of at least <see cref="Measure"/> bytes; returns its length.</summary>
    /// <param name="message">What is to be sent.</param>
    /// <param name="frame">Where it goes.</param>
    /// <param name="sequence">Greater than 0: the message's number, written as <c>hub_seq</c> in front of its metadata; no other byte changes.</param>
    public static int Encode(KernelMessage message, Span<byte> frame, long sequence = 0)
    {
        ArgumentNullException.ThrowIfNull(message);
        var mark = new SequenceMark(message.Metadata.Span, sequence);
        var offsets = FixedOffsets + message.Buffers.Count;
        var writer = new Writer(frame, offsets);
        writer.Part(message.Channel.WireNameUtf8());
        writer.Part(message.Header.Span);
        writer.Part(message.ParentHeader.Span);
        writer.Part(mark.Prefix, mark.Rest);
        writer.Part(message.Content.Span);
        for (var i = 0; i < message.Buffers.Count; i++)
            writer.Part(message.Buffers[i].Span);
        return writer.End();
    }

    /// <summary>Makes the frame without copying its content and buffers: one after the other, the pieces are what <see cref="Encode(KernelMessage, long)"/> makes.</summary>
    /// <param name="message">What is to be sent.</param>
    /// <param name="sequence">As there.</param>
    /// <exception cref="OverflowException">The frame would not fit into 2 GB.</exception>
    public static ReadOnlyMemory<byte>[] EncodePieces(KernelMessage message, long sequence = 0)
    {
        ArgumentNullException.ThrowIfNull(message);
        var mark = new SequenceMark(message.Metadata.Span, sequence);
        var pieces = new ReadOnlyMemory<byte>[2 + message.Buffers.Count];
        pieces[1] = message.Content;
        long follows = message.Content.Length;
        for (var i = 0; i < message.Buffers.Count; i++)
            follows += (pieces[2 + i] = message.Buffers[i]).Length;

        var head = new byte[Measure(message, sequence) - follows];
        var writer = new Writer(head, FixedOffsets + message.Buffers.Count);
        writer.Part(message.Channel.WireNameUtf8());
        writer.Part(message.Header.Span);
        writer.Part(message.ParentHeader.Span);
        writer.Part(mark.Prefix, mark.Rest);
        for (var i = 1; i < pieces.Length; i++)
            writer.Follows(pieces[i].Length);
        writer.End();
        pieces[0] = head;
        return pieces;
    }

    /// <summary>Reads a frame. The message keeps slices of it: hand over memory that stays as it is.</summary>
    /// <exception cref="MessageFormatException">The frame is malformed or exceeds a limit; the text names the offset, part, field or limit.</exception>
    public static KernelMessage Decode(ReadOnlyMemory<byte> frame, MessageLimits? limits = null)
    {
        limits ??= MessageLimits.Default;
        var offsets = ReadOffsets(frame.Span, limits);
        ReadOnlyMemory<byte> Part(int i) => frame[offsets[i]..offsets[i + 1]];

        if (!KernelChannels.TryParse(Part(0).Span, out var channel))
            throw new MessageFormatException("channel is none of shell, control, iopub, stdin, hb");
        var (metadata, content) = (Part(3), Part(4));
        JsonPart.Check(metadata.Span, "metadata", limits.MaxJsonDepth);
        JsonPart.Check(content.Span, "content", limits.MaxJsonDepth);

        var buffers = offsets.Length == FixedOffsets ? [] : new ReadOnlyMemory<byte>[offsets.Length - FixedOffsets];
        for (var i = 0; i < buffers.Length; i++)
            buffers[i] = Part(FixedOffsets - 1 + i);
        return new KernelMessage
        {
            Channel = channel,
            Header = Part(1),
            ParentHeader = Part(2),
            Metadata = metadata,
            Content = content,
            Buffers = buffers,
        }.ParseHeaders(limits).RequireIdentity();
    }

    // All arithmetic in 64 bits and compared with the real length first: offsets are the favourite place for an attack.
    private static int[] ReadOffsets(ReadOnlySpan<byte> frame, MessageLimits limits)
    {
        if (frame.Length > limits.MaxMessageBytes)
            throw MessageFormatException.Exceeds("size of the frame", frame.Length, nameof(MessageLimits.MaxMessageBytes), limits.MaxMessageBytes);
        if (frame.Length < Word * (1 + FixedOffsets))
            throw new MessageFormatException($"a frame of {frame.Length} bytes is too short for the offsets of its parts");

        var count = BinaryPrimitives.ReadUInt64LittleEndian(frame);
        if (count < FixedOffsets)
            throw new MessageFormatException($"offset count is {count}, not at least {FixedOffsets}");
        if (count - FixedOffsets > (ulong)limits.MaxBuffers)
            throw new MessageFormatException($"number of buffers is {count - FixedOffsets}, more than {nameof(MessageLimits.MaxBuffers)} ({limits.MaxBuffers}) allows");
        if (count > (ulong)(frame.Length / Word - 1))
            throw new MessageFormatException($"{count} offsets do not fit into a frame of {frame.Length} bytes");

        var offsets = new int[count];
        var least = (ulong)Word * (count + 1);
        for (var i = 0; i < offsets.Length; i++)
        {
            var offset = BinaryPrimitives.ReadUInt64LittleEndian(frame[(Word * (i + 1))..]);
            if (offset < least || offset > (ulong)frame.Length)
                throw new MessageFormatException($"offset {i + 1} is {offset}, not between {least} and {frame.Length}");
            offsets[i] = (int)offset;
            least = offset;
        }

        // A gap or a tail would be bytes that nobody checks.
        if (offsets[0] != Word * (offsets.Length + 1))
            throw new MessageFormatException($"offset 1 is {offsets[0]}, not the end of the offsets {Word * (offsets.Length + 1)}");
        if (offsets[^1] != frame.Length)
            throw new MessageFormatException($"the last offset is {offsets[^1]}, not the length {frame.Length}");
        return offsets;
    }

    private ref struct Writer
    {
        private readonly Span<byte> frame;
        private int word;
        private int at;

        public Writer(Span<byte> frame, int offsets)
        {
            this.frame = frame;
            BinaryPrimitives.WriteUInt64LittleEndian(frame, (ulong)offsets);
            word = Word;
            at = Word * (offsets + 1);
        }

        public void Part(scoped ReadOnlySpan<byte> part)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(frame[word..], (ulong)at);
            word += Word;
            part.CopyTo(frame[at..]);
            at += part.Length;
        }

        public void Part(scoped ReadOnlySpan<byte> begin, scoped ReadOnlySpan<byte> rest)
        {
            begin.CopyTo(frame[at..]);
            rest.CopyTo(frame[(at + begin.Length)..]);
            BinaryPrimitives.WriteUInt64LittleEndian(frame[word..], (ulong)at);
            word += Word;
            at += begin.Length + rest.Length;
        }

        /// <summary>A part that is written elsewhere.</summary>
        public void Follows(int length)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(frame[word..], (ulong)at);
            word += Word;
            at += length;
        }

        public readonly int End()
        {
            BinaryPrimitives.WriteUInt64LittleEndian(frame[word..], (ulong)at);
            return at;
        }
    }
}
