using System.Diagnostics.CodeAnalysis;
using Wire.Zmtp;

namespace Wire.Jupyter;

/// <summary>
/// One message ⇄ the frames of a ZeroMQ multipart message (messaging spec, "The wire protocol"):
/// <code>
/// identities or topic, 0..n │ &lt;IDS|MSG&gt; │ signature │ header │ parent_header │ metadata │ content │ buffers, 0..n
/// </code>
/// The delimiter is searched, never counted to: kernels put zero, one or more frames before it. Parts are slices of the frames; nothing is copied.
/// </summary>
public static class ZmqMessageCodec
{
    /// <summary>Signature and the four JSON parts.</summary>
    private const int FixedParts = 5;

    private static readonly ReadOnlyMemory<byte> DelimiterFrame = Delimiter.ToArray();

    /// <summary>Separates routing from the message.</summary>
    public static ReadOnlySpan<byte> Delimiter => "<IDS|MSG>"u8;

    /// <summary>Verifies and reads a multipart message.</summary>
    /// <param name="frames">All frames; the message keeps slices of them.</param>
    /// <param name="channel">The channel it came over.</param>
    /// <param name="signer">Checks the signature.</param>
    /// <param name="limits">Which messages are too big.</param>
    /// <param name="message">The message, its headers parsed; null when false is returned.</param>
    /// <param name="fault">Why not; null when true is returned.</param>
    public static bool TryDecode(
        IReadOnlyList<ReadOnlyMemory<byte>> frames,
        KernelChannel channel,
        MessageSigner signer,
        MessageLimits limits,
        [NotNullWhen(true)] out KernelMessage? message,
        [NotNullWhen(false)] out KernelFault? fault)
    {
        ArgumentNullException.ThrowIfNull(frames);
        return TryDecode(new ListedFrames(frames), channel, signer, limits, null, out message, out fault);
    }

    /// <summary>Verifies and reads a multipart message as a socket received it, with no list made of its frames.</summary>
    /// <inheritdoc cref="TryDecode(IReadOnlyList{ReadOnlyMemory{byte}}, KernelChannel, MessageSigner, MessageLimits, out KernelMessage?, out KernelFault?)"/>
    public static bool TryDecode(
        ZmtpMessage frames,
        KernelChannel channel,
        MessageSigner signer,
        MessageLimits limits,
        [NotNullWhen(true)] out KernelMessage? message,
        [NotNullWhen(false)] out KernelFault? fault) =>
        TryDecode(new ReceivedFrames(frames), channel, signer, limits, null, out message, out fault);

    /// <summary>The same, with the parent header of the message before at hand.</summary>
    internal static bool TryDecode(
        ZmtpMessage frames,
        KernelChannel channel,
        MessageSigner signer,
        MessageLimits limits,
        ParentHeaderCache parents,
        [NotNullWhen(true)] out KernelMessage? message,
        [NotNullWhen(false)] out KernelFault? fault) =>
        TryDecode(new ReceivedFrames(frames), channel, signer, limits, parents, out message, out fault);

    /// <summary>Makes the frames of a message, signed. Parts are not copied.</summary>
    /// <param name="message">What to send.</param>
    /// <param name="signer">Signs it.</param>
    /// <param name="identities">Frames before the delimiter: routing identities at a ROUTER, the topic at a publisher.</param>
    public static ReadOnlyMemory<byte>[] Encode(KernelMessage message, MessageSigner signer, params ReadOnlySpan<ReadOnlyMemory<byte>> identities)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(signer);
        var signature = signer.SignatureLength == 0 ? [] : new byte[signer.SignatureLength];
        signer.Sign(message, signature);

