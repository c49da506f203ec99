using System.Net.Sockets;
using System.Text;
using Testing;
using Wire.Zmtp;

namespace Wire.Tests.Zmtp;

/// <summary>The other side as plain bytes: what a peer may send, right or wrong.</summary>
internal sealed class RawPeer : IDisposable
{
    private readonly Socket _socket;

    private RawPeer(Socket socket) => _socket = socket;

    /// <summary>The greeting of libzmq 4.3.</summary>
    public static byte[] Greeting(int minor = 1)
    {
        byte[] greeting = new byte[64];
        greeting[0] = 0xFF;
        greeting[8] = 1;
        greeting[9] = 0x7F;
        greeting[10] = 3;
        greeting[11] = (byte)minor;
        "NULL"u8.CopyTo(greeting.AsSpan(12));
        return greeting;
    }

    public static byte[] Ready(string type, string typeName = "Socket-Type", byte[]? identity = null)
    {
        List<byte> body = [5, .. "READY"u8];
        Property(typeName, Encoding.ASCII.GetBytes(type));
        if (identity is not null)
            Property("Identity", identity);
        return [4, (byte)body.Count, .. body];

        void Property(string name, byte[] value)
        {
            body.Add((byte)name.Length);
            body.AddRange(Encoding.ASCII.GetBytes(name));
            body.AddRange([0, 0, 0, (byte)value.Length]);
            body.AddRange(value);
        }
    }

    public static byte[] Command(string name, params byte[] data) => [4, (byte)(1 + name.Length + data.Length), (byte)name.Length, .. Encoding.ASCII.GetBytes(name), .. data];

    public static async Task<RawPeer> Connect(ZmtpEndpoint endpoint)
    {
        Socket socket = new(endpoint.ToConnect().AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(endpoint.ToConnect());
        return new RawPeer(socket);
    }

    /// <summary>Connects and is through the handshake.</summary>
    public static async Task<RawPeer> Connect(ZmtpEndpoint endpoint, string type, int minor = 1, byte[]? identity = null)
    {
        RawPeer peer = await Connect(endpoint);
        await peer.Send(Greeting(minor));
        await peer.Receive(64);
        await peer.Send(Ready(type, identity: identity));
        await peer.ReceiveFrame();
        return peer;
    }

    public static async Task<RawPeer> Accept(Socket listener) => new(await Eventually.Comes(listener.AcceptAsync()));

    public async Task Send(params byte[] bytes)
    {
        int sent = 0;
        while (sent < bytes.Length)
            sent += await _socket.SendAsync(bytes.AsMemory(sent));
    }

    public async Task<byte[]> Receive(int count)
    {
        byte[] bytes = new byte[count];
        for (int at = 0; at < count;)
        {
            int got = await Eventually.Comes(_socket.ReceiveAsync(bytes.AsMemory(at)).AsTask());
            if (got == 0)
                throw new EndOfStreamException($"closed after {at} of {count} bytes");
            at += got;
        }

        return bytes;
    }

    /// <summary>Flags and body of the next frame, a short one.</summary>
    public async Task<(byte Flags, byte[] Body)> ReceiveFrame()
    {
        byte[] header = await Receive(2);
        return (header[0], await Receive(header[1]));
    }

    /// <summary>Everything until the other side closes; a reset is an end too.</summary>
    public async Task<byte[]> ReceiveToEnd()
    {
        List<byte> all = [];
        byte[] some = new byte[4096];
        try
        {
            while (await Eventually.Comes(_socket.ReceiveAsync(some.AsMemory()).AsTask()) is > 0 and int got)
                all.AddRange(some[..got]);
        }
        catch (SocketException)
        {
            // Reset: what came before it is all there is.
        }

        return [.. all];
    }

    /// <summary>The other side can send no more; what it has sent can still be received.</summary>
    public void Refuse() => _socket.Shutdown(SocketShutdown.Receive);

    public void Finish() => _socket.Shutdown(SocketShutdown.Send);

    public void Dispose() => _socket.Dispose();
}
