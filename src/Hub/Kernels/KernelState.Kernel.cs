using System.Collections.Immutable;
using Wire.Jupyter;

namespace Hub.Kernels;

/// <summary>The kernel's side of the rules: output, replies, prompts, states.</summary>
internal sealed partial record KernelState
{
    // One value for all: output is most of what happens, and must not cost an allocation here.
    private static readonly ImmutableArray<KernelEffect> s_toAll = [new KernelEffect.SendToAll()];

    private static readonly ImmutableArray<KernelEffect> s_toAllStillBusy = [new KernelEffect.SendToAll(), new KernelEffect.SayState("busy")];

    private (KernelState, ImmutableArray<KernelEffect>) Hear(MessageFacts said)
    {
        if (Phase == KernelPhase.Dead)
            return (this, []);
        KernelState next = SessionChosen ? this : this with { Session = Chosen(said.Header.Session), SessionChosen = true };
        return next.HearOn(said);
    }

    private (KernelState, ImmutableArray<KernelEffect>) HearOn(MessageFacts said) => said.Channel switch
    {
        KernelChannel.IOPub => said.MessageType switch
        {
            MessageTypes.Status => HearStatus(said),
            // A hint that a subscription arrived: no affair of tabs, and only the first subscriber gets it (kernel-wire §8).
            MessageTypes.IOPubWelcome => (this, []),
            MessageTypes.ExecuteInput or MessageTypes.Error when RestoredOpen > 0 => (WithMemory(said), s_toAll),
            _ => (this, s_toAll),
        },
        KernelChannel.Shell or KernelChannel.Control => HearReply(said),
        KernelChannel.Stdin => HearPrompt(said),
        _ => (this, [new KernelEffect.BlameKernel($"a message on the {said.Channel.WireName()} channel")]),
    };

    /// <summary>What the hub needs for a reply in the kernel's stead.</summary>
    private KernelState WithMemory(MessageFacts said) =>
        Pending.TryGetValue(said.Parent.MessageId, out PendingRequest? pending) && pending.IsRestored
            ? this with
            {
                Pending = Pending.SetItem(said.Parent.MessageId, said.MessageType == MessageTypes.Error
                    ? pending with { Error = said.Message.Content }
                    : pending with { ExecutionCount = said.ExecutionCount }),
            }
            : this;

    private (KernelState, ImmutableArray<KernelEffect>) HearStatus(MessageFacts said)
    {
        string parent = said.Parent.MessageId;
        PendingRequest? pending = parent.Length == 0 ? null : Pending.GetValueOrDefault(parent);
        switch (said.Status)
        {
            case "starting":
                return (this with { StartingSeen = true }, s_toAll);
            case "busy" or "idle":
                break;
            default:
                // `dead` and `restarting` are the hub's to say: front ends give the kernel up when they read them.
                return (this, [new KernelEffect.BlameKernel("a status that is not starting, busy or idle")]);
        }

        bool busy = said.Status == "busy";
        KernelState next = IsHeardOut ? this : WithStir(parent, pending, busy);
        if (pending is not null)
            next = next.WithProgress(parent, pending, busy ? pending with { BusySeen = true } : pending with { BusySeen = true, IdleSeen = true });

        // The hub's own questions make the kernel busy for nobody.
        if (pending is { Tab: null } || (said.Parent.Session.Length > 0 && said.Parent.Session == HubSession))
            return (next, []);

        if (!busy)
        {
            next = next with { Busy = next.Busy.Remove(parent) };
            // Kernels answer on control (the debugger asks there all the time) and in subshells while a cell runs; front ends take any idle for the whole kernel.
            if (!next.Busy.IsEmpty)
                return (next, s_toAllStillBusy);
        }
        else if (parent.Length > 0 && Busy.Count < MaxBusy && RequestPolicy.IsTracked(said.Parent.MessageType))
        {
            next = next with { Busy = next.Busy.Add(parent) };
        }

        if (!busy || pending is not null || !IsAdopted || (IsHeardOut && !IsCatchingUp) || MissedRequest(said) is not { Tab: { } tab } missed || Pending.Count >= _options.MaxPendingPerKernel)
            return (next, s_toAll);
        next = next.WithRestored(missed);
        return next.Tabs.ContainsKey(tab)
            ? (next, s_toAll)
            : (next with { Tabs = next.Tabs.Add(tab, new TabEntry(0, false, 1)) }, s_toAll.Insert(0, new KernelEffect.ExpectTab(tab)));
    }

    /// <summary>What a status says of whether the kernel still works on what it was asked before this hub came.</summary>
    private KernelState WithStir(string parent, PendingRequest? pending, bool busy)
    {
        if (parent.Length > 0 && parent == Unheard)
            return busy ? this : this with { Unheard = null, UnheardTicks = 0, IsHeardOut = !IsStirred, IsStirred = false };
        return pending is { IsRestored: false } ? this : this with { IsStirred = true };
    }

