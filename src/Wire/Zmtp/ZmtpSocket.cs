namespace Wire.Zmtp;

/// <summary>What all socket types share: endpoints, peers, events and an orderly end. Safe to use from several threads.</summary>
public abstract class ZmtpSocket : IAsyncDisposable
{
    private protected ZmtpSocket(ZmtpSocketType type, ZmtpOptions options, TimeProvider time)
    {
        Type = type;
        Options = options;
        Time = time;
    }

    /// <summary>Told in the thread where it happened: return at once, throw nothing.</summary>
    public event Action<ZmtpEvent>? Happened;

    public ZmtpSocketType Type { get; }

    public ZmtpOptions Options { get; }

    private protected TimeProvider Time { get; }

    /// <summary>Peers that are connected now.</summary>
    public int PeerCount { get; private set; }

    /// <summary>Keeps a connection to the endpoint until the socket is disposed; returns at once, failures are events.</summary>
    public void Connect(ZmtpEndpoint endpoint) => throw new NotImplementedException();

    /// <summary>Listens; the returned endpoint has the port that was chosen.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The address is in use or not ours.</exception>
    public ZmtpEndpoint Bind(ZmtpEndpoint endpoint) => throw new NotImplementedException();

    /// <summary>Waits up to <see cref="ZmtpOptions.Linger"/> for queued messages, then closes every descriptor and ends every task.</summary>
    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private protected void Tell(ZmtpEvent happened) => Happened?.Invoke(happened);
}
