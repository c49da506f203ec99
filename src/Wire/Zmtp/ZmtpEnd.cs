using System.Net.Sockets;

namespace Wire.Zmtp;

/// <summary>How a connection ended.</summary>
internal sealed record ZmtpEnd(ZmtpCloseReason Reason, Exception? Error)
{
    public static ZmtpEnd From(Exception error) => error switch
    {
        ZmtpProtocolException => new(ZmtpCloseReason.ProtocolFault, error),
        ZmtpPeerErrorException => new(ZmtpCloseReason.PeerError, error),
        EndOfStreamException => new(ZmtpCloseReason.PeerClosed, error),
        SocketException or IOException or ObjectDisposedException => new(ZmtpCloseReason.TransportFailed, error),
        _ => new(ZmtpCloseReason.ReceiverFailed, error),
    };
}
