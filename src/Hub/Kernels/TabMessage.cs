using Wire.Jupyter;

namespace Hub.Kernels;

/// <summary>
/// One message on its way to any number of tabs: each framing is encoded when the first tab needs it and shared by all others.
/// </summary>
internal sealed class TabMessage(KernelMessage message)
{
    private byte[]? _v1;
    private byte[]? _json;

    public KernelMessage Message { get; } = message;

    /// <summary>Bytes of all parts, which is what it counts in a queue.</summary>
    public long Size { get; } = message.Size;

    /// <summary>May it be left out, with a notice, for a tab that is far behind? What ends a request or moves a widget may not.</summary>
    public bool IsOutput => Message.Channel == KernelChannel.IOPub && Message.MessageType is
        MessageTypes.Stream or MessageTypes.DisplayData or MessageTypes.UpdateDisplayData or MessageTypes.ExecuteResult
        or MessageTypes.ExecuteInput or MessageTypes.ClearOutput or MessageTypes.Error or MessageTypes.DebugEvent;

    public bool IsStream => Message.Channel == KernelChannel.IOPub && Message.MessageType == MessageTypes.Stream;

    /// <exception cref="MessageFormatException">A JSON part is no JSON, so it cannot be spliced into a frame of the older framing.</exception>
    public (ReadOnlyMemory<byte> Frame, bool IsText) Encode(Framing framing)
    {
        // Two tabs may both encode the first time; the results are equal and one of them is dropped.
        return framing == Framing.V1
            ? (_v1 ??= WebSocketV1Codec.Encode(Message), false)
            : (_json ??= WebSocketJsonCodec.Encode(Message), WebSocketJsonCodec.IsText(Message));
    }
}
