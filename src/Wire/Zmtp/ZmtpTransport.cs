using System.Net;
using System.Net.Sockets;

namespace Wire.Zmtp;

/// <summary>Sockets of the operating system, set up as ZMTP wants them.</summary>
internal static class ZmtpTransport
{
    // As libzmq's default; more peers than this at the same moment wait in connect.
    private const int Backlog = 100;

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
        if (endpoint.IsIpc && !endpoint.IsAbstract && File.Exists(endpoint.Address) && !Answers(address))
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

    private static bool Answers(EndPoint address)
    {
        using Socket probe = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(address);
            return true;
        }
        catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
