using System.Net;
using System.Net.Sockets;

namespace Wire.Zmtp;

/// <summary>Sockets of the operating system, set up as ZMTP wants them.</summary>
internal static class ZmtpTransport
{
    // Peers that connect at the same moment. libzmq's 100 is soon full, and connecting to a full Unix socket fails at once.
    private const int Backlog = 1024;

    // A peer whose machine vanished is noticed after 60 + 5 × 10 s even when nothing is sent.
    private const int KeepAliveAfterSeconds = 60;
    private const int KeepAliveIntervalSeconds = 10;
    private const int KeepAliveProbes = 5;

    public static async Task<Socket> ConnectAsync(ZmtpEndpoint endpoint, CancellationToken cancellationToken)
    {
        EndPoint target = endpoint.ToConnect();
        Socket socket = target is DnsEndPoint
            ? new Socket(SocketType.Stream, ProtocolType.Tcp)
            : new Socket(target.AddressFamily, SocketType.Stream, endpoint.IsIpc ? ProtocolType.Unspecified : ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(target, cancellationToken);
            Tune(socket);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Listens. A socket file that nobody listens behind is replaced; a live one is never stolen.</summary>
    /// <exception cref="SocketException">The address is in use or not ours.</exception>
    public static Socket Listen(ZmtpEndpoint endpoint)
    {
        EndPoint address = endpoint.ToListen();
        if (endpoint.IsIpc && !endpoint.IsAbstract && IsDead(endpoint.Address, address))
            File.Delete(endpoint.Address);
        Socket listener = new(address.AddressFamily, SocketType.Stream, endpoint.IsIpc ? ProtocolType.Unspecified : ProtocolType.Tcp);
        try
        {
            if (address is IPEndPoint { Address: var ip } && ip.Equals(IPAddress.IPv6Any))
                listener.DualMode = true;
            listener.Bind(address);
            listener.Listen(Backlog);
            return listener;
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    public static void Tune(Socket socket)
    {
        if (socket.AddressFamily == AddressFamily.Unix)
            return;
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveAfterSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveIntervalSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveProbes);
    }

    /// <summary>A socket file behind which nobody listens. Any other file is not ours to remove.</summary>
    private static bool IsDead(string path, EndPoint address)
    {
        if (!UnixFile.IsSocket(path))
            return false;
        using Socket probe = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(address);
            return false;
        }
        catch (SocketException error)
        {
            return error.SocketErrorCode == SocketError.ConnectionRefused;
        }
    }
}
