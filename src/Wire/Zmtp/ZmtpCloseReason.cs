namespace Wire.Zmtp;

/// <summary>Why a connection ended; the first cause wins.</summary>
public enum ZmtpCloseReason
{
    /// <summary>The peer closed in good order.</summary>
    PeerClosed,

    /// <summary>The transport broke: reset, unreachable, timed out.</summary>
    TransportFailed,

    /// <summary>The peer broke the protocol or went beyond a limit.</summary>
    ProtocolFault,

    /// <summary>The peer did not finish greeting and READY in time.</summary>
    HandshakeTimeout,

    /// <summary>The peer sent an ERROR command.</summary>
    PeerError,

    /// <summary>Nothing was heard for the time a heartbeat allows.</summary>
    HeartbeatLost,

    /// <summary>A newer connection took over the identity, or the identity was refused because it is in use.</summary>
    DuplicateIdentity,

    /// <summary>Whoever receives the messages threw.</summary>
    ReceiverFailed,

    /// <summary>A request was given up, so its late answer must find no connection.</summary>
    RequestAbandoned,

    /// <summary>The listening socket has all the peers it may have.</summary>
    TooManyPeers,

    /// <summary>The socket was disposed.</summary>
    Disposed,
}
