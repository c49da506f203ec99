using System.Collections.Immutable;
using System.Net.Sockets;

namespace Wire.Zmtp;

/// <summary>What all socket types share: endpoints, peers, events and an orderly end. Safe to use from several threads.</summary>
/// <remarks>
/// Its life: made, given a receiver where the type has one, connected or bound any number of times, disposed. Every task it
/// starts (one per endpoint connected, per endpoint bound, per peer accepted) is counted and has ended when the disposal has.
/// </remarks>
public abstract class ZmtpSocket : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _allEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ImmutableArray<ZmtpConnection> _connections = [];
    private ImmutableArray<ZmtpOutbox> _outboxes = [];
    private int _running = 1;
    private int _accepted;
    private int _disposed;
    private long _dropped;

    private protected ZmtpSocket(ZmtpSocketType type, ReadOnlyMemory<byte> identity, ZmtpOptions options, TimeProvider time)
    {
        if (!ZmtpReady.IsIdentity(identity.Span))
            throw new ArgumentException($"an identity has at most {ZmtpReady.MaxIdentityBytes} bytes and does not begin with 0", nameof(identity));
        options.Validate();
        Type = type;
        Identity = identity.ToArray();
        Options = options;
        Time = time;
    }

    /// <summary>Told in the thread where it happened: return at once, throw nothing.</summary>
    public event Action<ZmtpEvent>? Happened;

    public ZmtpSocketType Type { get; }

    /// <summary>Told to each peer by REQ, DEALER and ROUTER, the same over reconnects; empty is none.</summary>
    public ReadOnlyMemory<byte> Identity { get; }

    public ZmtpOptions Options { get; }

    /// <summary>Peers that are connected now.</summary>
    public int PeerCount => _connections.Length;

    /// <summary>Messages lost because a queue was full, all peers together.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Connections that hold a receive buffer now: those with half a message, and those being read this moment.</summary>
    internal int BuffersHeld => _connections.Count(connection => connection.HoldsBuffer);

    private protected TimeProvider Time { get; }

    private protected ImmutableArray<ZmtpConnection> Connections => _connections;

    /// <summary>Where messages may be queued: one for each endpoint connected (DEALER, REQ), or for each peer connected.</summary>
    private protected ImmutableArray<ZmtpOutbox> Outboxes => _outboxes;

    private protected RoomSignal Room { get; } = new();

    private protected bool IsDisposed => Volatile.Read(ref _disposed) != 0;

    /// <summary>DEALER and REQ queue for an endpoint from the moment it is named; the others only for who is there.</summary>
    private protected virtual bool QueuesBeforeConnected => false;

    /// <summary>Keeps a connection to the endpoint until the socket is disposed; returns at once, failures are events.</summary>
    /// <exception cref="ArgumentException">The endpoint is one to listen at: every interface, or any free port.</exception>
    public void Connect(ZmtpEndpoint endpoint)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        if (endpoint is { IsIpc: false } and ({ Address: "*" } or { Port: 0 }))
            throw new ArgumentException($"nobody can connect to {endpoint}", nameof(endpoint));
        ZmtpOutbox? kept = null;
        if (QueuesBeforeConnected)
        {
            kept = new ZmtpOutbox(Options, Room);
            ImmutableInterlocked.Update(ref _outboxes, outboxes => outboxes.Add(kept));
            Room.Pulse();
        }

        Run(new ZmtpConnector(this, endpoint, kept, Time).RunAsync);
    }

    /// <summary>Listens; the returned endpoint has the port that was chosen.</summary>
    /// <exception cref="SocketException">The address is in use or not ours.</exception>
    public ZmtpEndpoint Bind(ZmtpEndpoint endpoint)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        ZmtpListener listener = new(this, endpoint, Time);
        Run(listener.RunAsync);
        return listener.Endpoint;
    }

    /// <summary>Waits up to <see cref="ZmtpOptions.Linger"/> for queued messages of connected peers, then closes every descriptor and ends every task. Not to be awaited by a receiver, for which it waits.</summary>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            foreach (ZmtpOutbox outbox in _outboxes)
                outbox.Close();
            Room.Pulse();
            await LingerAsync();
            await _stopping.CancelAsync();
            foreach (ZmtpConnection connection in _connections)
                connection.Close(ZmtpCloseReason.Disposed, null);
            OnDisposing();
            EndRunning();
        }

        await _allEnded.Task;
    }

    /// <summary>A message of a peer; while the task runs nothing more is read from it.</summary>
    internal abstract ValueTask OnMessageAsync(ZmtpConnection from, ZmtpMessage message);

    /// <summary>What a peer had sent so far is handed over.</summary>
    internal virtual void OnPause()
    {
    }

    /// <summary>SUBSCRIBE or CANCEL; only a publisher cares.</summary>
    internal virtual void OnSubscription(ZmtpConnection from, ReadOnlySpan<byte> topic, bool subscribe, long offset)
    {
    }

    /// <summary>Handshake, then messages until the end. <c>Connected</c> and <c>Disconnected</c> are told; a failed handshake is the caller's to tell.</summary>
    /// <returns>Whether the peer got through the handshake, and how it ended.</returns>
    internal async Task<(bool Joined, ZmtpEnd End)> RunConnectionAsync(Socket socket, ZmtpEndpoint endpoint, ZmtpOutbox? kept)
    {
        ZmtpConnection connection;
        try
        {
            connection = await ShakeHandsAsync(socket, endpoint, kept ?? new ZmtpOutbox(Options, Room));
        }
        catch (OperationCanceledException)
        {
            socket.Dispose();
            return (false, new ZmtpEnd(_stopping.IsCancellationRequested ? ZmtpCloseReason.Disposed : ZmtpCloseReason.HandshakeTimeout, null));
        }
        catch (Exception error) when (error is SocketException or IOException or ZmtpProtocolException)
        {
            socket.Dispose();
            return (false, ZmtpEnd.From(error));
        }

        Join(connection, kept is null);
        ZmtpEnd end = await connection.RunAsync();
        Leave(connection, kept is null);
        return (true, end);
    }

    /// <summary>True while a listening socket may take one more peer; give it back by <see cref="ReleasePlace"/>.</summary>
    internal bool TakePlace()
    {
        if (Interlocked.Increment(ref _accepted) <= Options.MaxPeers)
            return true;
        Interlocked.Decrement(ref _accepted);
        return false;
    }

    internal void ReleasePlace() => Interlocked.Decrement(ref _accepted);

    /// <summary>Starts a task that the disposal waits for.</summary>
    internal void Run(Func<CancellationToken, Task> work)
    {
        Interlocked.Increment(ref _running);
        _ = RunCountedAsync(work);
    }

    internal void Tell(ZmtpEvent happened)
    {
        try
        {
            Happened?.Invoke(happened);
        }
#pragma warning disable CA1031 // a listener that throws must not end the loop that keeps the connection
        catch (Exception error)
#pragma warning restore CA1031
        {
            // Comes up as TaskScheduler.UnobservedTaskException, where hosts log what nobody handled.
            _ = Task.FromException(error);
        }
    }

    /// <summary>The identity by which the peer is known here.</summary>
    private protected virtual ReadOnlyMemory<byte> Identify(ReadOnlyMemory<byte> announced) => announced;

    /// <summary>The peer is through the handshake and about to be read.</summary>
    private protected virtual void OnJoined(ZmtpConnection connection)
    {
    }

    /// <summary>The connection has ended and its writer too.</summary>
    private protected virtual void OnLeft(ZmtpConnection connection)
    {
    }

    /// <summary>The connections are closed; whoever waits for something of this socket must be told.</summary>
    private protected virtual void OnDisposing()
    {
    }

    /// <summary>Counts and tells that a message for this peer was lost.</summary>
    private protected void CountDropped(ZmtpConnection? connection)
    {
        Interlocked.Increment(ref _dropped);
        if (connection is null)
            return;
        connection.Peer.CountDropped();
        if (connection.Dropping)
            return;
        connection.Dropping = true;
        Tell(new ZmtpEvent.Dropping(connection.Peer));
    }

    private async Task<ZmtpConnection> ShakeHandsAsync(Socket socket, ZmtpEndpoint endpoint, ZmtpOutbox outbox)
    {
        using CancellationTokenSource patience = new(Options.HandshakeTimeout, Time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, _stopping.Token);
        ZmtpHandshakeResult agreed = await ZmtpHandshake.RunAsync(socket, Type, Identity, Options, either.Token);
        ZmtpPeer peer = new(endpoint, agreed.Ready.SocketType, Identify(agreed.Ready.Identity), agreed.Minor);
        return new ZmtpConnection(socket, this, peer, agreed, outbox, Time);
    }

    private void Join(ZmtpConnection connection, bool ownsOutbox)
    {
        connection.Outbox.Attach(connection);
        ImmutableInterlocked.Update(ref _connections, connections => connections.Add(connection));
        OnJoined(connection);
        Tell(new ZmtpEvent.Connected(connection.Peer));
        if (ownsOutbox)
            ImmutableInterlocked.Update(ref _outboxes, outboxes => outboxes.Add(connection.Outbox));
        Room.Pulse();
        // Disposed between handshake and here: the disposal may not have seen this connection.
        if (_stopping.IsCancellationRequested)
            connection.Close(ZmtpCloseReason.Disposed, null);
    }

    private void Leave(ZmtpConnection connection, bool ownsOutbox)
    {
        ImmutableInterlocked.Update(ref _connections, connections => connections.Remove(connection));
        if (ownsOutbox)
        {
            ImmutableInterlocked.Update(ref _outboxes, outboxes => outboxes.Remove(connection.Outbox));
            connection.Outbox.Close();
        }

        OnLeft(connection);
        Tell(new ZmtpEvent.Disconnected(connection.Peer, connection.End!.Reason, connection.End.Error));
    }

    private async Task LingerAsync()
    {
        Task settled = Task.WhenAll(_connections.Select(connection => connection.Outbox.SettleAsync()));
        if (settled.IsCompleted || Options.Linger <= TimeSpan.Zero)
            return;
        await settled.WaitAsync(Options.Linger, Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task RunCountedAsync(Func<CancellationToken, Task> work)
    {
        try
        {
            await work(_stopping.Token);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The disposal asked for it.
        }
        finally
        {
            EndRunning();
        }
    }

    private void EndRunning()
    {
        if (Interlocked.Decrement(ref _running) == 0)
            _allEnded.TrySetResult();
    }
}
