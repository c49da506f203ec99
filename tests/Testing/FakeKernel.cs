using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using Wire.Jupyter;
using Wire.Zmtp;

namespace Testing;

/// <summary>
/// A kernel in this process, over real sockets and all five channels. What a cell does stands in its code, one directive a line:
/// <code>
/// echo TEXT         stream on stdout          raise NAME TEXT   error; queued cells are aborted
/// warn TEXT         stream on stderr          input PROMPT      asks on stdin, then prints the answer
/// print N           N stream messages         password PROMPT   the same, hidden
/// result TEXT       execute_result            sleep             runs until Release() or an interrupt
/// display N…        display_data, a buffer of N bytes each (0 too)
/// displays N SIZE   N display_data, each with a buffer of SIZE bytes of its own
/// comm open ID      comm_open; what a client sends to a comm is sent back, buffers and all
/// clear             clear_output              die               all sockets close without a word
/// garbage           bytes that are no message on iopub and as the reply
/// forge             a wrongly signed stream message
/// silent            the cell neither replies nor becomes idle
/// 1+1               execute_result 2          anything else     execute_result with the line itself
/// </code>
/// </summary>
public sealed class FakeKernel : IAsyncDisposable
{
    private readonly FakeKernelOptions _options;
    private readonly RouterSocket _shell = new(ZmtpOptions.Default, TimeProvider.System);
    private readonly RouterSocket _control = new(ZmtpOptions.Default, TimeProvider.System);
    private readonly RouterSocket _stdin = new(ZmtpOptions.Default, TimeProvider.System);
    private readonly ReplySocket _heartbeat = new(ZmtpOptions.Default, TimeProvider.System);
    private readonly PublisherSocket _iopub = new(ZmtpOptions.Default, TimeProvider.System, ZmtpSocketType.XPub);
    private readonly MessageSigner _signer;
    private readonly ConcurrentQueue<KernelMessage> _received = new();
    private readonly ConcurrentDictionary<(string Type, int Nth), TaskCompletionSource<KernelMessage>> _awaited = new();
    private readonly ConcurrentDictionary<string, int> _counted = new();
    private readonly ConcurrentDictionary<string, string> _comms = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly TaskCompletionSource _died = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _idle = new(1, 1);
    private readonly string? _directory;

    // Bounded as every queue; a test that asks more at once than this waits.
    private readonly Channel<FakeRequest> _requests = Channel.CreateBounded<FakeRequest>(10_000);
    private readonly Channel<FakeRequest> _controlRequests = Channel.CreateBounded<FakeRequest>(10_000);
    private readonly Channel<KernelMessage> _answers = Channel.CreateBounded<KernelMessage>(100);

    private readonly SemaphoreSlim _releases = new(0);
    private readonly ConcurrentDictionary<int, TaskCompletionSource> _sleeps = new();
    private int _slept;
    private volatile CancellationTokenSource? _running;
    private int _welcomed;
    private int _dead;
    private int _executionCount;
    private Task _loops = Task.CompletedTask;

    private FakeKernel(FakeKernelOptions options)
    {
        _options = options;
        var wanted = options.Connection;
        if (wanted is null)
        {
            _directory = Directory.CreateTempSubdirectory("fake-kernel-").FullName;
            wanted = new ConnectionInfo("ipc", Path.Combine(_directory, "k"), 1, 2, 3, 4, 5, Guid.NewGuid().ToString());
        }

        Connection = wanted;
        _signer = new MessageSigner(wanted.Key, wanted.SignatureScheme);
    }

    /// <summary>Where it listens, with the ports that were chosen.</summary>
    public ConnectionInfo Connection { get; private set; }

    /// <summary><c>header.session</c> of its messages; another one in each life.</summary>
    public string Session { get; } = Guid.NewGuid().ToString();

    /// <summary>Everything that came in on shell, control and stdin, in order of arrival.</summary>
    public IReadOnlyCollection<KernelMessage> Received => _received;

    /// <summary>Messages that were no messages, or wrongly signed.</summary>
    public ConcurrentQueue<KernelFault> Faults { get; } = new();

