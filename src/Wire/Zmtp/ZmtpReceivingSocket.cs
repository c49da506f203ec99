namespace Wire.Zmtp;

/// <summary>A socket whose messages go to a callback (<see cref="Start"/>, fastest) or wait for <see cref="ReceiveAsync"/>.</summary>
public abstract class ZmtpReceivingSocket : ZmtpSocket
{
    private Func<ZmtpMessage, ValueTask>? _onMessage;
    private Action? _onPause;
    private ZmtpInbox? _inbox;

    private protected ZmtpReceivingSocket(ZmtpSocketType type, ReadOnlyMemory<byte> identity, ZmtpOptions options, TimeProvider time)
        : base(type, identity, options, time)
    {
    }

    private ZmtpInbox Inbox => LazyInitializer.EnsureInitialized(ref _inbox, () => new ZmtpInbox(Options.ReceiveHighWaterMark))!;

    /// <summary>
    /// Hands each message to <paramref name="onMessage"/> straight from the receive loop: one at a time and in order per peer, peers
    /// side by side. While it runs nothing is read from that peer; if it throws, the connection is closed with <see cref="ZmtpCloseReason.ReceiverFailed"/>.
    /// </summary>
    /// <param name="onMessage">Takes a message.</param>
    /// <param name="onPause">Called after one or more messages, when nothing more of what was received from that peer is left to hand over: now is the time to look at all of them.</param>
    /// <exception cref="InvalidOperationException">Called twice, or messages wait already: call it before <see cref="ZmtpSocket.Connect"/> and <see cref="ZmtpSocket.Bind"/>.</exception>
    public void Start(Func<ZmtpMessage, ValueTask> onMessage, Action? onPause = null)
    {
        if (_onMessage is not null || _inbox is not null)
            throw new InvalidOperationException("Start comes once, before Connect, Bind and ReceiveAsync");
        (_onMessage, _onPause) = (onMessage, onPause);
    }

    /// <summary>The next message of any peer.</summary>
    /// <exception cref="InvalidOperationException"><see cref="Start"/> was called.</exception>
    /// <exception cref="ObjectDisposedException">The socket is disposed and its queue empty.</exception>
    public ValueTask<ZmtpMessage> ReceiveAsync(CancellationToken cancellationToken) => _onMessage is null
        ? Inbox.TakeAsync(cancellationToken)
        : throw new InvalidOperationException("messages go to the callback given to Start");

    internal override ValueTask OnMessageAsync(ZmtpConnection from, ZmtpMessage message) =>
        _onMessage is { } receiver ? receiver(message) : Inbox.AddAsync(message);

    internal override void OnPause() => _onPause?.Invoke();

    private protected override void OnDisposing() => Inbox.Close();
}
