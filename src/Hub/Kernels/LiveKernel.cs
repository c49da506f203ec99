using System.Collections.Concurrent;
using System.Collections.Immutable;
using Wire.Jupyter;

namespace Hub.Kernels;

/// <summary>
/// One kernel and everybody who is connected to it. Its life is longer than that of a process: a restart puts a new process behind the same
/// kernel, and a dead one keeps its place so that people learn why.
/// </summary>
/// <remarks>
/// One loop owns the <see cref="KernelState"/>, the audience and everything that follows from a message, so there is no lock: whoever wants
/// something puts a letter into the bounded mailbox. The loop never waits for the kernel (requests go through an outbox per channel) and
/// waits for a tab only within a small allowance, so the kernel's sockets are always drained. It refuses to know how a kernel is started
/// or stopped (<see cref="KernelLife"/>), what a WebSocket is (<see cref="KernelConnection"/>) and who may do what (the API).
/// </remarks>
public sealed partial class LiveKernel : IAsyncDisposable
{
    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(1);

    private static long s_lastCreated;

    private readonly KernelsOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly KernelMailbox _mailbox;
    private readonly HubMessages _messages;
    private readonly KernelAudience _audience;
    private readonly Func<bool> _mayWait;
    private readonly ConcurrentDictionary<string, TaskCompletionSource<MessageFacts>> _asked = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly ConcurrentDictionary<string, long> _offences = new();
    private readonly Task _loop;
    private volatile KernelState _state;
    private volatile CloseReason? _closed;
    private volatile KernelWiring? _wiring;
    private TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DateTimeOffset _launched;
    private long _lastActivity;
    private long _lastTick;

    internal LiveKernel(string id, KernelOwner owner, string specName, string path, KernelsOptions options, TimeProvider time, ILogger logger)
    {
        (Id, Owner, SpecName, Path) = (id, owner, specName, path);
        (_options, _time, _logger) = (options, time, logger);
        _mailbox = new KernelMailbox(options.MailboxMessages, options.MailboxBytes);
        _mayWait = () => _mailbox.IsRelaxed;
        _messages = new HubMessages(time);
        _audience = new KernelAudience(options, _messages, time);
        _state = new KernelState(owner.UserName, options);
        _lastActivity = time.GetUtcNow().UtcTicks;
        _lastTick = time.GetTimestamp();
        _loop = Task.Run(RunAsync);
    }

    public string Id { get; }

    public KernelOwner Owner { get; }

    /// <summary>Name of its kernelspec.</summary>
    public string SpecName { get; }

    /// <summary>The document it was started for, or the directory it started in, relative to the home; shown to people.</summary>
    public string Path { get; }

    /// <summary>As the API shows it: <c>starting idle busy restarting dead</c>.</summary>
    public string ExecutionState => _state.ExecutionState;

    public KernelPhase Phase => _state.Phase;

    /// <summary>When something last came from the kernel or from a tab.</summary>
    public DateTimeOffset LastActivity => new(Interlocked.Read(ref _lastActivity), TimeSpan.Zero);

    /// <summary>Open WebSockets.</summary>
    public int ConnectionCount => _audience.Connections.Length;

    /// <summary>Why it is dead, or what is wrong with what it sends; null when all is well.</summary>
    public string? Reason => _deathReason ?? (_offences.IsEmpty ? null
        : "The kernel sends what the messaging protocol does not allow: " + string.Join("; ", _offences.OrderByDescending(o => o.Value).Take(3).Select(o => $"{o.Key} ({o.Value})")));

    /// <summary>Rises from kernel to kernel: lists are in order of creation.</summary>
    internal long CreatedOrder { get; } = Interlocked.Increment(ref s_lastCreated);

    /// <summary>What starts, restarts and stops it.</summary>
    internal KernelLife Life { get; set; } = null!;

    /// <summary>The sockets of the present process; null when there is none.</summary>
    internal KernelClient? Client => _wiring?.Client;

    internal ImmutableArray<KernelConnection> Connections => _audience.Connections;

    /// <summary>Its end was asked for by a message of a tab.</summary>
    internal bool ShutdownAsked => _state.ShutdownAsked;

    private string? _deathReason;

