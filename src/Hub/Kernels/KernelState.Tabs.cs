using System.Collections.Immutable;
using Wire.Jupyter;

namespace Hub.Kernels;

/// <summary>The tabs' side of the rules: coming, going, asking.</summary>
internal sealed partial record KernelState
{
    private (KernelState, ImmutableArray<KernelEffect>) Join(KernelEvent.TabJoined joined)
    {
        (TabId tab, long connection) = (joined.Tab, joined.Connection);
        ImmutableArray<KernelEffect>.Builder effects = ImmutableArray.CreateBuilder<KernelEffect>();
        TabEntry? before = Tabs.GetValueOrDefault(tab);
        if (before is { IsHere: true } && before.Connection != connection)
            effects.Add(new KernelEffect.CloseReplaced(tab, before.Connection));

        KernelState next = this with { Tabs = Tabs.SetItem(tab, new TabEntry(connection, true, before?.OpenRequests ?? Pending.Values.Count(pending => pending.Tab == tab))) };
        if (Phase == KernelPhase.Dead)
            effects.Add(new KernelEffect.SayStateTo(tab, "dead"));
        else if (!joined.IsSure && !Busy.IsEmpty)
            effects.Add(new KernelEffect.SayStateTo(tab, "busy"));
        return next.OfferPrompts(tab, joined.Cursor, joined.IsSure, effects);
    }

    /// <summary>
    /// Asks <paramref name="newcomer"/> what it was asked before, unless it has that or will be given it anyway, and, when it is the owner's,
    /// what only tabs were asked that are away.
    /// </summary>
    private (KernelState, ImmutableArray<KernelEffect>) OfferPrompts(TabId newcomer, long cursor, bool isSure, ImmutableArray<KernelEffect>.Builder effects)
    {
        KernelState next = this;
        foreach (PendingInput prompt in Prompts)
        {
            if (prompt.Asked.TryGetValue(newcomer, out long sequence) ? isSure || sequence > cursor : newcomer.UserName != _owner || IsAnybodyHere(prompt))
                continue;
            next = next with { Prompts = next.Prompts.Replace(prompt, prompt with { Asked = prompt.Asked.SetItem(newcomer, 0) }) };
            effects.Add(new KernelEffect.SendToTab(newcomer, prompt.Prompt));
        }

        return (next, effects.ToImmutable());
    }

    private bool IsAnybodyHere(PendingInput prompt) => prompt.Asked.Keys.Any(asked => Tabs.GetValueOrDefault(asked) is { IsHere: true });

    private (KernelState, ImmutableArray<KernelEffect>) Leave(TabId tab, long connection)
    {
        // The end of a connection that was replaced by a newer one of the same tab says nothing about the tab.
        if (!Tabs.TryGetValue(tab, out TabEntry? entry) || entry.Connection != connection || !entry.IsHere)
            return (this, []);

        KernelState next = this with { Tabs = Tabs.SetItem(tab, entry with { IsHere = false }) };
        ImmutableArray<KernelEffect>.Builder effects = ImmutableArray.CreateBuilder<KernelEffect>();
        if (NewestOfOwner(except: tab) is not { } other)
            return (next, []);
        return next.OfferPrompts(other, 0, isSure: true, effects);
    }

    private (KernelState, ImmutableArray<KernelEffect>) Forget(TabId tab) =>
        Tabs.TryGetValue(tab, out TabEntry? entry) && !entry.IsHere ? (this with { Tabs = Tabs.Remove(tab) }, []) : (this, []);

