using Wire.Jupyter;

namespace Hub.Kernels;

/// <summary>
/// One message on its way to a tab. The newer framing is written straight into each tab's connection, since it is hardly more than a copy of the
/// parts; of the older one, which is JSON text, the bytes are made once and shared by all tabs that want it.
/// </summary>
/// <param name="Message">What was said.</param>
/// <param name="Sequence">Its number in the kernel's journal; of joined messages that of the last.</param>
/// <param name="Json">Frames of the older framing that tabs share; null where nothing is shared.</param>
/// <param name="IsCounted">The queue it is in holds the message: see <see cref="KernelMessage.Hold"/>.</param>
internal readonly record struct TabMessage(KernelMessage Message, long Sequence, JsonFrames? Json = null, bool IsCounted = false)
{
    /// <summary>Bytes of all parts, which is what it counts in a queue.</summary>
    public long Size => Message.Size;

    public static bool IsStreamMessage(KernelMessage message) => message.Channel == KernelChannel.IOPub && message.MessageType == MessageTypes.Stream;

    /// <param name="framing">How the tab wants it.</param>
    /// <param name="numbered">With <c>hub_seq</c> in its metadata.</param>
    /// <exception cref="MessageFormatException">A JSON part is no JSON, so it cannot be spliced into a frame of the older framing.</exception>
    public (ReadOnlyMemory<byte> Frame, bool IsText) Encode(Framing framing, bool numbered)
    {
        if (framing == Framing.V1)
            return (WebSocketV1Codec.Encode(Message, numbered ? Sequence : 0), false);
        return ((Json ?? new JsonFrames()).Encode(Message, numbered ? Sequence : 0), WebSocketJsonCodec.IsText(Message));
    }

    public void Hold()
    {
        if (IsCounted)
            Message.Hold();
    }

    /// <summary>The tab was sent it, or will be by other means.</summary>
    public void Release()
    {
        if (IsCounted)
            Message.Release();
    }
}