    /// <summary>Completes when the kernel is neither starting nor restarting any more.</summary>
    internal async Task WhenSettledAsync(CancellationToken cancellationToken)
    {
        while (_state.Phase is KernelPhase.Starting or KernelPhase.Restarting)
            await Volatile.Read(ref _settled).Task.WaitAsync(cancellationToken);
    }

    /// <summary>A tab connects; returns when it hears the kernel. False when the kernel has as many tabs as allowed, or is no more.</summary>
    internal async Task<bool> JoinAsync(KernelConnection connection, CancellationToken cancellationToken)
    {
        if (ConnectionCount >= _options.MaxTabsPerKernel)
            return false;
        return await PostAndWaitAsync(new KernelMailbox.Letter(new KernelEvent.TabJoined(connection.Tab, connection.Number), connection), cancellationToken);
    }

    internal async Task LeaveAsync(KernelConnection connection) =>
        await PostAndWaitAsync(new KernelMailbox.Letter(new KernelEvent.TabLeft(connection.Tab, connection.Number), connection), CancellationToken.None);

    /// <summary>A tab sent a message.</summary>
    /// <exception cref="MessageFormatException">A field is wrong; the text names it.</exception>
    internal async ValueTask AskAsync(KernelConnection connection, KernelMessage message, CancellationToken cancellationToken) =>
        await _mailbox.PostAsync(new KernelMailbox.Letter(new KernelEvent.TabAsked(connection.Tab, MessageFacts.OfTab(message, connection.Tab.UserName)), connection), cancellationToken);

    /// <summary>The hub asks the kernel; null when it does not answer in time or is no more.</summary>
    internal async Task<MessageFacts?> RequestAsync(KernelChannel channel, string type, object content, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (_wiring is not { } wiring)
            return null;
        KernelMessage request = _messages.Request(channel, type, wiring.Client.Session, content);
        TaskCompletionSource<MessageFacts> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked[request.MessageId] = answer;
        try
        {
            await _mailbox.PostAsync(new KernelMailbox.Letter(new KernelEvent.HubAsked(MessageFacts.OfHub(request))), cancellationToken);
            return await answer.Task.WaitAsync(timeout, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return null;
        }
        finally
        {
            _asked.TryRemove(request.MessageId, out _);
        }
    }

    /// <summary>The hub sends the kernel something and waits for no answer.</summary>
    internal async Task TellAsync(KernelChannel channel, string type, object content, CancellationToken cancellationToken)
    {
        if (_wiring is { } wiring)
            await _mailbox.PostAsync(new KernelMailbox.Letter(new KernelEvent.HubAsked(MessageFacts.OfHub(_messages.Request(channel, type, wiring.Client.Session, content)))), cancellationToken);
    }

    /// <summary>Asks shell something whose answer only shows that the kernel is free again; returns the question's msg_id.</summary>
    internal async Task<string?> ProbeAsync(CancellationToken cancellationToken)
    {
        if (_wiring is not { } wiring)
            return null;
        KernelMessage probe = _messages.Request(KernelChannel.Shell, MessageTypes.KernelInfoRequest, wiring.Client.Session, new { });
        await _mailbox.PostAsync(new KernelMailbox.Letter(new KernelEvent.HubAsked(MessageFacts.OfHub(probe))), cancellationToken);
        return probe.MessageId;
    }

    /// <summary>A new process is to take the place of the old one.</summary>
    internal async Task RestartingAsync(CancellationToken cancellationToken) =>
        await PostAndWaitAsync(new KernelMailbox.Letter(new KernelEvent.Restarting()), cancellationToken);

    /// <summary>The process is launched; <see cref="Attach"/> comes next.</summary>
    internal async Task LaunchedAsync(KernelEvent.Launched launched, CancellationToken cancellationToken)
    {
        _offences.Clear();
        _launched = _time.GetUtcNow();
        await PostAndWaitAsync(new KernelMailbox.Letter(launched), cancellationToken);
    }

    /// <summary>Connects the sockets of the new process.</summary>
    internal void Attach(KernelClient client)
    {
        KernelWiring wiring = new(client, _options);
        _wiring = wiring;
        client.Start(async message =>
        {
            Interlocked.Exchange(ref _lastActivity, _time.GetUtcNow().UtcTicks);
            await _mailbox.PostAsync(new KernelMailbox.Letter(new KernelEvent.KernelSaid(MessageFacts.OfKernel(message))), CancellationToken.None);
        });
        wiring.Start();
    }

    /// <summary>Disconnects from a process that is no more, or will be.</summary>
    internal async Task DetachAsync()
    {
        KernelWiring? wiring = _wiring;
        _wiring = null;
        if (wiring is not null)
            await wiring.DisposeAsync();
    }

    internal async Task AnsweredAsync(KernelEvent.Answered answered, CancellationToken cancellationToken)
    {
        _deathReason = null;
        await PostAndWaitAsync(new KernelMailbox.Letter(answered), cancellationToken);
    }

    internal async Task DiedAsync(string reason)
    {
        _deathReason = reason;
        await PostAndWaitAsync(new KernelMailbox.Letter(new KernelEvent.Died()), CancellationToken.None);
    }

    /// <summary>Something the kernel did against the protocol; told once in the log, counted in <see cref="Reason"/>.</summary>
    internal void Blame(string offence)
    {
        // A hostile kernel chooses how often, not how many kinds: the texts are ours.
        if (_offences.Count < 32 && _offences.AddOrUpdate(offence, 1, static (_, count) => count + 1) == 1)
            LogOffence(_logger, Id, Owner.UserName, offence);
    }

    internal TabMessage NoticeOf(TabBacklog.Gap gap) => _audience.NoticeOf(gap, _state.Session);

    /// <summary>Ends all connections, and each that is made from now on.</summary>
    internal void CloseConnections(CloseReason reason)
    {
        _closed = reason;
        _audience.CloseAll(reason);
    }

    public async ValueTask DisposeAsync()
    {
        if (_ended.IsCancellationRequested)
            return;
        await DetachAsync();
        await _ended.CancelAsync();
        _mailbox.Close();
        await _loop;
        _settled.TrySetResult();
        foreach (TaskCompletionSource<MessageFacts> asked in _asked.Values)
            asked.TrySetCanceled();
    }

    private async Task<bool> PostAndWaitAsync(KernelMailbox.Letter letter, CancellationToken cancellationToken)
    {
        TaskCompletionSource handled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!await _mailbox.PostAsync(letter with { Handled = handled }, cancellationToken))
            return false;
        await Task.WhenAny(handled.Task, _loop);
        return handled.Task.IsCompletedSuccessfully;
    }