    /// <summary>The request behind a status that neither this hub nor the journal knows: it was sent in the moment in which the former hub was killed.</summary>
    private PendingRequest? MissedRequest(MessageFacts said)
    {
        MessageHeader parent = said.Parent;
        bool isReadable = parent.MessageId.Length is > 0 and <= MessageFacts.MaxIdLength && parent.Session.Length is > 0 and <= MessageFacts.MaxIdLength;
        return !isReadable || !MessageTypes.IsKnown(parent.MessageType) ? null : new PendingRequest
        {
            Tab = TabOfSession(parent.Session) ?? new TabId(_owner, parent.Session),
            MessageId = parent.MessageId,
            Channel = RequestPolicy.ChannelOf(parent.MessageType),
            MessageType = parent.MessageType,
            Header = said.Message.ParentHeader,
            AllowStdin = true,
            ExpectsReply = RequestPolicy.ExpectsReply(parent.MessageType),
            BusySeen = true,
            IsRestored = true,
            IsInOrder = string.IsNullOrEmpty(parent.SubshellId),
        };
    }

    private (KernelState, ImmutableArray<KernelEffect>) HearReply(MessageFacts said)
    {
        string parent = said.Parent.MessageId;
        if (!Pending.TryGetValue(parent, out PendingRequest? pending))
            return HearLateReply(said);

        // `abort` is how the R kernel spells it.
        bool aborted = pending.MessageType == MessageTypes.ExecuteRequest && said.Status is "aborted" or "abort";
        KernelState next = said.MessageType.EndsWith("_reply", StringComparison.Ordinal)
            ? WithProgress(parent, pending, pending with { Replied = true, Aborted = pending.Aborted || aborted }) with { Prompts = Prompts.RemoveAll(prompt => prompt.RequestId == parent) }
            : this;
        next = next.WithSubshells(said, pending);

        if (pending.Tab is not { } tab)
        {
            bool drained = parent == Probe;
            return (next with { Busy = next.Busy.Remove(parent), Probe = drained ? null : Probe }, [new KernelEffect.HandToHub(said)]);
        }

        return (next, [new KernelEffect.SendToTab(tab, said)]);
    }

    /// <summary>A reply to a request this hub does not remember (asked before the hub was restarted) finds its tab by the session it was asked from.</summary>
    private (KernelState, ImmutableArray<KernelEffect>) HearLateReply(MessageFacts said)
    {
        string session = said.Parent.Session;
        if (MadeUp.Contains(said.Parent.MessageId))
            return (this with { MadeUp = MadeUp.Remove(said.Parent.MessageId) }, []);
        if (session.Length > 0)
        {
            if (session == HubSession)
                return (this, []);
            if (TabOfSession(session) is { } tab)
                return (this, [new KernelEffect.SendToTab(tab, said)]);
            if (IsAdopted && session.Length <= MessageFacts.MaxIdLength)
                return (this, [new KernelEffect.ExpectTab(new TabId(_owner, session)), new KernelEffect.SendToTab(new TabId(_owner, session), said)]);
        }

        return (this, [new KernelEffect.BlameKernel("a reply to a request nobody made")]);
    }

    private KernelState WithSubshells(MessageFacts said, PendingRequest request)
    {
        if (Subshells is null)
            return this;
        return said.MessageType switch
        {
            MessageTypes.CreateSubshellReply when said.Subshell is { Length: > 0 and <= MessageFacts.MaxIdLength } made && Subshells.Count < MaxBusy => this with { Subshells = Subshells.Add(made) },
            MessageTypes.DeleteSubshellReply when request.Subshell is { } gone && said.Status == "ok" => this with { Subshells = Subshells.Remove(gone) },
            _ => this,
        };
    }

    private (KernelState, ImmutableArray<KernelEffect>) HearPrompt(MessageFacts said)
    {
        if (said.MessageType != MessageTypes.InputRequest)
            return (this, [new KernelEffect.BlameKernel("a message on stdin that is no input_request")]);

        string request = said.Parent.MessageId;
        PendingRequest? pending = Pending.GetValueOrDefault(request);
        if (pending is { AllowStdin: false })
        {
            // The R kernel prompts although the request forbids it, and waits for ever (kernel-wire §12).
            int answered = pending.PromptsAnswered + 1;
            KernelState counted = this with { Pending = Pending.SetItem(request, pending with { PromptsAnswered = answered }) };
            return (counted, answered > MaxPromptsAnswered ? [new KernelEffect.Interrupt()] : [new KernelEffect.AnswerPrompt(said.Message.Header)]);
        }

        if (Prompts.Count >= MaxPrompts)
            return (this, [new KernelEffect.BlameKernel("more prompts than subshells"), new KernelEffect.AnswerPrompt(said.Message.Header)]);

        // Nobody here: the tab that asked finds the prompt when it returns.
        TabId asker = pending?.Tab ?? TabOfSession(said.Parent.Session) ?? new TabId(_owner, said.Parent.Session);
        TabId chosen = Tabs.GetValueOrDefault(asker) is { IsHere: true } ? asker : NewestOfOwner() ?? asker;
        return (this with { Prompts = Prompts.Add(new PendingInput(said, request, chosen)) }, [new KernelEffect.SendToTab(chosen, said)]);
    }

    private TabId? TabOfSession(string session)
    {
        foreach (TabId tab in Tabs.Keys)
        {
            if (tab.ClientId == session)
                return tab;
        }

        return null;
    }
}
