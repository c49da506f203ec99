using System.Net.Sockets;
using Spawner.Terminals;

namespace Hub.Terminals;

/// <summary>One connection to the holder of a terminal: whoever owns it reads frame after frame, and one at a time writes.</summary>
/// <remarks>An idle one keeps no buffer but that of a frame's head.</remarks>
internal sealed class HolderLink : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly byte[] _head = new byte[HolderFrameCodec.HeadBytes];
    private byte[]? _payload;

    private HolderLink()
    {
    }

    /// <summary>Connects and says from which byte on the output is wanted.</summary>
    /// <param name="path">In a directory that only the hub can change, so it leads nowhere else.</param>
    /// <exception cref="IOException">Nobody is there, or no holder.</exception>
    public static async Task<(HolderLink Link, HolderFrame.Hello Hello)> OpenAsync(string path, long wanted, CancellationToken cancellationToken)
    {
        HolderLink link = new();
        try
        {
            await link._socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            await link.WriteAsync(HolderFrameCodec.Attach(wanted), cancellationToken);
            if (await link.ReadAsync(cancellationToken) is HolderFrame.Hello hello)
                return (link, hello);
            throw new IOException("the terminal did not say hello");
        }
        catch (SocketException absent)
        {
            link.Dispose();
            throw new IOException(absent.Message, absent);
        }
        catch
        {
            link.Dispose();
            throw;
        }
    }

    /// <summary>The next frame; null at the end of the connection.</summary>
    /// <exception cref="IOException">The connection broke, or what came is no frame.</exception>
    public async ValueTask<HolderFrame?> ReadAsync(CancellationToken cancellationToken)
    {
        if (!await FillAsync(_head, cancellationToken))
            return null;
        int length = HolderFrameCodec.LengthOf(_head);
        if (length < 0)
            throw new IOException("the terminal sent what is no frame");
        if (_payload is null || _payload.Length < length)
            _payload = new byte[Math.Max(length, Math.Min(2 * (_payload?.Length ?? 512), TerminalProgram.MaxFrame))];
        return await FillAsync(_payload.AsMemory(0, length), cancellationToken)
            ? HolderFrameCodec.Decode(_head[0], _payload.AsMemory(0, length)) ?? throw new IOException("the terminal sent impossible numbers")
            : null;
    }

    /// <exception cref="IOException">The connection broke.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellationToken)
    {
        try
        {
            while (!frame.IsEmpty)
                frame = frame[await _socket.SendAsync(frame, cancellationToken)..];
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException)
        {
            throw new IOException(broken.Message, broken);
        }
    }

    public void Dispose() => _socket.Dispose();

    private async ValueTask<bool> FillAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            while (!buffer.IsEmpty)
            {
                int read = await _socket.ReceiveAsync(buffer, cancellationToken);
                if (read == 0)
                    return false;
                buffer = buffer[read..];
            }

            return true;
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException)
        {
            throw new IOException(broken.Message, broken);
        }
    }
}