    private async Task RunAsync()
    {
        try
        {
            while (!_ended.IsCancellationRequested)
            {
                while (_mailbox.TryTake(out KernelMailbox.Letter letter))
                {
                    await HandleAsync(letter);
                    if (_time.GetElapsedTime(_lastTick) >= s_tick)
                        await TickAsync();
                }

                Task arrived = _mailbox.WhenArrived();
                if (_state.NeedsTick || _state.ExpectsReturns || _state.Tabs.Count > _audience.Connections.Length)
                {
                    await Task.WhenAny(arrived, Task.Delay(s_tick, _time, _ended.Token));
                    if (_time.GetElapsedTime(_lastTick) >= s_tick)
                        await TickAsync();
                }
                else
                {
                    await arrived;
                }
            }
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // The kernel is no more.
        }
        catch (Exception broken)
        {
            // A defect of ours must not leave tabs in front of a kernel that hears nothing.
            LogLoopBroken(_logger, broken, Id);
            _audience.CloseAll(CloseReason.Broken);
        }
        finally
        {
            _mailbox.Close();
            while (_mailbox.TryTake(out KernelMailbox.Letter letter))
                letter.Handled?.TrySetCanceled(CancellationToken.None);
            _audience.CloseAll(CloseReason.KernelGone);
        }
    }

    private async ValueTask TickAsync()
    {
        _lastTick = _time.GetTimestamp();
        if (_state.NeedsTick)
            await HandleAsync(new KernelMailbox.Letter(new KernelEvent.Tick()));
        if (_state.ExpectsReturns && _time.GetUtcNow() - _launched >= _options.ReplayFor)
            await HandleAsync(new KernelMailbox.Letter(new KernelEvent.ReturnsOver()));
        foreach (TabId forgotten in _audience.TakeForgotten())
            await HandleAsync(new KernelMailbox.Letter(new KernelEvent.TabForgotten(forgotten)));
    }

