using System.Collections.Immutable;
using Wire.Jupyter;

namespace Hub.Kernels;

/// <summary>
/// Who hears what. One value holds all that the rules need to know of a kernel and its audience: the tabs, the requests under way, the
/// prompts nobody answered, what the kernel is busy with. <see cref="Apply"/> takes what happened and says what follows; it knows no
/// clock, no socket and no queue. The rules:
/// <list type="bullet">
/// <item>output goes to every tab; a reply to the tab whose request is its parent; a prompt to the tab that ran the cell, else to the
/// owner's newest tab; nothing goes to a tab that left for good;</item>
/// <item>an answer to a prompt is taken once, from the tab that was asked, because kernels take the first from anybody (kernel-wire §5);</item>
/// <item>every request ends for its tab: with the kernel's reply and idle, or with words of the hub when the kernel cannot give them;</item>
/// <item>while a cell runs, questions about comms that the hub can answer are answered by it, at once and instead of the kernel.</item>
/// </list>
/// </summary>
internal sealed partial record KernelState
{
    /// <summary>Prompts that may wait at the same time; one per subshell is what honest kernels have.</summary>
    public const int MaxPrompts = 16;

    /// <summary>Forbidden prompts of one request that are answered with an empty line before the request is interrupted.</summary>
    public const int MaxPromptsAnswered = 16;

    /// <summary>Ticks for which the idle of a question is waited for that the kernel has answered: iopub may lag behind shell, and no kernel we know leaves it out.</summary>
    public const int MaxUnheardTicks = 30;

    /// <summary>Requests followed for the execution state; a kernel that claims to be busy with more is not followed further.</summary>
    public const int MaxBusy = 4_096;

    /// <summary>Requests the hub answered in the kernel's stead whose late replies are recognised.</summary>
    public const int MaxMadeUp = 1_024;

    private readonly RequestPolicy _policy;
    private readonly KernelsOptions _options;
    private readonly string _owner;

