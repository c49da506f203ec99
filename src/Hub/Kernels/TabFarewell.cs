using System.Buffers;
using System.Net.WebSockets;
using System.Text;

namespace Hub.Kernels;

/// <summary>Ends the connection of a tab with a code that tells the front end whether to come back.</summary>
internal static class TabFarewell
{
    private const int BufferBytes = 4096;

    // Of a close frame: 125 bytes less the code.
    private const int LongestText = 123;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <param name="socket">Nothing is being sent on it.</param>
    /// <param name="reason">What the close frame says.</param>
    /// <param name="reading">Whoever reads from it; has ended when this returns.</param>
    /// <param name="time">For the patience with a tab that does not answer.</param>
    public static async Task SayAsync(WebSocket socket, CloseReason reason, Task reading, TimeProvider time)
    {
        try
        {
            using CancellationTokenSource patience = new(s_patience, time);
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await socket.CloseOutputAsync((WebSocketCloseStatus)reason.Code, Cut(reason.Text), patience.Token);
            // The peer's own close frame ends the reader; a peer that sends none is cut off. What it still sends is read to nobody: closing
            // a TCP connection with unread bytes resets it, and the code would never arrive.
            await reading.WaitAsync(patience.Token);
            await DrainAsync(socket, patience.Token);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // Nobody is left to shake hands with.
        }

        if (!reading.IsCompleted)
        {
            socket.Abort();
            await reading;
        }
    }

    private static async Task DrainAsync(WebSocket socket, CancellationToken cancellationToken)
    {
        byte[] nothing = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (socket.State is WebSocketState.CloseSent or WebSocketState.Open)
            {
                if ((await socket.ReceiveAsync(nothing.AsMemory(), cancellationToken)).MessageType == WebSocketMessageType.Close)
                    return;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(nothing);
        }
    }

    /// <summary>At most as many UTF-8 bytes as a close frame holds.</summary>
    private static string Cut(string text)
    {
        while (Encoding.UTF8.GetByteCount(text) > LongestText)
            text = text[..^1];
        return text;
    }
}