    private async ValueTask HandleAsync(KernelMailbox.Letter letter)
    {
        if (letter is { Happened: KernelEvent.TabJoined, Connection: { } arriving })
        {
            _audience.Join(arriving);
            if (_closed is { } reason)
                arriving.Close(reason);
        }

        if (letter is { Happened: KernelEvent.TabLeft, Connection: { } leaving })
            _audience.Leave(leaving);
        if (letter.Happened is KernelEvent.TabAsked)
            Interlocked.Exchange(ref _lastActivity, _time.GetUtcNow().UtcTicks);

        (KernelState next, ImmutableArray<KernelEffect> effects) = _state.Apply(letter.Happened);
        _state = next;
        foreach (KernelEffect effect in effects)
            await CarryOutAsync(effect);
        Settle(letter.Happened);
        letter.Handled?.TrySetResult();
    }

    private void Settle(KernelEvent happened)
    {
        if (happened is KernelEvent.Restarting && _settled.Task.IsCompleted)
            Volatile.Write(ref _settled, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        if (happened is KernelEvent.Answered or KernelEvent.Died)
            _settled.TrySetResult();
    }

    private async ValueTask CarryOutAsync(KernelEffect effect)
    {
        switch (effect)
        {
            case KernelEffect.SendToAll all:
                await _audience.SendToAllAsync(all.Said.Message.WithSession(_state.Session), _mayWait, _ended.Token);
                break;
            case KernelEffect.SendToTab one:
                await SendAsync(one.Tab, one.Said.Message.WithSession(_state.Session));
                break;
            case KernelEffect.SendToKernel send:
                if (_wiring?.TrySend(send.Asked.Message) != true)
                    await HandleAsync(new KernelMailbox.Letter(new KernelEvent.KernelNotReading(send.Asked)));
                break;
            case KernelEffect.HandToHub answer:
                if (_asked.TryGetValue(answer.Said.Parent.MessageId, out TaskCompletionSource<MessageFacts>? waiting))
                    waiting.TrySetResult(answer.Said);
                break;
            case KernelEffect.ExpectTab expected:
                _audience.Expect(expected.Tab);
                break;
            case KernelEffect.CloseReplaced replaced:
                _audience.CloseAll(CloseReason.Replaced, connection => connection.Tab == replaced.Tab && connection.Number == replaced.Connection);
                break;
            case KernelEffect.Refuse refused:
                foreach (KernelMessage message in _messages.Refusal(_state.Session, refused))
                    await SendAsync(refused.Tab, message);
                break;
            case KernelEffect.Abort aborted:
                foreach (KernelMessage message in _messages.Abortion(_state.Session, aborted))
                    await SendAsync(aborted.Tab, message);
                break;
            case KernelEffect.SayIdle idle:
                await SendAsync(idle.Tab, _messages.Status(_state.Session, "idle", idle.ParentHeader));
                break;
            case KernelEffect.SayState say:
                await _audience.SendToAllAsync(_messages.Status(_state.Session, say.State), _mayWait, _ended.Token);
                break;
            case KernelEffect.Tell tell:
                await SendAsync(tell.Tab, _messages.Notice(_state.Session, tell.ParentHeader, tell.Text));
                break;
            case KernelEffect.AnswerPrompt answer:
                _wiring?.TrySend(_messages.EmptyAnswer(_wiring.Client.Session, answer.PromptHeader));
                break;
            case KernelEffect.Interrupt:
                Life.InterruptSoon();
                break;
            case KernelEffect.BlameKernel blame:
                Blame(blame.Offence);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(effect));
        }
    }

    private ValueTask SendAsync(TabId tab, KernelMessage message) => _audience.SendToAsync(tab, message, _mayWait, _ended.Token);

    [LoggerMessage(1200, LogLevel.Warning, "Kernel {KernelId} of {UserName} breaks the messaging protocol: {Offence}")]
    private static partial void LogOffence(ILogger logger, string kernelId, string userName, string offence);

    [LoggerMessage(1201, LogLevel.Error, "The loop of kernel {KernelId} failed")]
    private static partial void LogLoopBroken(ILogger logger, Exception broken, string kernelId);
}