    public KernelState(string owner, KernelsOptions options)
    {
        _owner = owner;
        _options = options;
        _policy = new RequestPolicy(options.AllowedMessageTypes.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    public KernelPhase Phase { get; private init; } = KernelPhase.Starting;

    /// <summary>What every message of this life of the kernel carries as <c>header.session</c> towards the tabs (kernel-websocket §6).</summary>
    public string Session { get; private init; } = "";

    public ImmutableDictionary<TabId, TabEntry> Tabs { get; private init; } = ImmutableDictionary<TabId, TabEntry>.Empty;

    /// <summary>Requests under way, by msg_id.</summary>
    public ImmutableDictionary<string, PendingRequest> Pending { get; private init; } = ImmutableDictionary<string, PendingRequest>.Empty;

    /// <summary>Prompts under way, oldest first.</summary>
    public ImmutableList<PendingInput> Prompts { get; private init; } = [];

    /// <summary>Requests that wait for the kernel to answer for the first time, oldest first.</summary>
    public ImmutableQueue<MessageFacts> Held { get; private init; } = ImmutableQueue<MessageFacts>.Empty;

    public long HeldBytes { get; private init; }

    /// <summary>Parents of the tracked requests the kernel says it is busy with: several subshells may be at work at once.</summary>
    public ImmutableHashSet<string> Busy { get; private init; } = [];

    /// <summary>Somebody stopped the kernel by message: its end is no accident.</summary>
    public bool ShutdownAsked { get; private init; }

    /// <summary>True while a request waits for a status or a reply that may never come: send <see cref="KernelEvent.Tick"/>.</summary>
    public bool NeedsTick => AbortedOpen > 0 || RestoredOpen > 0 || MayProbe;

    /// <summary>
    /// <see cref="IsMereOutput"/> goes to everybody and changes nothing here: such a message need not be <see cref="Apply"/>d, and most of what kernels
    /// say is of that kind.
    /// </summary>
    public bool PassesOutputOn => SessionChosen && Phase != KernelPhase.Dead;

    /// <summary>What a cell puts out, which says nothing of a state, a request or a comm.</summary>
    public static bool IsMereOutput(KernelMessage said) => said.Channel == KernelChannel.IOPub && said.MessageType
        is MessageTypes.Stream or MessageTypes.DisplayData or MessageTypes.UpdateDisplayData or MessageTypes.ExecuteResult or MessageTypes.ClearOutput;

    /// <summary>A cell runs or waits, also one that waits for somebody's input.</summary>
    public bool IsAtWork => !Busy.IsEmpty || Pending.Values.Any(pending => pending is { Tab: not null, MessageType: MessageTypes.ExecuteRequest });

    /// <summary>Live subshells; null when the kernel knows none (the header field is then its own affair).</summary>
    public ImmutableHashSet<string>? Subshells { get; private init; }

    /// <summary>As the API shows it (jupyter-server-rest §6).</summary>
    public string ExecutionState => Phase switch
    {
        KernelPhase.Starting => "starting",
        KernelPhase.Restarting => "restarting",
        KernelPhase.Dead => "dead",
        _ => Busy.IsEmpty ? "idle" : "busy",
    };

    /// <summary>
    /// A cell runs or waits, so that the kernel answers nothing of what is asked in order: neither which comms there are nor what state they have.
    /// </summary>
    public bool IsOccupied => Phase == KernelPhase.Running && !IsCatchingUp
        && (Probe is not null || Pending.Values.Any(pending => pending is { MessageType: MessageTypes.ExecuteRequest, IsInOrder: true, IdleSeen: false }));

    private string FallbackSession { get; init; } = "";

    private string HubSession { get; init; } = "";

    private bool SessionChosen { get; init; }

    /// <summary>The process ran before this hub did: what it says may be meant for tabs that have not come back yet.</summary>
    private bool IsAdopted { get; init; }

    /// <summary>The question of this hub whose answer says that an adopted kernel is free again; null when none is open.</summary>
    private string? Probe { get; init; }

    /// <summary>
    /// Whatever was asked in order before this hub came is over, and heard. That the kernel answers a question of this hub is no proof: what the
    /// killed hub had sent waits in a connection of its own, and ZeroMQ takes from each in turn. But in turn it is: two questions of this hub after
    /// each other with nothing between them on iopub show that nothing of that kind is left. By iopub, not by the replies, because it may lag behind
    /// shell, all the more when it has to come by the recorder.
    /// </summary>
    private bool IsHeardOut { get; init; } = true;

    /// <summary>The last of these questions while its idle was not heard.</summary>
    private string? Unheard { get; init; }

    /// <summary>Ticks since it was answered.</summary>
    private int UnheardTicks { get; init; }

    /// <summary>Since the idle of the one before it the kernel worked on something that this hub did not ask; true before the first.</summary>
    private bool IsStirred { get; init; }

    private bool MayProbe => !IsHeardOut && Unheard is null && Phase == KernelPhase.Running;

    private int RestoredOpen { get; init; }

    /// <summary>
    /// What the hub answered in the kernel's stead: a reply that comes all the same (ipykernel may hold one back until its next cell is done) would be
    /// a second one, and says nothing that the first did not.
    /// </summary>
    private ImmutableHashSet<string> MadeUp { get; init; } = [];

    private bool StartingSeen { get; init; }

    private int AbortedOpen { get; init; }

    /// <summary>What an adopted kernel said before this hub listened is still coming in: that something was not heard means nothing yet.</summary>
    private bool IsCatchingUp { get; init; }

    /// <summary>What follows when this happens: the next state, and what must be done, in order.</summary>
    public (KernelState State, ImmutableArray<KernelEffect> Effects) Apply(KernelEvent happened) => happened switch
    {
        KernelEvent.KernelSaid said => Hear(said.Said),
        KernelEvent.TabAsked asked => Ask(asked.Tab, asked.Asked, asked.Known, asked.ReadsOnly),
        KernelEvent.HubAsked asked => (WithHubs(asked), [new KernelEffect.SendToKernel(asked.Asked)]),
        KernelEvent.TabJoined joined => Join(joined),
        KernelEvent.TabLeft left => Leave(left.Tab, left.Connection),
        KernelEvent.TabForgotten forgotten => Forget(forgotten.Tab),
        KernelEvent.Restarting => Restart(),
        KernelEvent.Launched launched => (Launch(launched), []),
        KernelEvent.Answered answered => Answer(answered),
        KernelEvent.Died => Die(),
        KernelEvent.Retired retired => retired.EvenAtWork || !IsAtWork ? Die() : (this, []),
        KernelEvent.KernelNotReading full => NotReading(full.Asked),
        KernelEvent.Tick => Tick(),
        KernelEvent.CaughtUp => (this with { IsCatchingUp = false }, []),
        KernelEvent.OutputMissing missing => (this, TellMissing(missing)),
        KernelEvent.Restored restored => (Restore(restored), []),
        KernelEvent.PromptSent sent => (NotePrompt(sent), []),
        _ => throw new ArgumentOutOfRangeException(nameof(happened)),
    };

    private (KernelState, ImmutableArray<KernelEffect>) Restart()
    {
        (KernelState ended, ImmutableArray<KernelEffect> aborted) = AbortAll();
        return (ended with { Phase = KernelPhase.Restarting, ShutdownAsked = false, Subshells = null }, aborted);
    }

    /// <summary>Until the new process has said its first word the old session stands: a change makes front ends drop what they are handling.</summary>
    private KernelState Launch(KernelEvent.Launched launched) => this with
    {
        Session = Session.Length == 0 ? launched.Session : Session,
        SessionChosen = false,
        FallbackSession = launched.Session,
        HubSession = launched.HubSession,
        IsAdopted = launched.Adopted,
        IsCatchingUp = launched.Adopted,
        Probe = null,
        IsHeardOut = !launched.Adopted,
        IsStirred = launched.Adopted,
        Unheard = null,
        UnheardTicks = 0,
        StartingSeen = false,
        Busy = [],
    };

    private (KernelState, ImmutableArray<KernelEffect>) Answer(KernelEvent.Answered answered)
    {
        ImmutableArray<KernelEffect>.Builder effects = ImmutableArray.CreateBuilder<KernelEffect>();
        // Kernels whose output socket keeps nothing for late listeners lose their `starting`; tabs that did not ask for the restart need it.
        if (Phase == KernelPhase.Restarting && !StartingSeen)
            effects.Add(new KernelEffect.SayState("starting"));
        foreach (MessageFacts held in Held)
            effects.Add(new KernelEffect.SendToKernel(held));
        // The answer may have come before this was known.
        string? busyWith = answered.BusyWith is { } asked && Pending.GetValueOrDefault(asked) is { Replied: false } ? asked : null;
        KernelState next = this with
        {
            Phase = KernelPhase.Running,
            Session = SessionChosen ? Session : Chosen(answered.KernelSession ?? ""),
            SessionChosen = true,
            Held = ImmutableQueue<MessageFacts>.Empty,
            HeldBytes = 0,
            Subshells = answered.HasSubshells ? [.. answered.Subshells] : null,
            Busy = busyWith is not null ? Busy.Add(busyWith) : Busy,
            Probe = busyWith,
        };
        // What became idle before this hub listened was answered before, to nobody.
        foreach (PendingRequest pending in Pending.Values.Where(pending => !IsCatchingUp && pending is { IsRestored: true, IdleSeen: true }))
        {
            effects.Add(new KernelEffect.Complete(pending.Tab!.Value, pending));
            next = next.WithMadeUp(pending.MessageId);
        }

        return (next, effects.ToImmutable());
    }

    private KernelState Restore(KernelEvent.Restored restored)
    {
        KernelState next = this with { Prompts = Prompts.AddRange(restored.Prompts.Take(MaxPrompts)) };
        foreach (TabId tab in restored.Tabs)
            next = next.Tabs.ContainsKey(tab) ? next : next with { Tabs = next.Tabs.Add(tab, new TabEntry(0, false, 0)) };
        foreach (PendingRequest pending in restored.Pending.Take(_options.MaxPendingPerKernel))
            next = next.WithRestored(pending);
        return next;
    }

    /// <summary>Whoever's cell ran meanwhile reads it among the cell's output; where none did, nothing of anybody's is missing.</summary>
    private ImmutableArray<KernelEffect> TellMissing(KernelEvent.OutputMissing missing) =>
    [
        .. Pending.Values.Where(pending => pending is { IsRestored: true, Tab: not null, MessageType: MessageTypes.ExecuteRequest })
            .Select(pending => new KernelEffect.Tell(pending.Tab!.Value, pending.Header, $"Some output may be missing here: {missing.Why}. The program was not disturbed.")),
    ];

    private KernelState NotePrompt(KernelEvent.PromptSent sent) => this with
    {
        Prompts = Prompts.ConvertAll(prompt => prompt.Prompt.Header.MessageId == sent.MessageId ? prompt with { Asked = prompt.Asked.SetItem(sent.Tab, sent.Sequence) } : prompt),
    };

    private KernelState WithRestored(PendingRequest pending) => Pending.ContainsKey(pending.MessageId) ? this : this with
    {
        Pending = Pending.Add(pending.MessageId, pending),
        RestoredOpen = RestoredOpen + 1,
        Tabs = pending.Tab is { } id && Tabs.TryGetValue(id, out TabEntry? entry) ? Tabs.SetItem(id, entry with { OpenRequests = entry.OpenRequests + 1 }) : Tabs,
        Busy = pending is { BusySeen: true, IdleSeen: false } && Busy.Count < MaxBusy && RequestPolicy.IsTracked(pending.MessageType) ? Busy.Add(pending.MessageId) : Busy,
    };

    /// <summary>
    /// A kernel with a constant session of its own keeps it; one that echoes the requester's (the R kernel) gets the one the hub chose.
    /// </summary>
    private string Chosen(string session) =>
        session.Length is > 0 and <= MessageFacts.MaxIdLength && session != HubSession && TabOfSession(session) is null ? session : FallbackSession;

    private (KernelState, ImmutableArray<KernelEffect>) Die()
    {
        (KernelState ended, ImmutableArray<KernelEffect> aborted) = AbortAll();
        return (ended with { Phase = KernelPhase.Dead }, aborted.Add(new KernelEffect.SayState("dead")));
    }

    /// <summary>Ends every request under way: what it was sent to is no more, and kernels never answer for their predecessors.</summary>
    private (KernelState State, ImmutableArray<KernelEffect> Effects) AbortAll()
    {
        ImmutableArray<KernelEffect>.Builder effects = ImmutableArray.CreateBuilder<KernelEffect>();
        foreach (PendingRequest pending in Pending.Values)
        {
            if (pending is { Tab: { } tab, IsFinished: false })
                effects.Add(new KernelEffect.Abort(tab, pending.Channel, pending.MessageType, pending.Header));
        }

        return (this with
        {
            Pending = ImmutableDictionary<string, PendingRequest>.Empty,
            Tabs = Tabs.ToImmutableDictionary(tab => tab.Key, tab => tab.Value with { OpenRequests = 0 }),
            Prompts = [],
            Held = ImmutableQueue<MessageFacts>.Empty,
            HeldBytes = 0,
            Busy = [],
            AbortedOpen = 0,
            RestoredOpen = 0,
        }, effects.ToImmutable());
    }

    private (KernelState, ImmutableArray<KernelEffect>) NotReading(MessageFacts asked)
    {
        if (!Pending.TryGetValue(asked.Header.MessageId, out PendingRequest? pending))
            return (this, []);
        KernelState next = WithoutPending(asked.Header.MessageId);
        return pending.Tab is not { } tab
            ? (next, [])
            : (next, [new KernelEffect.Refuse(tab, pending.Channel, pending.MessageType, pending.Header, "KernelNotReading",
                $"The kernel does not read its requests and {KernelsOptions.Section}:{nameof(KernelsOptions.MaxUnsentBytes)} ({_options.MaxUnsentBytes}) or {nameof(KernelsOptions.MaxPendingPerKernel)} is reached. Interrupt or restart it.")]);
    }

    /// <summary>
    /// Two ticks after an aborted reply without any status the hub says idle: the R kernel never does (kernel-wire §12). Two ticks after the end
    /// of a request from before this hub the hub replies: the kernel has, while nobody was connected who could hear it.
    /// </summary>
    private (KernelState, ImmutableArray<KernelEffect>) Tick()
    {
        KernelState next = Unheard is { } unheard && Pending.GetValueOrDefault(unheard) is null or { Replied: true } ? this with { UnheardTicks = UnheardTicks + 1 } : this;
        if (next.UnheardTicks >= MaxUnheardTicks)
            next = next with { IsHeardOut = true, Unheard = null, UnheardTicks = 0 };
        ImmutableArray<KernelEffect>.Builder effects = ImmutableArray.CreateBuilder<KernelEffect>();
        if (MayProbe && !IsCatchingUp)
            effects.Add(new KernelEffect.Probe());
        foreach ((string id, PendingRequest pending) in Pending)
        {
            bool isSilent = pending is { Aborted: true, BusySeen: false };
            bool isOver = pending.IsRestored && !IsCatchingUp && (pending.IdleSeen || (IsHeardOut && pending.IsInOrder));
            if (!isSilent && !isOver)
                continue;
            if (pending.TicksMissing == 0)
            {
                next = next with { Pending = next.Pending.SetItem(id, pending with { TicksMissing = 1 }) };
                continue;
            }

            if (pending.Tab is { } tab)
                effects.Add(isSilent ? new KernelEffect.SayIdle(tab, pending.Header) : new KernelEffect.Complete(tab, pending));
            next = isSilent ? next.WithoutPending(id) : next.WithMadeUp(id);
            next = next with { Busy = next.Busy.Remove(id) };
        }

        return (next, effects.ToImmutable());
    }

    private KernelState WithHubs(KernelEvent.HubAsked asked)
    {
        KernelState next = WithPending(null, asked.Asked);
        return asked.IsProbe ? next with { Unheard = asked.Asked.Header.MessageId, UnheardTicks = 0 } : next;
    }

    private KernelState WithPending(TabId? tab, MessageFacts asked)
    {
        string type = asked.MessageType;
        PendingRequest pending = new()
        {
            Tab = tab,
            MessageId = asked.Header.MessageId,
            Channel = asked.Channel,
            MessageType = type,
            Header = asked.Message.Header,
            AllowStdin = asked.AllowsStdin,
            Subshell = asked.Subshell,
            ExpectsReply = RequestPolicy.ExpectsReply(type),
            IsInOrder = string.IsNullOrEmpty(asked.Header.SubshellId),
        };
        return this with
        {
            Pending = Pending.SetItem(asked.Header.MessageId, pending),
            Tabs = tab is { } id && Tabs.TryGetValue(id, out TabEntry? entry) ? Tabs.SetItem(id, entry with { OpenRequests = entry.OpenRequests + 1 }) : Tabs,
            ShutdownAsked = ShutdownAsked || type == MessageTypes.ShutdownRequest,
        };
    }

    private KernelState WithoutPending(string messageId)
    {
        if (!Pending.TryGetValue(messageId, out PendingRequest? pending))
            return this;
        return this with
        {
            Pending = Pending.Remove(messageId),
            Tabs = pending.Tab is { } id && Tabs.TryGetValue(id, out TabEntry? entry) ? Tabs.SetItem(id, entry with { OpenRequests = Math.Max(0, entry.OpenRequests - 1) }) : Tabs,
            AbortedOpen = pending is { Aborted: true, BusySeen: false } ? AbortedOpen - 1 : AbortedOpen,
            RestoredOpen = pending.IsRestored ? RestoredOpen - 1 : RestoredOpen,
            Prompts = Prompts.RemoveAll(prompt => prompt.RequestId == messageId),
        };
    }

    /// <summary>The hub answers in the kernel's stead.</summary>
    private KernelState WithMadeUp(string messageId)
    {
        KernelState next = WithoutPending(messageId);
        return next.MadeUp.Count >= MaxMadeUp ? next : next with { MadeUp = next.MadeUp.Add(messageId) };
    }

    /// <summary>The same with a changed request, or without it when it is finished by that.</summary>
    private KernelState WithProgress(string messageId, PendingRequest before, PendingRequest after)
    {
        KernelState next = this with
        {
            Pending = Pending.SetItem(messageId, after),
            AbortedOpen = AbortedOpen + (after is { Aborted: true, BusySeen: false } ? 1 : 0) - (before is { Aborted: true, BusySeen: false } ? 1 : 0),
        };
        return after.IsFinished ? next.WithoutPending(messageId) : next;
    }
}