    /// <summary>Completes when a cell said <c>die</c>, a shutdown was asked for, or <see cref="DieAsync"/> was called.</summary>
    public Task Died => _died.Task;

    /// <summary>A kernel that listens.</summary>
    public static FakeKernel Start(FakeKernelOptions? options = null)
    {
        var kernel = new FakeKernel(options ?? new FakeKernelOptions());
        kernel.Listen();
        return kernel;
    }

    /// <summary>The n-th message of this type that comes in, counted from 1 and from the start of the kernel.</summary>
    public Task<KernelMessage> Asked(string messageType, int nth = 1) =>
        _awaited.GetOrAdd((messageType, nth), _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task.WaitAsync(Eventually.Timeout, TimeProvider.System);

    /// <summary>The n-th <c>sleep</c> of its life, counted from 1, was come to: what its cells said before is published.</summary>
    public Task Asleep(int nth) => SleepOf(nth).Task.WaitAsync(Eventually.Timeout, TimeProvider.System);

    /// <summary>Lets one <c>sleep</c> go on: the one that runs, or the next.</summary>
    public void Release() => _releases.Release();

    /// <summary>Interrupts the cell that runs, as the signal does; nothing happens when none does (its <c>execute_input</c> says that it does).</summary>
    public void Interrupt()
    {
        try
        {
            _running?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The cell ended by itself in this very moment.
        }
    }

    /// <summary>The buffer of one of <c>displays</c>.</summary>
    public static byte[] BufferOf(int number, int size)
    {
        var buffer = new byte[size];
        for (var i = 0; i < size; i++)
            buffer[i] = (byte)(i + (number * 7));
        return buffer;
    }

    /// <summary>Publishes a message; returns how many subscribers it was queued for.</summary>
    public int Publish(string messageType, object content, KernelMessage? parent = null, IReadOnlyList<ReadOnlyMemory<byte>>? buffers = null) =>
        PublishSigned(Make(KernelChannel.IOPub, messageType, content, parent, buffers), _signer);

    /// <summary>Publishes frames as they are.</summary>
    public int PublishRaw(params ReadOnlySpan<ReadOnlyMemory<byte>> frames) => _iopub.Publish(frames);

    /// <summary>Closes all sockets without a word, as a killed process does.</summary>
    public async Task DieAsync()
    {
        if (Interlocked.Exchange(ref _dead, 1) != 0)
            return;
        await _ending.CancelAsync();
        await Task.WhenAll(
            _shell.DisposeAsync().AsTask(), _control.DisposeAsync().AsTask(), _stdin.DisposeAsync().AsTask(), _iopub.DisposeAsync().AsTask(), _heartbeat.DisposeAsync().AsTask());
        _died.TrySetResult();
    }

    public async ValueTask DisposeAsync()
    {
        await DieAsync();
        try
        {
            await _loops;
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // It died in the middle of something, as it should.
        }

        _signer.Dispose();
        _idle.Dispose();
        _releases.Dispose();
        _ending.Dispose();
        if (_directory is not null)
            Directory.Delete(_directory, recursive: true);
    }

    internal FakeKernelOptions Options => _options;

    internal int ExecutionCount => _executionCount;

    internal CancellationToken Ending => _ending.Token;

    internal ConcurrentDictionary<string, string> Comms => _comms;

    /// <summary>Sleeps until released.</summary>
    internal Task SleepAsync(CancellationToken cancellationToken)
    {
        SleepOf(Interlocked.Increment(ref _slept)).TrySetResult();
        return _releases.WaitAsync(cancellationToken);
    }

    private TaskCompletionSource SleepOf(int nth) => _sleeps.GetOrAdd(nth, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    internal void PublishForged(KernelMessage parent)
    {
        using var stranger = new MessageSigner("not the key", Connection.SignatureScheme);
        PublishSigned(Make(KernelChannel.IOPub, MessageTypes.Stream, new { name = "stdout", text = "forged" }, parent, null), stranger);
    }

    internal ValueTask<bool> Reply(FakeRequest request, string messageType, object content) =>
        Socket(request.Message.Channel).SendAsync(
            request.Identity, ZmqMessageCodec.Encode(Make(request.Message.Channel, messageType, content, request.Message, null), _signer), CancellationToken.None);

    internal ValueTask<bool> ReplyRaw(FakeRequest request, params ReadOnlyMemory<byte>[] frames) =>
        Socket(request.Message.Channel).SendAsync(request.Identity, frames, CancellationToken.None);

    /// <summary>Asks on stdin and waits for the answer.</summary>
    internal async Task<string> AskAsync(FakeRequest request, string prompt, bool password, CancellationToken cancellationToken)
    {
        while (_answers.Reader.TryRead(out _))
        {
            // As real kernels do: answers that came before the question are thrown away.
        }

        var question = Make(KernelChannel.Stdin, MessageTypes.InputRequest, new { prompt, password }, request.Message, null);
        await _stdin.SendAsync(request.Identity, ZmqMessageCodec.Encode(question, _signer), cancellationToken);
        var answer = await _answers.Reader.ReadAsync(cancellationToken);
        return JsonDocument.Parse(answer.Content).RootElement.GetProperty("value").GetString()!;
    }

    private void Listen()
    {
        _iopub.SubscriptionChanged += (_, _, subscribed) => Greet(subscribed);
        _shell.Start(frames => TakeAsync(frames, KernelChannel.Shell, request => _requests.Writer.WriteAsync(request, _ending.Token)));
        _control.Start(frames => TakeAsync(frames, KernelChannel.Control, request => _controlRequests.Writer.WriteAsync(request, _ending.Token)));
        _stdin.Start(frames => TakeAsync(frames, KernelChannel.Stdin, request => _answers.Writer.WriteAsync(request.Message, _ending.Token)));
        Connection = Connection with
        {
            ShellPort = Bind(_shell, KernelChannel.Shell),
            ControlPort = Bind(_control, KernelChannel.Control),
            StdinPort = Bind(_stdin, KernelChannel.Stdin),
            IOPubPort = Bind(_iopub, KernelChannel.IOPub),
            HeartbeatPort = Bind(_heartbeat, KernelChannel.Heartbeat),
        };
        _loops = Task.WhenAll(Task.Run(ShellLoopAsync), Task.Run(ControlLoopAsync), Task.Run(HeartbeatLoopAsync));
    }

    private int Bind(ZmtpSocket socket, KernelChannel channel)
    {
        var bound = socket.Bind(ZmtpEndpoint.Parse(Connection.Url(channel)));
        return bound.IsIpc ? Connection.Port(channel) : bound.Port;
    }

    private void Greet(bool subscribed)
    {
        if (!subscribed || !_options.Welcome || Interlocked.Exchange(ref _welcomed, 1) != 0)
            return;
        Publish(MessageTypes.IOPubWelcome, new { subscription = "" });
        Publish(MessageTypes.Status, new { execution_state = "starting" });
    }

    private async ValueTask TakeAsync(ZmtpMessage frames, KernelChannel channel, Func<FakeRequest, ValueTask> queue)
    {
        if (!ZmqMessageCodec.TryDecode(frames, channel, _signer, MessageLimits.Default, out var message, out var fault))
        {
            Faults.Enqueue(fault);
            return;
        }

        _received.Enqueue(message);
        var nth = _counted.AddOrUpdate(message.MessageType, 1, (_, n) => n + 1);
        _awaited.GetOrAdd((message.MessageType, nth), _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult(message);
        await queue(new FakeRequest(frames.Sender!.Identity, message));
    }

    private async Task ShellLoopAsync()
    {
        await foreach (var request in _requests.Reader.ReadAllAsync(_ending.Token))
        {
            if (!_options.AnswersShell)
                continue;
            await _idle.WaitAsync(_ending.Token);
            try
            {
                if (request.Message.MessageType == MessageTypes.ExecuteRequest)
                    await ExecuteAsync(request);
                else
                    await AnswerAsync(request);
            }
            finally
            {
                _idle.Release();
            }
        }
    }

    private async Task ExecuteAsync(FakeRequest request)
    {
        _executionCount++;
        using var interrupted = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
        _running = interrupted;
        var ending = await new FakeKernelCell(this, request, interrupted.Token).RunAsync();
        _running = null;
        _ending.Token.ThrowIfCancellationRequested();
        if (ending == FakeCellEnd.Died)
        {
            // The loop that runs here cannot wait for its own end.
            _ = Task.Run(DieAsync);
            throw new OperationCanceledException();
        }

        while (ending == FakeCellEnd.Failed && _requests.Reader.TryPeek(out var next) && next.Message.MessageType == MessageTypes.ExecuteRequest)
        {
            _requests.Reader.TryRead(out next);
            if (!_options.AbortsWithoutStatus)
                Publish(MessageTypes.Status, new { execution_state = "busy" }, next!.Message);
            await Reply(next!, MessageTypes.ExecuteReply, new { status = "aborted" });
            if (!_options.AbortsWithoutStatus)
                Publish(MessageTypes.Status, new { execution_state = "idle" }, next!.Message);
        }
    }

    private async Task ControlLoopAsync()
    {
        await foreach (var request in _controlRequests.Reader.ReadAllAsync(_ending.Token))
        {
            var type = request.Message.MessageType;
            if (type == MessageTypes.ShutdownRequest)
            {
                var restart = JsonDocument.Parse(request.Message.Content).RootElement.TryGetProperty("restart", out var wish) && wish.GetBoolean();
                await Reply(request, MessageTypes.ShutdownReply, new { status = "ok", restart });
                Publish(MessageTypes.ShutdownReply, new { status = "ok", restart }, request.Message);
                _ = Task.Run(DieAsync);
                return;
            }

            if (!_options.AnswersControl)
                continue;
            if (type == MessageTypes.InterruptRequest)
                Interrupt();
            if (_options.SingleThreaded)
                await _idle.WaitAsync(_ending.Token);
            try
            {
                await AnswerAsync(request);
            }
            finally
            {
                if (_options.SingleThreaded)
                    _idle.Release();
            }
        }
    }

    // Busy, work, reply, idle: the life of every request that runs no code.
    private async Task AnswerAsync(FakeRequest request)
    {
        var message = request.Message;
        Publish(MessageTypes.Status, new { execution_state = "busy" }, message);
        await FakeKernelAnswers.AnswerAsync(this, request);
        Publish(MessageTypes.Status, new { execution_state = "idle" }, message);
    }

    private async Task HeartbeatLoopAsync()
    {
        while (true)
        {
            var ping = await _heartbeat.ReceiveAsync(_ending.Token);
            if (!_options.AnswersHeartbeat)
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _ending.Token);
            if (_options.SingleThreaded)
            {
                await _idle.WaitAsync(_ending.Token);
                _idle.Release();
            }

            await _heartbeat.ReplyAsync([ping[0]], _ending.Token);
        }
    }

    private RouterSocket Socket(KernelChannel channel) => channel == KernelChannel.Control ? _control : _shell;

    private KernelMessage Make(KernelChannel channel, string type, object content, KernelMessage? parent, IReadOnlyList<ReadOnlyMemory<byte>>? buffers) =>
        KernelMessage.Create(
            channel,
            type,
            JsonSerializer.SerializeToUtf8Bytes(content),
            _options.EchoesSession && parent is not null ? parent.Session : Session,
            TimeProvider.System,
            parent,
            userName: "kernel",
            buffers: buffers);

    private int PublishSigned(KernelMessage message, MessageSigner signer) =>
        message.MessageType == MessageTypes.IOPubWelcome
            ? _iopub.Publish(ZmqMessageCodec.Encode(message, signer))
            : _iopub.Publish(ZmqMessageCodec.Encode(message, signer, System.Text.Encoding.UTF8.GetBytes($"kernel.{Session}.{message.MessageType}")));
}
