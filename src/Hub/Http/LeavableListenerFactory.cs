using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Hub.Http;

/// <summary>
/// Kestrel's own sockets, with one thing added: a hub that leaves stops taking connections a moment before it stops serving. Otherwise those it took last
/// would be closed before their first request was read, which their clients could not tell from a failure.
/// </summary>
internal sealed class LeavableListenerFactory(SocketTransportFactory sockets, ListeningSockets listening) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => sockets.CanBind(endpoint);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new Listener(await sockets.BindAsync(endpoint, cancellationToken), listening.Leaving);

    private sealed class Listener(IConnectionListener inner, CancellationToken leaving) : IConnectionListener
    {
        public EndPoint EndPoint => inner.EndPoint;

        /// <summary>Null when nothing more is taken; whoever comes then waits in the socket's queue for the hub that takes over.</summary>
        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            try
            {
                return await inner.AcceptAsync(leaving);
            }
            catch (OperationCanceledException) when (leaving.IsCancellationRequested)
            {
                return null;
            }
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => inner.UnbindAsync(cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