        var frames = new ReadOnlyMemory<byte>[identities.Length + 1 + FixedParts + message.Buffers.Count];
        identities.CopyTo(frames);
        var at = identities.Length;
        frames[at++] = DelimiterFrame;
        frames[at++] = signature;
        frames[at++] = message.Header;
        frames[at++] = message.ParentHeader;
        frames[at++] = message.Metadata;
        frames[at++] = message.Content;
        for (var i = 0; i < message.Buffers.Count; i++)
            frames[at++] = message.Buffers[i];
        return frames;
    }

    private static bool TryDecode<TFrames>(
        TFrames frames,
        KernelChannel channel,
        MessageSigner signer,
        MessageLimits limits,
        ParentHeaderCache? parents,
        [NotNullWhen(true)] out KernelMessage? message,
        [NotNullWhen(false)] out KernelFault? fault)
        where TFrames : struct, IFrames
    {
        ArgumentNullException.ThrowIfNull(signer);
        ArgumentNullException.ThrowIfNull(limits);
        message = null;
        fault = Check(frames, channel, limits, out var at);
        if (fault is not null)
            return false;

        // The signature first: nothing of a forged message is parsed.
        var (header, parent, metadata, content) = (frames[at + 2], frames[at + 3], frames[at + 4], frames[at + 5]);
        if (!signer.Verify(frames[at + 1].Span, header.Span, parent.Span, metadata.Span, content.Span))
        {
            fault = new(channel, KernelFaultKind.BadSignature, "the signature does not fit header, parent_header, metadata and content");
            return false;
        }

        try
        {
            var read = new KernelMessage
            {
                Channel = channel,
                Header = header,
                ParentHeader = parent,
                Metadata = metadata,
                Content = content,
                Buffers = Rest(frames, at + 1 + FixedParts),
            }.ParseHeaders(limits, parents);
            if (read.MessageType.Length > 0)
            {
                message = read;
                return true;
            }

            fault = new(channel, KernelFaultKind.BadHeader, read.HeaderFields.Problem ?? "header has no msg_type");
        }
        catch (MessageFormatException e)
        {
            fault = new(channel, KernelFaultKind.BadHeader, e.Message);
        }

        return false;
    }

    private static KernelFault? Check<TFrames>(TFrames frames, KernelChannel channel, MessageLimits limits, out int delimiter)
        where TFrames : struct, IFrames
    {
        delimiter = 0;
        var last = Math.Min(frames.Count - 1, limits.MaxIdentities);
        while (delimiter <= last && !frames[delimiter].Span.SequenceEqual(Delimiter))
            delimiter++;
        if (delimiter > last)
        {
            return new(channel, KernelFaultKind.NoDelimiter,
                $"no delimiter after at most {nameof(MessageLimits.MaxIdentities)} ({limits.MaxIdentities}) of {frames.Count} frames");
        }

        var parts = frames.Count - delimiter - 1;
        if (parts < FixedParts)
            return new(channel, KernelFaultKind.TooFewFrames, $"{parts} frames follow the delimiter, not at least {FixedParts}");
        if (parts - FixedParts > limits.MaxBuffers)
            return Exceeds(channel, "number of buffers", parts - FixedParts, nameof(MessageLimits.MaxBuffers), limits.MaxBuffers);

        long size = 0;
        for (var i = 0; i < frames.Count; i++)
            size += frames[i].Length;
        return size > limits.MaxMessageBytes
            ? Exceeds(channel, "size of the message", size, nameof(MessageLimits.MaxMessageBytes), limits.MaxMessageBytes)
            : null;
    }

    private static KernelFault Exceeds(KernelChannel channel, string what, long size, string limit, int allowed) =>
        new(channel, KernelFaultKind.LimitExceeded, MessageFormatException.Exceeds(what, size, limit, allowed).Message);

    private static ReadOnlyMemory<byte>[] Rest<TFrames>(TFrames frames, int from)
        where TFrames : struct, IFrames
    {
        if (from == frames.Count)
            return [];
        var rest = new ReadOnlyMemory<byte>[frames.Count - from];
        for (var i = 0; i < rest.Length; i++)
            rest[i] = frames[from + i];
        return rest;
    }

    // A struct behind a type parameter: the loops below are compiled for each and call no interface.
    private interface IFrames
    {
        int Count { get; }

        ReadOnlyMemory<byte> this[int index] { get; }
    }

    private readonly struct ListedFrames(IReadOnlyList<ReadOnlyMemory<byte>> frames) : IFrames
    {
        public int Count => frames.Count;

        public ReadOnlyMemory<byte> this[int index] => frames[index];
    }

    private readonly struct ReceivedFrames(ZmtpMessage frames) : IFrames
    {
        public int Count => frames.Count;

        public ReadOnlyMemory<byte> this[int index] => frames[index];
    }
}
