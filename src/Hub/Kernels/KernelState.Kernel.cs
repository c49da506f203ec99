using System.Collections.Immutable;
using Wire.Jupyter;

namespace Hub.Kernels;

/// <summary>The kernel's side of the rules: output, replies, prompts, states.</summary>
internal sealed partial record KernelState
{
    private (KernelState, ImmutableArray<KernelEffect>) Hear(MessageFacts said)
    {
        if (Phase == KernelPhase.Dead)
            return (this, []);
        KernelState next = SessionChosen ? this : this with { Session = Chosen(said.Header.Session), SessionChosen = true };
        return ExpectsReturns ? next.HearForReturning(said) : next.HearOn(said);
    }

    /// <summary>The kernel works for a tab of a former run of the hub: what it says is kept until that tab is back.</summary>
    private (KernelState, ImmutableArray<KernelEffect>) HearForReturning(MessageFacts said)
    {
        string session = said.Parent.Session;
        if (session.Length is 0 or > MessageFacts.MaxIdLength || session == HubSession || Tabs.Count >= _options.ReplayTabs || TabOfSession(session) is not null)
            return HearOn(said);
        TabId expected = new(_owner, session);
        (KernelState next, ImmutableArray<KernelEffect> effects) = (this with { Tabs = Tabs.Add(expected, new TabEntry(0, false, 0)) }).HearOn(said);
        return (next, effects.Insert(0, new KernelEffect.ExpectTab(expected)));
    }

    private (KernelState, ImmutableArray<KernelEffect>) HearOn(MessageFacts said) => said.Channel switch
    {
        KernelChannel.IOPub when said.MessageType == MessageTypes.Status => HearStatus(said),
        // A hint that a subscription arrived: no affair of tabs, and only the first subscriber gets it (kernel-wire §8).
        KernelChannel.IOPub when said.MessageType == MessageTypes.IOPubWelcome => (this, []),
        KernelChannel.IOPub => (this, [new KernelEffect.SendToAll(said)]),
        KernelChannel.Shell or KernelChannel.Control => HearReply(said),
        KernelChannel.Stdin => HearPrompt(said),
        _ => (this, [new KernelEffect.BlameKernel($"a message on the {said.Channel.WireName()} channel")]),
    };

    private (KernelState, ImmutableArray<KernelEffect>) HearStatus(MessageFacts said)
    {
        string parent = said.Parent.MessageId;
        PendingRequest? pending = parent.Length == 0 ? null : Pending.GetValueOrDefault(parent);
        switch (said.Status)
        {
            case "starting":
                return (this with { StartingSeen = true }, [new KernelEffect.SendToAll(said)]);
            case "busy" or "idle":
                break;
            default:
                // `dead` and `restarting` are the hub's to say: front ends give the kernel up when they read them.
                return (this, [new KernelEffect.BlameKernel("a status that is not starting, busy or idle")]);
        }

        bool busy = said.Status == "busy";
        KernelState next = this;
        if (pending is not null)
            next = next.WithProgress(parent, pending, busy ? pending with { BusySeen = true } : pending with { BusySeen = true, IdleSeen = true });

        // The hub's own questions make the kernel busy for nobody.
        if (pending is { Tab: null } || (said.Parent.Session.Length > 0 && said.Parent.Session == HubSession))
            return (next, []);

        if (!busy)
            next = next with { Busy = next.Busy.Remove(parent) };
        else if (parent.Length > 0 && Busy.Count < MaxBusy && RequestPolicy.IsTracked(said.Parent.MessageType))
            next = next with { Busy = next.Busy.Add(parent) };
        return (next, [new KernelEffect.SendToAll(said)]);
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
            return (next with { Busy = next.Busy.Remove(parent) }, [new KernelEffect.HandToHub(said)]);
        return (next, Tabs.ContainsKey(tab) ? [new KernelEffect.SendToTab(tab, said)] : []);
    }

    /// <summary>A reply to a request this hub does not remember (asked before the hub was restarted) finds its tab by the session it was asked from.</summary>
    private (KernelState, ImmutableArray<KernelEffect>) HearLateReply(MessageFacts said)
    {
        string session = said.Parent.Session;
        if (session.Length > 0)
        {
            if (session == HubSession)
                return (this, []);
            foreach (TabId tab in Tabs.Keys)
            {
                if (tab.ClientId == session)
                    return (this, [new KernelEffect.SendToTab(tab, said)]);
            }
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

        TabId? asker = pending?.Tab ?? TabOfSession(said.Parent.Session);
        TabId? chosen = asker is { } tab && Tabs.GetValueOrDefault(tab) is { IsHere: true } ? tab : NewestOfOwner();
        // Nobody here: the tab that asked finds the prompt when it returns.
        if (chosen is null && asker is { } away && Tabs.ContainsKey(away))
            chosen = away;
        KernelState next = this with { Prompts = Prompts.Add(new PendingInput(said, request, chosen)) };
        return (next, chosen is { } hears ? [new KernelEffect.SendToTab(hears, said)] : []);
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
