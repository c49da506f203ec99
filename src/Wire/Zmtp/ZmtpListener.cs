using System.Net;
using System.Net.Sockets;

namespace Wire.Zmtp;

/// <summary>Accepts peers at one endpoint and lets each run until it ends.</summary>
internal sealed class ZmtpListener
{
    // Out of descriptors: accept fails at once again, so pause for others to give some back.
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(100);

    private readonly ZmtpSocket _owner;
    private readonly TimeProvider _time;
    private readonly Socket _socket;

    /// <exception cref="SocketException">The address is in use or not ours.</exception>
    public ZmtpListener(ZmtpSocket owner, ZmtpEndpoint endpoint, TimeProvider time)
    {
        _owner = owner;
        _time = time;
        _socket = ZmtpTransport.Listen(endpoint);
        Endpoint = _socket.LocalEndPoint is IPEndPoint bound ? endpoint.WithPort(bound.Port) : endpoint;
    }

    public ZmtpEndpoint Endpoint { get; }

    public async Task RunAsync(CancellationToken stopping)
    {
        using Socket listener = _socket;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                Socket accepted = await listener.AcceptAsync(stopping);
                if (_owner.TakePlace())
                    _owner.Run(_ => ServeAsync(accepted));
                else
                    Refuse(accepted);
            }
            catch (SocketException error)
            {
                _owner.Tell(new ZmtpEvent.HandshakeFailed(Endpoint, ZmtpCloseReason.TransportFailed, error, PauseAfterFailure));
                await Task.Delay(PauseAfterFailure, _time, stopping);
            }
        }
    }

    private async Task ServeAsync(Socket accepted)
    {
        try
        {
            ZmtpTransport.Tune(accepted);
            (bool joined, ZmtpEnd end) = await _owner.RunConnectionAsync(accepted, Endpoint, kept: null);
            if (!joined && end.Reason != ZmtpCloseReason.Disposed)
                _owner.Tell(new ZmtpEvent.HandshakeFailed(Endpoint, end.Reason, end.Error, null));
        }
        catch (SocketException error)
        {
            // The peer went before its socket could be set up.
            accepted.Dispose();
            _owner.Tell(new ZmtpEvent.HandshakeFailed(Endpoint, ZmtpCloseReason.TransportFailed, error, null));
        }
        finally
        {
            _owner.ReleasePlace();
        }
    }

    private void Refuse(Socket accepted)
    {
        accepted.Dispose();
        _owner.Tell(new ZmtpEvent.HandshakeFailed(Endpoint, ZmtpCloseReason.TooManyPeers, null, null));
    }
}
