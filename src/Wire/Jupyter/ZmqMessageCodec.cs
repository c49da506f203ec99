using System.Diagnostics.CodeAnalysis;
using Wire.Zmtp;

namespace Wire.Jupyter;

/// <summary>
/// One message ⇄ the frames of a ZeroMQ multipart message (messaging spec, "The wire protocol"):
/// <code>
/// identities or topic, 0..n │ &lt;IDS|MSG&gt; │ signature │ header │ parent_header │ metadata │ content │ buffers, 0..n
/// </code>
/// The delimiter is searched, never counted to: kernels put zero, one or more frames before it. Parts are slices of the block they were received in; nothing is copied.
/// </summary>
public static class ZmqMessageCodec
{
    /// <summary>Signature and the four JSON parts.</summary>
    private const int FixedParts = 5;

    private static readonly ReadOnlyMemory<byte> DelimiterFrame = Delimiter.ToArray();

    /// <summary>Separates routing from the message.</summary>
    public static ReadOnlySpan<byte> Delimiter => "<IDS|MSG>"u8;

    /// <summary>Verifies and reads a multipart message that is there as a list.</summary>
    /// <param name="frames">All frames; they are copied.</param>
    /// <inheritdoc cref="TryDecode(ZmtpMessage, KernelChannel, MessageSigner, MessageLimits, out KernelMessage?, out KernelFault?)"/>
    public static bool TryDecode(
        IReadOnlyList<ReadOnlyMemory<byte>> frames,
        KernelChannel channel,
        MessageSigner signer,
        MessageLimits limits,
        [NotNullWhen(true)] out KernelMessage? message,
        [NotNullWhen(false)] out KernelFault? fault) =>
        TryDecode(ZmtpMessage.Of(frames), channel, signer, limits, null, null, out message, out fault);

    /// <summary>Verifies and reads a multipart message as a socket received it.</summary>
    /// <param name="frames">The message keeps slices of them, and the lease on the buffer they may share.</param>
    /// <param name="channel">The channel it came over.</param>
    /// <param name="signer">Checks the signature.</param>
    /// <param name="limits">Which messages are too big.</param>
    /// <param name="message">The message, its headers parsed; null when false is returned.</param>
    /// <param name="fault">Why not; null when true is returned.</param>
    public static bool TryDecode(
        ZmtpMessage frames,
        KernelChannel channel,
        MessageSigner signer,
        MessageLimits limits,
        [NotNullWhen(true)] out KernelMessage? message,
        [NotNullWhen(false)] out KernelFault? fault) =>
        TryDecode(frames, channel, signer, limits, null, null, out message, out fault);

    /// <summary>The same, with the headers of the message before at hand.</summary>
    internal static bool TryDecode(
        ZmtpMessage frames,
        KernelChannel channel,
        MessageSigner signer,
        MessageLimits limits,
        ParentHeaderCache? parents,
        HeaderCache? headers,
        [NotNullWhen(true)] out KernelMessage? message,
        [NotNullWhen(false)] out KernelFault? fault)
    {
        ArgumentNullException.ThrowIfNull(signer);
        ArgumentNullException.ThrowIfNull(limits);
        message = null;
        fault = Check(frames, channel, limits, out var at);
        if (fault is not null)
            return false;

        // The signature first: nothing of a forged message is parsed. The four parts lie one behind the other, so they are hashed as one.
        var first = at + 2;
        var signed = frames.Block.AsSpan(frames.StartOf(first)..frames.StartOf(first + 4));
        if (!signer.Verify(frames[at + 1].Span, signed))
        {
            fault = new(channel, KernelFaultKind.BadSignature, "the signature does not fit header, parent_header, metadata and content");
            return false;
        }

        try
        {
            var (header, parent) = (frames[first], frames[first + 1]);
            var shape = headers is null ? MessageHeader.Parse(header, "header", limits).Shape : headers.Read(header, limits);
            if (shape.MessageType.Length > 0)
            {
                var cause = parents is not null ? parents.Parse(parent, limits) : MessageHeader.Parse(frames.Segment is null ? parent : parent.ToArray(), "parent_header", limits);
                message = frames.Count == first + 4
                    ? new KernelMessage(channel, frames, first, shape, cause)
                    : new KernelMessage(channel, frames, first, shape, cause) { Buffers = Rest(frames, first + 4) };
                return true;
            }

            fault = new(channel, KernelFaultKind.BadHeader, shape.Problem ?? "header has no msg_type");
        }
        catch (MessageFormatException e)
        {
            fault = new(channel, KernelFaultKind.BadHeader, e.Message);
        }

        return false;
    }

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

    private static KernelFault? Check(ZmtpMessage frames, KernelChannel channel, MessageLimits limits, out int delimiter)
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
        return frames.Body.Length > limits.MaxMessageBytes
            ? Exceeds(channel, "size of the message", frames.Body.Length, nameof(MessageLimits.MaxMessageBytes), limits.MaxMessageBytes)
            : null;
    }

    private static KernelFault Exceeds(KernelChannel channel, string what, long size, string limit, int allowed) =>
        new(channel, KernelFaultKind.LimitExceeded, MessageFormatException.Exceeds(what, size, limit, allowed).Message);

    private static ReadOnlyMemory<byte>[] Rest(ZmtpMessage frames, int from)
    {
        var rest = new ReadOnlyMemory<byte>[frames.Count - from];
        for (var i = 0; i < rest.Length; i++)
            rest[i] = frames[from + i];
        return rest;
    }
}
