using System.Buffers;
using System.Net.WebSockets;

namespace Hub.Kernels;

/// <summary>Reads whole frames of a tab. Waits with no buffer at all, so that an idle tab costs little.</summary>
/// <param name="socket">Nobody else may read from it.</param>
/// <param name="maxBytes">Of one frame.</param>
internal sealed class TabFrameReader(WebSocket socket, int maxBytes)
{
    private const int FirstBuffer = 4096;

    /// <summary>The end was a frame beyond the limit.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>One frame in memory of its own, perhaps empty; null at the end.</summary>
    /// <exception cref="WebSocketException">The connection broke.</exception>
    public async ValueTask<(ReadOnlyMemory<byte> Frame, bool IsText)?> ReadAsync(CancellationToken cancellationToken)
    {
        ValueWebSocketReceiveResult begun = await socket.ReceiveAsync(Memory<byte>.Empty, cancellationToken);
        if (begun.MessageType == WebSocketMessageType.Close)
            return null;
        if (begun.EndOfMessage)
            return (ReadOnlyMemory<byte>.Empty, begun.MessageType == WebSocketMessageType.Text);

        byte[] buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        try
        {
            int length = 0;
            while (true)
            {
                if (length == buffer.Length)
                    buffer = Grow(buffer, length);
                ValueWebSocketReceiveResult part = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
                if (part.MessageType == WebSocketMessageType.Close)
                    return null;
                length += part.Count;
                if (length > maxBytes)
                {
                    IsTooLong = true;
                    return null;
                }

                if (part.EndOfMessage)
                    return (buffer.AsSpan(0, length).ToArray(), part.MessageType == WebSocketMessageType.Text);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private byte[] Grow(byte[] buffer, int length)
    {
        byte[] longer = ArrayPool<byte>.Shared.Rent((int)Math.Min(buffer.Length * 2L, maxBytes + 1L));
        buffer.AsSpan(0, length).CopyTo(longer);
        ArrayPool<byte>.Shared.Return(buffer);
        return longer;
    }
}
