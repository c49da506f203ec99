using System.Text;
using Wire.Zmtp;
using Wire.Zmtp.Curve;

namespace Wire.Jupyter;

/// <summary>
/// The five sockets of one kernel as one object, whatever the number of people behind it.
/// </summary>
/// <remarks>
/// Its life: construct, <see cref="Start"/>, <see cref="WaitUntilReadyAsync"/> (again after each restart of the kernel), send and receive,
/// dispose. The sockets reconnect by themselves for as long as it lives; whether the kernel lives is for the spawner to say.
/// What a kernel sends is taken for hostile: a message that is malformed, too big or wrongly signed is dropped, counted
/// (<see cref="FaultCount"/>) and told (<see cref="OnFault"/>), and never reaches the receiver. It refuses to know who asked what:
/// routing replies to tabs is the hub's.
/// </remarks>
public sealed class KernelClient : IAsyncDisposable
{
    private static readonly ReadOnlyMemory<byte>[] Ping = ["ping"u8.ToArray()];

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);

    private readonly TimeProvider _time;
    private readonly KernelClientOptions _options;
    private readonly MessageSigner _signer;
    private readonly CurveKeyPair? _keys;
    private readonly KernelReadiness _readiness = new();
    private readonly long[] _faults = new long[Enum.GetValues<KernelFaultKind>().Length];
    private readonly DealerSocket _shell;
    private readonly DealerSocket _control;
    private readonly DealerSocket _stdin;
    private readonly SubscriberSocket _iopub;
    private readonly RequestSocket _heartbeat;
    private TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _started;

    /// <param name="connection">Where the kernel listens.</param>
    /// <param name="session">
    /// Identity of the shell, control and stdin sockets, 1 to 255 bytes in UTF-8. No other client of this kernel may use it: kernels address
    /// <c>input_request</c> by it, and a second peer with the same identity is cut off or ignored.
    /// </param>
    /// <param name="time">Clock of back-off, nudges and heartbeat.</param>
    /// <param name="options">Limits and intervals.</param>
    /// <exception cref="ArgumentException">The session is no identity.</exception>
    /// <exception cref="FormatException">A CURVE key of the connection is none.</exception>
    /// <exception cref="NotSupportedException">The signature scheme is unknown here; or the connection is encrypted and libsodium is not installed.</exception>
    public KernelClient(ConnectionInfo connection, string session, TimeProvider time, KernelClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(time);
        var identity = Encoding.UTF8.GetBytes(session);
        if (identity.Length is 0 or > 255 || identity[0] == 0)
            throw new ArgumentException("the session has to be 1 to 255 bytes of which the first is not 0", nameof(session));

        Connection = connection;
        Session = session;
        _time = time;
        _options = options ?? KernelClientOptions.Default;
        _signer = new MessageSigner(connection.Key, connection.SignatureScheme);
        _keys = CurveKeys(connection);
        var zmtp = _keys is null ? _options.Zmtp : _options.Zmtp with { Curve = CurveSecurity.Client(ServerKey(connection.CurvePublicKey!), _keys) };
        _shell = new DealerSocket(identity, zmtp, time);
        _control = new DealerSocket(identity, zmtp, time);
        _stdin = new DealerSocket(identity, zmtp, time);
        _iopub = new SubscriberSocket(zmtp, time);
        _heartbeat = new RequestSocket(ReadOnlyMemory<byte>.Empty, zmtp, time);
    }

    public ConnectionInfo Connection { get; }

    /// <summary>Our identity at the kernel, and <c>header.session</c> of the client's own questions.</summary>
    public string Session { get; }

    /// <summary>Told of each dropped message, in the receiving thread: return at once. A hostile kernel can call it as fast as it can send.</summary>
    public Action<KernelFault>? OnFault { get; init; }

    /// <summary>Told when a channel connects, disconnects or fails to, in the thread where it happened: return at once.</summary>
    public Action<KernelChannel, ZmtpEvent>? OnTransport { get; init; }

    /// <summary>True while every channel has a connection to the kernel.</summary>
    public bool IsConnected => _shell.PeerCount > 0 && _control.PeerCount > 0 && _stdin.PeerCount > 0 && _iopub.PeerCount > 0 && _heartbeat.PeerCount > 0;

    /// <summary>How many messages of the kernel were dropped for this reason.</summary>
    public long FaultCount(KernelFaultKind kind) => Interlocked.Read(ref _faults[(int)kind]);

    /// <summary>
    /// Connects all channels and hands each verified message to <paramref name="onMessage"/>: one at a time per channel and in order, channels side by
    /// side. While it runs nothing is read from that channel, and a kernel's publisher drops what is not read, <c>idle</c> included: pass the
    /// message on to a queue with a policy of its own and return. It must not throw. Whoever is done with a message may <see cref="KernelMessage.Release"/> it.
    /// </summary>
    /// <param name="onMessage">Takes a message.</param>
    /// <param name="onPause">Called after messages, when nothing more of what was received on that channel is left to hand over. It must not throw.</param>
    /// <exception cref="InvalidOperationException">Called twice.</exception>
    public void Start(Func<KernelMessage, ValueTask> onMessage, Action? onPause = null)
    {
        ArgumentNullException.ThrowIfNull(onMessage);
        if (Interlocked.Exchange(ref _started, 1) != 0)
            throw new InvalidOperationException("The client is already started.");

        _iopub.Subscribe(default);
        foreach (var (channel, socket) in new (KernelChannel, ZmtpSocket)[]
        {
            (KernelChannel.IOPub, _iopub), (KernelChannel.Shell, _shell), (KernelChannel.Control, _control), (KernelChannel.Stdin, _stdin), (KernelChannel.Heartbeat, _heartbeat),
        })
        {
            socket.Happened += happened => Notice(channel, happened);
            if (socket is ZmtpReceivingSocket receiving)
            {
                var (parents, headers) = (new ParentHeaderCache(), new HeaderCache());
                receiving.Start(frames => Receive(channel, frames, parents, headers, onMessage), onPause);
            }

            socket.Connect(ZmtpEndpoint.Parse(Connection.Url(channel)));
        }
    }

    /// <summary>
    /// Asks <c>kernel_info</c> on shell and control until an answer came on either and anything at all on iopub, and every channel but the heartbeat
    /// is connected, so that from now on no output and no <c>input_request</c> is missed. Returns the <c>kernel_info_reply</c>; its <see cref="KernelMessage.Session"/> is the kernel's. Kernels that answer only one
    /// of the channels, send no welcome or are busy become ready too. Answers to these questions are not handed to the receiver.
    /// </summary>
    /// <exception cref="TimeoutException">The text says what was not heard.</exception>
    public async Task<KernelMessage> WaitUntilReadyAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var probe = _readiness.Open();
        using var deadline = new CancellationTokenSource(timeout, _time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            // The first questions come quickly one after another, since an idle kernel answers in a millisecond and people wait.
            var pause = FirstPause;
            while (!probe.Ready.IsCompleted)
            {
                var connected = Volatile.Read(ref _connected).Task;
                await NudgeAsync(_shell, KernelChannel.Shell, ended.Token);
                await NudgeAsync(_control, KernelChannel.Control, ended.Token);
                await Task.WhenAny(probe.Ready, connected, Task.Delay(pause, _time, ended.Token));
                ended.Token.ThrowIfCancellationRequested();
                pause = pause * 2 < _options.NudgeInterval ? pause * 2 : _options.NudgeInterval;
            }

            // Kernels drop an input_request to a peer they do not know yet, and the cell would wait for ever.
            while (Volatile.Read(ref _connected).Task is var another && NotConnected() is not null)
                await another.WaitAsync(ended.Token);
            return await probe.Ready;
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The kernel was not ready within {timeout.TotalSeconds:0.#} s: {NotConnected() ?? probe.Missing}.");
        }
        finally
        {
            _readiness.Close(probe);
        }
    }

    /// <summary>Signs a message and sends it on its channel (shell, control or stdin); before the kernel is there it waits in the socket's queue.</summary>
    /// <returns>False when the queue was full and <see cref="ZmtpOptions.WhenFull"/> says to drop.</returns>
    /// <exception cref="ArgumentException">Nothing can be sent on the message's channel.</exception>
    public ValueTask<bool> SendAsync(KernelMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        var socket = message.Channel switch
        {
            KernelChannel.Shell => _shell,
            KernelChannel.Control => _control,
            KernelChannel.Stdin => _stdin,
            _ => throw new ArgumentException($"nothing can be sent to a kernel on {message.Channel.WireName()}", nameof(message)),
        };
        return socket.SendAsync(ZmqMessageCodec.Encode(message, _signer), cancellationToken);
    }

    /// <summary>
    /// One heartbeat: true when the kernel echoed within <paramref name="timeout"/>. A single-threaded kernel echoes only between cells, so
    /// false says "busy or gone", never "dead". One at a time.
    /// </summary>
    public async ValueTask<bool> PingAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(timeout, _time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await _heartbeat.RequestAsync(Ping, ended.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        catch (IOException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(
            _shell.DisposeAsync().AsTask(),
            _control.DisposeAsync().AsTask(),
            _stdin.DisposeAsync().AsTask(),
            _iopub.DisposeAsync().AsTask(),
            _heartbeat.DisposeAsync().AsTask());
        _signer.Dispose();
        _keys?.Dispose();
    }

    // As jupyter_client does, the kernel's own pair is ours too: a kernel may admit that key alone. Of a kernel that keeps its secret we know the public half only.
    private static CurveKeyPair? CurveKeys(ConnectionInfo connection) => connection switch
    {
        { CurvePublicKey: null } => null,
        { CurveSecretKey: null } => CurveKeyPair.Generate(),
        _ => CurveKeyPair.Parse(connection.CurvePublicKey, connection.CurveSecretKey),
    };

    private static byte[] ServerKey(string text)
    {
        var key = new byte[CurveKeyPair.KeyBytes];
        return CurveKeyPair.TryReadKey(text, key) ? key : throw new FormatException("the kernel's public key is not 32 bytes in Z85 (40 characters)");
    }

    // The channels that make a kernel ready, and which of them have no connection; null when all have.
    private string? NotConnected()
    {
        var missing = string.Join(", ", new (KernelChannel Channel, ZmtpSocket Socket)[]
            {
                (KernelChannel.Shell, _shell), (KernelChannel.Control, _control), (KernelChannel.Stdin, _stdin), (KernelChannel.IOPub, _iopub),
            }
            .Where(each => each.Socket.PeerCount == 0)
            .Select(each => each.Channel.WireName()));
        return missing.Length == 0 ? null : $"no connection to {missing}";
    }

    // Only to a kernel that is there: else questions would pile up and a starting kernel would have to answer them all.
    private async ValueTask NudgeAsync(DealerSocket socket, KernelChannel channel, CancellationToken cancellationToken)
    {
        if (socket.PeerCount == 0)
            return;
        var question = KernelMessage.Create(channel, MessageTypes.KernelInfoRequest, default, Session, _time, messageId: _readiness.NextMessageId());
        await SendAsync(question, cancellationToken);
    }

    private ValueTask Receive(KernelChannel channel, ZmtpMessage frames, ParentHeaderCache parents, HeaderCache headers, Func<KernelMessage, ValueTask> onMessage)
    {
        if (!ZmqMessageCodec.TryDecode(frames, channel, _signer, _options.Limits, parents, headers, out var message, out var fault))
        {
            frames.Release();
            Report(fault);
            return ValueTask.CompletedTask;
        }

        return _readiness.Absorb(message) ? ValueTask.CompletedTask : onMessage(message);
    }

    private void Notice(KernelChannel channel, ZmtpEvent happened)
    {
        if (happened is ZmtpEvent.Disconnected { Reason: ZmtpCloseReason.ProtocolFault, Error: var error })
            Report(new KernelFault(channel, KernelFaultKind.BrokenTransport, error?.Message ?? "the peer broke ZMTP"));
        if (happened is ZmtpEvent.Connected)
            Interlocked.Exchange(ref _connected, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        OnTransport?.Invoke(channel, happened);
    }

    private void Report(KernelFault fault)
    {
        Interlocked.Increment(ref _faults[(int)fault.Kind]);
        OnFault?.Invoke(fault);
    }
}
