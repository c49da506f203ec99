using System.Collections.Concurrent;
using System.Collections.Immutable;
using Hub.Journal;
using Hub.Journal.Recording;
using Wire.Jupyter;

namespace Hub.Kernels;

/// <summary>
/// One kernel and everybody who is connected to it. Its life is longer than that of a process: a restart puts a new process behind the same
/// kernel, and a dead one keeps its place so that people learn why.
/// </summary>
/// <remarks>
/// One loop owns the <see cref="KernelState"/>, the audience and everything that follows from a message, so there is no lock: whoever wants
/// something puts a letter into the bounded mailbox. The loop waits neither for the kernel (requests go through an outbox per channel) nor
/// for a tab nor for the disk, so the kernel's sockets are always drained. Whatever is said and asked passes one tap: it is appended to
/// the kernel's journal, gets its number there, and only then is offered to tabs. It refuses to know how a kernel is started
/// or stopped (<see cref="KernelLife"/>), what a WebSocket is (<see cref="KernelConnection"/>) and who may do what (the API).
/// </remarks>
public sealed partial class LiveKernel : IAsyncDisposable
{
    /// <summary>Of so many iopub messages in the journal one is the kernel's own, and the recorder knows it.</summary>
    private const int LastHeard = 32;

    private const int LettersPerLoan = 1024;

    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(1);

    private static long s_lastCreated;

    private readonly KernelsOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly KernelMailbox _mailbox;
    private ITimer? _ring;
    private volatile bool _isRinging;
    private readonly HubMessages _messages;
    private readonly KernelAudience _audience;
    private readonly KernelJournal _journal;
    private readonly Recorder _recorder;
    private readonly JournaledPlace _place;
    private readonly ConcurrentDictionary<string, TaskCompletionSource<MessageFacts>> _asked = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly ConcurrentDictionary<string, long> _offences = new();
    private readonly Task _loop;
    private volatile KernelState _state;
    private volatile CloseReason? _closed;
    private volatile KernelWiring? _wiring;
    private KernelCatchUp? _catchUp;
    private TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _lastActivity;
    private long _lastTick;

