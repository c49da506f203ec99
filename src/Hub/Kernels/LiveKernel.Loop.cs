using System.Collections.Immutable;
using Hub.Journal;
using Wire.Jupyter;

namespace Hub.Kernels;

/// <summary>The loop of a kernel: takes what happened, asks the rules, carries out what follows, and passes all of it by the journal.</summary>
public sealed partial class LiveKernel
{
    private async Task RunAsync()
    {
        try
        {
            while (!_ended.IsCancellationRequested)
            {
                int handled = 0;
                while (_mailbox.TryTake(out KernelMailbox.Letter letter))
                {
                    Handle(letter);
                    LookAround();
                    // The thread may be lent by a channel of the kernel, which has to be read.
                    if (++handled % LettersPerLoan == 0)
                        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
                }

                _journal.Push();
                if (_state.NeedsTick || _place.IsOpen)
                    RingLater();
                await _mailbox.WhenWoken();
                LookAround();
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
            CloseConnections(CloseReason.Broken);
        }
        finally
        {
            _ring?.Dispose();
            _mailbox.Close();
            while (_mailbox.TryTake(out KernelMailbox.Letter letter))
                letter.Handled?.TrySetCanceled(CancellationToken.None);
            _audience.CloseAll(CloseReason.KernelGone);
        }
    }

    private void LookAround()
    {
        _place.Look(_journal.WrittenSequence);
        if (_state.NeedsTick && _time.GetElapsedTime(_lastTick) >= s_tick)
            Tick();
    }

    /// <summary>Wakes the loop in a while, whether something arrives until then or not. One timer for all waits: a flood has thousands a second.</summary>
    private void RingLater()
    {
        if (_isRinging)
            return;
        _isRinging = true;
        _ring ??= _time.CreateTimer(
            _ =>
            {
                _isRinging = false;
                _mailbox.WakeElsewhere();
            },
            null,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
        _ring.Change(s_tick, Timeout.InfiniteTimeSpan);
    }

    private void Tick()
    {
        _lastTick = _time.GetTimestamp();
        Handle(new KernelMailbox.Letter(new KernelEvent.Tick()));
    }

    private void Handle(KernelMailbox.Letter letter)
    {
        if (letter.Look is { } look)
        {
            look.TrySetResult(new KernelSnapshot(_executions, _journal.LastSequence));
            return;
        }

        if (letter.Output is { } output)
        {
            if (_state.PassesOutputOn)
            {
                PassOn(output);
                return;
            }

            letter = new KernelMailbox.Letter(new KernelEvent.KernelSaid(MessageFacts.OfKernel(output)));
        }

        KernelEvent happened = Prepare(letter);
        (KernelState next, ImmutableArray<KernelEffect> effects) = _state.Apply(happened);
        if (!ReferenceEquals(next, _state))
            _state = next;
        foreach (KernelEffect effect in effects)
            CarryOut(effect, happened, letter.Connection);
        Settle(happened);
        letter.Handled?.TrySetResult();
    }

    /// <summary>What the loop itself has to do with what happened, before the rules are asked.</summary>
    private KernelEvent Prepare(KernelMailbox.Letter letter)
    {
        switch (letter.Happened)
        {
            case KernelEvent.TabJoined joined when letter.Connection is { } arriving:
                long cursor = _audience.Join(arriving);
                if (_closed is { } reason)
                    arriving.Close(reason);
                return joined with { Cursor = cursor, IsSure = arriving.After > 0 };
            case KernelEvent.TabLeft when letter.Connection is { } leaving:
                foreach (TabId forgotten in _audience.Leave(leaving))
                    Handle(new KernelMailbox.Letter(new KernelEvent.TabForgotten(forgotten)));
                break;
            case KernelEvent.TabAsked asked:
                Interlocked.Exchange(ref _lastActivity, _time.GetUtcNow().UtcTicks);
                if (asked.Asked.MessageType is MessageTypes.CommInfoRequest or MessageTypes.CommMessage && _state.IsOccupied)
                    return asked with { Known = _comms.Answer(asked.Asked.Message) };
                break;
            case KernelEvent.Died or KernelEvent.Restarting:
                _comms.Clear();
                break;
            case KernelEvent.Launched { Adopted: false }:
                Note(RestoreState.KernelStarted);
                break;
            case KernelEvent.Launched:
                _adoptedAt = _journal.LastSequence;
                break;
            case KernelEvent.OutputMissing missing:
                Note(RestoreState.OutputMissing);
                LogMissing(_logger, Id, Owner.UserName, missing.Why);
                break;
            case KernelEvent.Restored:
                foreach ((TabId tab, long place) in letter.Places)
                    _audience.Expect(tab, place);
                Note(RestoreState.HubStarted);
                break;
        }

        return letter.Happened!;
    }

    private void Note(string what) => Record(_journal.Append(JournalKind.Note, _messages.Note(what), push: true));

    private void Record(JournalEntry entry)
    {
        if (ExecutionsState.Concerns(entry))
            _executions = _executions.Apply(entry);
        bool leftOut = _comms.LeavesOut;
        _comms.Apply(entry);
        if (!leftOut && _comms.LeavesOut)
            LogCommsLeftOut(_logger, Id, Owner.UserName);
    }

    private void Settle(KernelEvent happened)
    {
        if (happened is KernelEvent.Restarting && _settled.Task.IsCompleted)
            Volatile.Write(ref _settled, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        if (happened is KernelEvent.Answered or KernelEvent.Died)
            _settled.TrySetResult();
    }

    private void CarryOut(KernelEffect effect, KernelEvent happened, KernelConnection? connection)
    {
        switch (effect)
        {
            case KernelEffect.SendToAll when happened is KernelEvent.KernelSaid said:
                JournalEntry heard = SendToAll(said.Said.Message.WithSession(_state.Session));
                _place.Heard(heard.Sequence, said.Said.Message.MessageIdJson);
                break;
            case KernelEffect.SendToTab one:
                SendToTab(one);
                break;
            case KernelEffect.SendToKernel send:
                SendToKernel(send.Asked);
                break;
            case KernelEffect.HandToHub answer:
                if (_asked.TryGetValue(answer.Said.Parent.MessageId, out TaskCompletionSource<MessageFacts>? waiting))
                    waiting.TrySetResult(answer.Said);
                break;
            case KernelEffect.ExpectTab expected:
                _audience.Expect(expected.Tab, _adoptedAt);
                break;
            case KernelEffect.CloseReplaced replaced:
                _audience.CloseAll(CloseReason.Replaced, open => open.Tab == replaced.Tab && open.Number == replaced.Connection);
                break;
            case KernelEffect.Refuse refused:
                Send(refused.Tab, _messages.Refusal(_state.Session, refused));
                break;
            case KernelEffect.Abort aborted:
                Send(aborted.Tab, _messages.Abortion(_state.Session, aborted));
                break;
            case KernelEffect.Complete completed:
                Send(completed.Tab, _messages.Completion(_state.Session, completed.Request));
                break;
            case KernelEffect.AnswerComm known:
                Send(known.Tab, _messages.OfComms(_state.Session, known));
                break;
            case KernelEffect.SayIdle idle:
                Send(idle.Tab, _messages.Status(_state.Session, "idle", idle.ParentHeader));
                break;
            case KernelEffect.SayState say:
                SendToAll(_messages.Status(_state.Session, say.State));
                break;
            case KernelEffect.SayStateTo late:
                Send(late.Tab, _messages.Status(_state.Session, late.State));
                break;
            case KernelEffect.Tell tell:
                Send(tell.Tab, _messages.Notice(_state.Session, tell.ParentHeader, tell.Text));
                break;
            case KernelEffect.AnswerPrompt answer:
                _wiring?.TrySend(_messages.EmptyAnswer(_wiring.Client.Session, answer.PromptHeader));
                break;
            case KernelEffect.Interrupt:
                Life.InterruptSoon();
                break;
            case KernelEffect.Probe when _wiring is { } wiring:
                Handle(new KernelMailbox.Letter(new KernelEvent.HubAsked(MessageFacts.OfHub(ProbeOf(wiring)), IsProbe: true)));
                break;
            case KernelEffect.Probe:
                break;
            case KernelEffect.BlameKernel blame:
                Blame(blame.Offence);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(effect));
        }
    }

    /// <summary>
    /// The short way of output that changes nothing. What it lies in is used again when the journal has written it and the tabs were sent it, so
    /// nobody else may keep a part of it.
    /// </summary>
    private void PassOn(KernelMessage output)
    {
        KernelMessage message = output.WithSession(_state.Session);
        // A lone short message has bytes of its own: not worth counting.
        bool isCounted = message.IsPooled;
        JournalEntry entry = _journal.Append(JournalKind.Said, message, isCounted: isCounted);
        _audience.SendToAll(entry);
        _place.Heard(entry.Sequence, message.MessageIdJson);
        if (!isCounted)
            return;
        message.Release();
        if (!ReferenceEquals(message, output))
            output.Release();
    }

    private JournalEntry SendToAll(KernelMessage message)
    {
        JournalEntry entry = _journal.Append(JournalKind.Said, message);
        Record(entry);
        _audience.SendToAll(entry);
        return entry;
    }

    private void SendToTab(KernelEffect.SendToTab one)
    {
        JournalEntry entry = Send(one.Tab, one.Said.Message.WithSession(_state.Session));
        if (one.Said.Channel == KernelChannel.Stdin)
            Handle(new KernelMailbox.Letter(new KernelEvent.PromptSent(one.Said.Header.MessageId, one.Tab, entry.Sequence)));
    }

    private JournalEntry Send(TabId tab, KernelMessage message)
    {
        JournalEntry entry = _journal.Append(JournalKind.Said, message, tab.Address);
        Record(entry);
        _audience.SendTo(tab, entry);
        return entry;
    }

    private void Send(TabId tab, IEnumerable<KernelMessage> messages)
    {
        foreach (KernelMessage message in messages)
            Send(tab, message);
    }

    private void SendToKernel(MessageFacts asked)
    {
        if (_wiring?.TrySend(asked.Message) != true)
        {
            Handle(new KernelMailbox.Letter(new KernelEvent.KernelNotReading(asked)));
            return;
        }

        // Sent first, so that a request in the journal is one the kernel was sent; the kernel's answer passes this loop after it.
        if (asked.Asker is not { } tab)
            return;
        // What people type into a prompt may be a password.
        KernelMessage kept = asked.Channel == KernelChannel.Stdin ? asked.Message.WithoutContent() : asked.Message;
        Record(_journal.Append(JournalKind.Asked, kept, asker: new JournalAsker(tab.UserName, tab.ClientId, asked.CellId)));
    }
}
