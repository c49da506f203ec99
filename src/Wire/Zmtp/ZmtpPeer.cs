namespace Wire.Zmtp;

/// <summary>The other side of one connection, as it introduced itself in greeting and READY.</summary>
public sealed class ZmtpPeer
{
    private long _dropped;

    internal ZmtpPeer(ZmtpEndpoint endpoint, ZmtpSocketType? socketType, ReadOnlyMemory<byte> identity, int minor)
    {
        Endpoint = endpoint;
        SocketType = socketType;
        Identity = identity;
        Minor = minor;
    }

    /// <summary>Where we connected to, or the listening endpoint it came in by.</summary>
    public ZmtpEndpoint Endpoint { get; }

    /// <summary>Null when the peer did not say.</summary>
    public ZmtpSocketType? SocketType { get; }

    /// <summary>The identity it announced; at a ROUTER never empty, since one is invented for a peer without.</summary>
    public ReadOnlyMemory<byte> Identity { get; }

    /// <summary>Minor version both sides speak: 0 or 1.</summary>
    public int Minor { get; }

    /// <summary>Messages for this peer that were lost because its queue was full.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    internal long CountDropped() => Interlocked.Increment(ref _dropped);
}
