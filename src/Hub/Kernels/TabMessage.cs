using Wire.Jupyter;

namespace Hub.Kernels;

/// <summary>
/// One message on its way to any number of tabs. The first tab that sends it writes it straight into its connection, so that with one tab nothing
/// is made for it; when there is a second, each framing is encoded once and its bytes are shared by all others.
/// </summary>
internal sealed class TabMessage(KernelMessage message, long sequence)
{
    private byte[]? _v1;
    private byte[]? _v1Numbered;
    private byte[]? _json;
    private byte[]? _jsonNumbered;

    private int _senders;

    public KernelMessage Message { get; } = message;

    /// <summary>Its number in the kernel's journal; of joined messages that of the last.</summary>
    public long Sequence { get; } = sequence;

    /// <summary>Bytes of all parts, which is what it counts in a queue.</summary>
    public long Size { get; } = message.Size;

    public bool IsStream => IsStreamMessage(Message);

    public static bool IsStreamMessage(KernelMessage message) => message.Channel == KernelChannel.IOPub && message.MessageType == MessageTypes.Stream;

    /// <summary>Each tab asks once, before it sends: true for all but the first.</summary>
    public bool IsShared() => Interlocked.Increment(ref _senders) > 1;

    /// <param name="framing">How the tab wants it.</param>
    /// <param name="numbered">With <c>hub_seq</c> in its metadata.</param>
    /// <exception cref="MessageFormatException">A JSON part is no JSON, so it cannot be spliced into a frame of the older framing.</exception>
    public (ReadOnlyMemory<byte> Frame, bool IsText) Encode(Framing framing, bool numbered)
    {
        // Two tabs may both encode the first time; the results are equal and one of them is dropped.
        if (framing == Framing.V1)
            return (numbered ? _v1Numbered ??= WebSocketV1Codec.Encode(Message, Sequence) : _v1 ??= WebSocketV1Codec.Encode(Message), false);
        return (numbered ? _jsonNumbered ??= WebSocketJsonCodec.Encode(Message, sequence: Sequence) : _json ??= WebSocketJsonCodec.Encode(Message), WebSocketJsonCodec.IsText(Message));
    }
}
