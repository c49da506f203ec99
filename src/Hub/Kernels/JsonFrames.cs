using Wire.Jupyter;

namespace Hub.Kernels;

/// <summary>The frames of one message in the older framing, made when the first tab asks and shared by the others.</summary>
internal sealed class JsonFrames
{
    private byte[]? _plain;
    private byte[]? _numbered;

    /// <param name="message">Always the same.</param>
    /// <param name="sequence">Its number, to be told to the tab; 0 for tabs that want none.</param>
    /// <exception cref="MessageFormatException">A JSON part is no JSON.</exception>
    public byte[] Encode(KernelMessage message, long sequence) =>
        // Two tabs may both encode the first time; the results are equal and one of them is dropped.
        sequence > 0 ? _numbered ??= WebSocketJsonCodec.Encode(message, sequence: sequence) : _plain ??= WebSocketJsonCodec.Encode(message);
}