    internal LiveKernel(string id, KernelOwner owner, string specName, string path, KernelJournal journal, Recorder recorder, KernelsOptions options, TimeProvider time, ILogger logger)
    {
        (Id, Owner, SpecName, Path) = (id, owner, specName, path);
        (_options, _time, _logger) = (options, time, logger);
        _mailbox = new KernelMailbox(options.MailboxMessages, options.MailboxBytes);
        _messages = new HubMessages(time);
        (_journal, _recorder, _place) = (journal, recorder, new JournaledPlace(recorder, id));
        _audience = new KernelAudience(journal, options, time, tab => new TabView(tab.Address, IsPromptOver, NoticeOfMissing));
        journal.Settled = _audience.Written;
        _executions = new ExecutionsState(options.ExecutionsKept);
        _comms = new CommsState(options.CommsKept, options.CommStateBytes);
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

    /// <summary>Bytes of memory its present process is held to; null when there is none, or it is held to none.</summary>
    internal long? MemoryLimit => Life.Spawned?.MemoryLimit;

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
    private volatile ExecutionsState _executions;
    private CommsState _comms;
    private long _adoptedAt;

    /// <summary>What runs, waits and ran last.</summary>
    internal ExecutionsState Executions => _executions;

    /// <summary>What was said and asked.</summary>
    internal KernelJournal Journal => _journal;

    /// <summary>Completes when the kernel is neither starting nor restarting any more.</summary>
    internal async Task WhenSettledAsync(CancellationToken cancellationToken)
    {
        while (_state.Phase is KernelPhase.Starting or KernelPhase.Restarting)
            await Volatile.Read(ref _settled).Task.WaitAsync(cancellationToken);
    }

    /// <summary>Why its tabs are sent away; null while they are not.</summary>
    internal CloseReason? Closed => _closed;

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
        await _mailbox.PostAsync(new KernelMailbox.Letter(new KernelEvent.TabAsked(connection.Tab, MessageFacts.OfTab(message, connection.Tab), ReadsOnly: connection.ReadsOnly), connection), cancellationToken);

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

    /// <summary>Asks shell something whose answer only shows that the kernel is free again, and its idle how far it is; returns the question's msg_id.</summary>
    internal async Task<string?> ProbeAsync(CancellationToken cancellationToken)
    {
        if (_wiring is not { } wiring)
            return null;
        KernelMessage probe = ProbeOf(wiring);
        await _mailbox.PostAsync(new KernelMailbox.Letter(new KernelEvent.HubAsked(MessageFacts.OfHub(probe), IsProbe: true)), cancellationToken);
        return probe.MessageId;
    }

    private KernelMessage ProbeOf(KernelWiring wiring) => _messages.Request(KernelChannel.Shell, MessageTypes.KernelInfoRequest, wiring.Client.Session, new { });

    /// <summary>A new process is to take the place of the old one.</summary>
    internal async Task RestartingAsync(CancellationToken cancellationToken) =>
        await PostAndWaitAsync(new KernelMailbox.Letter(new KernelEvent.Restarting()), cancellationToken);

    /// <summary>The process is launched; <see cref="Attach"/> comes next.</summary>
    internal async Task LaunchedAsync(KernelEvent.Launched launched, CancellationToken cancellationToken)
    {
        _offences.Clear();
        await PostAndWaitAsync(new KernelMailbox.Letter(launched), cancellationToken);
    }

    /// <summary>Reads in the journal what was under way when the former hub ended; comes between <see cref="LaunchedAsync"/> and <see cref="Attach"/> of an adopted process.</summary>
    /// <returns>The last iopub messages in the journal, newest first: after which the recorder is asked to go on. Some may be the hub's own words, which it never heard.</returns>
    internal async Task<IReadOnlyList<string>> RestoreAsync(CancellationToken cancellationToken)
    {
        Queue<string> last = new();
        RestoreState past = new(_options.ReplayTabs);
        ExecutionsState executions = new(_options.ExecutionsKept);
        // Only the start of the kernel's process, when the journal still has it, makes it sure that no comm is missing.
        CommsState comms = new(_options.CommsKept, _options.CommStateBytes, isComplete: false);
        long skipped = 0;
        using JournalReader reader = _journal.Read(0);
        while (await reader.NextAsync(4_096, 4 << 20, cancellationToken) is { Count: > 0 } entries)
        {
            foreach (JournalEntry entry in entries)
            {
                past.Apply(entry);
                executions = executions.Apply(entry);
                comms.Apply(entry);
                if (entry is { Kind: JournalKind.Said, Recipient: null, Message.Channel: KernelChannel.IOPub })
                    last.Enqueue(entry.Message.MessageId);
                if (last.Count > LastHeard)
                    last.Dequeue();
            }

            if (reader.Skipped > skipped)
                comms.Doubt();
            skipped = reader.Skipped;
        }

        (_executions, _comms) = (executions, comms);
        await PostAndWaitAsync(new KernelMailbox.Letter(new KernelEvent.Restored(past.Pending, past.Prompts, [.. past.Tabs.Select(tab => tab.Tab)])) { Places = [.. past.Tabs] }, cancellationToken);
        return [.. last.Reverse()];
    }

    /// <summary>What is under way, and the number in the journal this holds for: whoever connects with it misses nothing and sees nothing twice.</summary>
    internal async Task<KernelSnapshot?> LookAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource<KernelSnapshot> seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!await _mailbox.PostAsync(new KernelMailbox.Letter(Look: seen), cancellationToken))
            return null;
        await Task.WhenAny(seen.Task, _loop).WaitAsync(cancellationToken);
        return seen.Task.IsCompletedSuccessfully ? await seen.Task : null;
    }

    /// <summary>Connects the sockets of the new process.</summary>
    /// <param name="client">Its sockets.</param>
    /// <param name="feed">What a recorder heard of an adopted process since the journal's last message; null for a process of this hub.</param>
    internal void Attach(KernelClient client, RecorderFeed? feed = null)
    {
        KernelWiring wiring = new(client, _options);
        _wiring = wiring;
        KernelCatchUp? catchUp = feed is null ? null : new KernelCatchUp(feed, client.Connection, message => HearAsync(message, more: false), MissAsync, CatchUpAsync);
        _catchUp = catchUp;
        client.Start(message =>
        {
            Interlocked.Exchange(ref _lastActivity, _time.GetUtcNow().UtcTicks);
            return catchUp is not null && message.Channel == KernelChannel.IOPub ? catchUp.HearAsync(message) : HearAsync(message, more: true);
        }, _mailbox.Wake);
        catchUp?.Start();
        _ = _recorder.WatchAsync(Id, client.Connection.Url(KernelChannel.IOPub), CancellationToken.None);
    }

    /// <summary>Completes when everything that was said while no hub was there has been passed on.</summary>
    internal Task CaughtUpAsync(TimeSpan patience, CancellationToken cancellationToken) =>
        _catchUp is { } catchUp ? Task.WhenAny(catchUp.CaughtUp, Task.Delay(patience, _time, cancellationToken)) : Task.CompletedTask;

    /// <param name="message">The kernel said it.</param>
    /// <param name="more">More may follow at once, and then the mailbox is woken.</param>
    private async ValueTask HearAsync(KernelMessage message, bool more) =>
        await _mailbox.PostAsync(
            KernelState.IsMereOutput(message) ? new KernelMailbox.Letter(Output: message) : new KernelMailbox.Letter(new KernelEvent.KernelSaid(MessageFacts.OfKernel(message))),
            CancellationToken.None,
            more);

    private async ValueTask CatchUpAsync() => await _mailbox.PostAsync(new KernelMailbox.Letter(new KernelEvent.CaughtUp()), CancellationToken.None);

    private async ValueTask MissAsync(string why) =>
        await _mailbox.PostAsync(new KernelMailbox.Letter(new KernelEvent.OutputMissing(why)), CancellationToken.None);

    /// <summary>Disconnects from a process that is no more, or will be.</summary>
    internal async Task DetachAsync()
    {
        KernelWiring? wiring = _wiring;
        _wiring = null;
        if (wiring is not null)
            await wiring.DisposeAsync();
        if (Interlocked.Exchange(ref _catchUp, null) is { } catchUp)
            await catchUp.DisposeAsync();
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

    private bool IsPromptOver(string messageId) => !_state.Prompts.Any(prompt => prompt.Prompt.Header.MessageId == messageId);

    private KernelMessage NoticeOfMissing(long from, long to, KernelMessage? following) => _messages.Notice(_state.Session, following?.ParentHeader.ToArray() ?? default,
        $"{to - from + 1} message(s), numbers {from} to {to}, came while this page was away or behind, and are no longer kept ({JournalOptions.Section}:{nameof(JournalOptions.BytesPerKernel)}). "
        + $"What is left of the outputs: api/kernels/{Id}/executions?outputs=true. The program was not disturbed.");

    /// <summary>Ends all connections, and each that is made from now on.</summary>
    internal void CloseConnections(CloseReason reason)
    {
        _closed = reason;
        _audience.CloseAll(reason);
    }

    public ValueTask DisposeAsync() => EndAsync(isReleased: false);

    /// <summary>The hub ends and the kernel does not: the next hub finds in the journal where each tab was.</summary>
    internal ValueTask ReleaseAsync() => EndAsync(isReleased: true);

    private async ValueTask EndAsync(bool isReleased)
    {
        if (_ended.IsCancellationRequested)
            return;
        // Before anything refuses a tab that is just arriving: it is told what the others are.
        _closed ??= isReleased ? CloseReason.HubRestarts : CloseReason.KernelGone;
        await DetachAsync();
        await _ended.CancelAsync();
        _mailbox.Close();
        await _loop;
        if (isReleased)
        {
            IEnumerable<(TabId Tab, long Cursor)> tabs = _audience.Away.Concat(Connections.Select(connection => (connection.Tab, Math.Max(connection.Backlog.Cursor, connection.RepeatsTo)))).DistinctBy(tab => tab.Item1);
            _journal.Append(JournalKind.Note, _messages.Note(RestoreState.HubStopped, tabs.Select(tab => new { user = tab.Item1.UserName, client = tab.Item1.ClientId, seq = tab.Item2 })), push: true);
        }
        else
        {
            await _recorder.ForgetAsync(Id, CancellationToken.None);
        }

        _journal.Settled = null;
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

    [LoggerMessage(1200, LogLevel.Warning, "Kernel {KernelId} of {UserName} breaks the messaging protocol: {Offence}")]
    private static partial void LogOffence(ILogger logger, string kernelId, string userName, string offence);

    [LoggerMessage(1202, LogLevel.Warning, "Output of kernel {KernelId} of {UserName} may be missing: {Why}")]
    private static partial void LogMissing(ILogger logger, string kernelId, string userName, string why);

    [LoggerMessage(1203, LogLevel.Information, "Kernel {KernelId} of {UserName} has more comms or widget state than Kernels:CommsKept and Kernels:CommStateBytes allow, or such that cannot be read: while it is busy, pages wait for it")]
    private static partial void LogCommsLeftOut(ILogger logger, string kernelId, string userName);

    [LoggerMessage(1201, LogLevel.Error, "The loop of kernel {KernelId} failed")]
    private static partial void LogLoopBroken(ILogger logger, Exception broken, string kernelId);
}
