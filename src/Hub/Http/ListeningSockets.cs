using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Hub.Http;

/// <summary>
/// The sockets the hub listens on. They are kept so that they can be handed to the hub that takes over, which then listens on the very same queue: whoever
/// connects while hubs change waits there, and nobody is refused. (Two sockets sharing a port by SO_REUSEPORT would not do: the system refuses those who
/// wait in the queue of the one that is closed.)
/// </summary>
public sealed class ListeningSockets(TimeProvider time) : IDisposable
{
    /// <summary>Long enough for the first request of a connection that was just taken, too short for anybody to notice.</summary>
    private static readonly TimeSpan s_lastMoment = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _leaving = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Socket> _bound = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Socket> _inherited = new(StringComparer.Ordinal);

    /// <summary>What this hub listens on, by address and port.</summary>
    public IReadOnlyDictionary<string, Socket> Bound
    {
        get
        {
            lock (_gate)
                return new Dictionary<string, Socket>(_bound);
        }
    }

    /// <summary>Another hub has the sockets: no connection is taken any more, and answers ask their clients to connect anew.</summary>
    public CancellationToken Leaving => _leaving.Token;

    /// <summary>Stops taking connections, and waits until those just taken have asked something.</summary>
    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        await _leaving.CancelAsync();
        await Task.Delay(s_lastMoment, time, cancellationToken);
    }

    /// <summary>A socket another hub listened on; it is used when the same address is asked for.</summary>
    public void Inherit(string address, Socket socket)
    {
        lock (_gate)
            _inherited[address] = socket;
    }

    /// <summary>Makes sure that inherited sockets still listen, whatever their former owner did while it closed its own handle of them.</summary>
    public void KeepListening()
    {
        lock (_gate)
        {
            foreach (Socket socket in _inherited.Values)
                socket.Listen();
        }
    }

    /// <summary>What the server asks for each address it is to listen on.</summary>
    internal Socket Bind(EndPoint address)
    {
        if (address is not IPEndPoint)
            return SocketTransportOptions.CreateDefaultBoundListenSocket(address);
        lock (_gate)
        {
            if (!_inherited.Remove(address.ToString()!, out Socket? socket))
                socket = SocketTransportOptions.CreateDefaultBoundListenSocket(address);
            _bound[socket.LocalEndPoint!.ToString()!] = socket;
            return socket;
        }
    }

    /// <summary>Closes what was inherited but is not wanted any more, such as a port that the settings no longer name.</summary>
    internal void CloseUnused()
    {
        lock (_gate)
        {
            foreach (Socket socket in _inherited.Values)
                socket.Dispose();
            _inherited.Clear();
        }
    }

    public void Dispose()
    {
        CloseUnused();
        _leaving.Dispose();
    }
}