    private (KernelState, ImmutableArray<KernelEffect>) Ask(TabId tab, MessageFacts asked, CommAnswer? known, bool readsOnly)
    {
        if (!Tabs.TryGetValue(tab, out TabEntry? entry) || !entry.IsHere)
            return (this, []);
        if (readsOnly && asked.Channel == KernelChannel.Stdin)
            return (this, [new KernelEffect.Tell(tab, asked.Message.Header, "an answer was left out: " + RequestPolicy.LookOnly)]);
        if (asked.Channel == KernelChannel.Stdin)
            return ReplyToPrompt(tab, asked);

        (KernelChannel channel, MessageHeader header) = (asked.Channel, asked.Header);
        if (channel is not (KernelChannel.Shell or KernelChannel.Control))
            return (this, [new KernelEffect.Tell(tab, asked.Message.Header, $"a message on the {channel.WireName()} channel was left out: tabs send on shell, control and stdin")]);

        if (Pending.TryGetValue(header.MessageId, out PendingRequest? open) && open.Tab == tab)
        {
            // An error reply would be taken for the answer to the first request of that id.
            return (this, [new KernelEffect.Tell(tab, asked.Message.Header, $"a second {asked.MessageType} with the same msg_id was left out while the first is open")]);
        }

        if (WhyNot(entry, asked, open, readsOnly) is { } refusal)
            return (this, [new KernelEffect.Refuse(tab, channel, asked.MessageType, asked.Message.Header, refusal.Name, refusal.Reason)]);

        // A second answer, hours later, would put a page back to what was then; so the kernel is not asked. In a subshell it answers itself, at once.
        if (known is not null && IsOccupied && string.IsNullOrEmpty(header.SubshellId))
            return (this, [new KernelEffect.AnswerComm(tab, asked.Message.Header, known)]);

        KernelState next = WithPending(tab, asked);
        if (Phase == KernelPhase.Running)
            return (next, [new KernelEffect.SendToKernel(asked)]);
        return (next with { Held = Held.Enqueue(asked), HeldBytes = HeldBytes + asked.Size }, []);
    }

    private (string Name, string Reason)? WhyNot(TabEntry entry, MessageFacts asked, PendingRequest? open, bool readsOnly)
    {
        MessageHeader header = asked.Header;
        if (Phase == KernelPhase.Dead)
            return ("KernelDead", "The kernel is not running. Restart it and run the cell again.");
        if (_policy.WhyNot(asked.Channel, asked.MessageType) is { } reason)
            return ("MessageNotAllowed", reason);
        if (readsOnly && !RequestPolicy.MayLookOn(asked.Channel, asked.MessageType))
            return ("ViewersOnlyLook", $"{asked.MessageType} was refused: {RequestPolicy.LookOnly}");
        if (open is not null)
            return ("DuplicateMessageId", "Another tab has an open request with the same msg_id.");
        if (header.SubshellId is { Length: > 0 } subshell && Subshells is not null && !Subshells.Contains(subshell))
            return ("SubshellNotFound", "The kernel has no such subshell: it ended, or the kernel was restarted.");
        if (entry.OpenRequests >= _options.MaxPendingPerTab)
            return ("TooManyRequests", $"This tab has {entry.OpenRequests} open requests, as many as {KernelsOptions.Section}:{nameof(KernelsOptions.MaxPendingPerTab)} allows.");
        if (Pending.Count >= _options.MaxPendingPerKernel)
            return ("TooManyRequests", $"The kernel has {Pending.Count} open requests, as many as {KernelsOptions.Section}:{nameof(KernelsOptions.MaxPendingPerKernel)} allows.");
        if (Phase != KernelPhase.Running && HeldBytes + asked.Size > _options.MaxUnsentBytes)
            return ("TooManyBytes", $"The kernel is still starting, and what waits for it would exceed {KernelsOptions.Section}:{nameof(KernelsOptions.MaxUnsentBytes)} ({_options.MaxUnsentBytes}).");
        return null;
    }

    private (KernelState, ImmutableArray<KernelEffect>) ReplyToPrompt(TabId tab, MessageFacts asked)
    {
        if (asked.MessageType != MessageTypes.InputReply)
            return (this, [new KernelEffect.Tell(tab, asked.Message.Header, $"a {asked.MessageType} on the stdin channel was left out: only input_reply belongs there")]);

        // Clients without a parent header in their replies answer the oldest prompt they were given.
        string answered = asked.Parent.MessageId;
        PendingInput? prompt = Prompts.Find(p => p.Asked.ContainsKey(tab) && (answered.Length == 0 || answered == p.Prompt.Header.MessageId || answered == p.RequestId));
        if (prompt is null)
            return (this, [new KernelEffect.Tell(tab, asked.Message.Header, "an answer was left out: the kernel asked this tab nothing, or it has been answered")]);
        return (this with { Prompts = Prompts.Remove(prompt) }, [new KernelEffect.SendToKernel(asked)]);
    }

    /// <summary>The owner's newest tab that is here, leaving out <paramref name="except"/>.</summary>
    private TabId? NewestOfOwner(TabId? except = null)
    {
        TabId? newest = null;
        long highest = long.MinValue;
        foreach ((TabId tab, TabEntry entry) in Tabs)
        {
            if (entry.IsHere && entry.Connection > highest && tab.UserName == _owner && tab != except)
                (newest, highest) = (tab, entry.Connection);
        }

        return newest;
    }
}
