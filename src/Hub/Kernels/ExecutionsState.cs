using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Hub.Journal;
using Wire.Jupyter;

namespace Hub.Kernels;

/// <summary>
/// What runs, what waits and what ran last, followed entry by entry from the journal, so that a page knows at once "busy since 12:03, cell 4 of
/// 7, started by this person". The same fold makes it live and after a restart of the hub.
/// </summary>
internal sealed record ExecutionsState
{
    private readonly int _kept;

    /// <param name="kept">Executions that are remembered; open ones are, however many (their number is bounded by that of requests).</param>
    public ExecutionsState(int kept) => _kept = kept;

    /// <summary>By the number of the request, oldest first.</summary>
    public ImmutableSortedDictionary<long, Execution> All { get; private init; } = ImmutableSortedDictionary<long, Execution>.Empty;

    /// <summary>Since when something runs; null when nothing does.</summary>
    public DateTimeOffset? BusySince { get; private init; }

    /// <summary>Whether the last cell that was run to its end failed; a new process has failed at nothing yet.</summary>
    public bool HasFailed { get; private init; }

    /// <summary>Number of the first request since the queue was empty.</summary>
    private long BatchFrom { get; init; }

    private ImmutableDictionary<string, long> Open { get; init; } = ImmutableDictionary<string, long>.Empty;

    /// <summary>Of those since the queue was last empty: which one runs (1 is the first), and how many there are; zeros when nothing is open.</summary>
    public (int Cell, int Of) Progress
    {
        get
        {
            if (Open.IsEmpty)
                return (0, 0);
            List<Execution> batch = [.. All.Values.Where(execution => execution.FirstSequence >= BatchFrom)];
            int running = batch.FindIndex(execution => execution.Phase == ExecutionPhase.Running);
            return ((running < 0 ? batch.FindIndex(execution => execution.IsOpen) : running) + 1, batch.Count);
        }
    }

    /// <summary>Those that run or wait, oldest first.</summary>
    public IEnumerable<Execution> Queue => Open.Values.Order().Select(sequence => All[sequence]);

    /// <summary>Whether an entry changes anything here: most output does not.</summary>
    public static bool Concerns(JournalEntry entry) => entry.Kind switch
    {
        JournalKind.Asked => entry.Message.MessageType == MessageTypes.ExecuteRequest,
        JournalKind.Said when entry.Message.Channel == KernelChannel.IOPub => entry.Message.MessageType is MessageTypes.Status or MessageTypes.ExecuteInput or MessageTypes.Error,
        JournalKind.Said => entry.Message.MessageType == MessageTypes.ExecuteReply,
        _ => true,
    };

    public ExecutionsState Apply(JournalEntry entry)
    {
        if (!Concerns(entry))
            return this;
        return entry.Kind switch
        {
            JournalKind.Asked => Ask(entry),
            JournalKind.Said => Open.TryGetValue(entry.Message.ParentMessageId, out long sequence) ? Hear(entry, All[sequence]) : this,
            _ => Note(entry),
        };
    }

    private ExecutionsState Ask(JournalEntry entry)
    {
        if (entry.Asker is not { } asker || Open.ContainsKey(entry.Message.MessageId))
            return this;
        Execution execution = new()
        {
            Id = entry.Message.MessageId,
            UserName = asker.UserName,
            ClientId = asker.ClientId,
            CellId = asker.CellId,
            CodeHash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(MessageFacts.OfAsked(entry.Message).Code ?? ""))),
            Asked = entry.Time,
            FirstSequence = entry.Sequence,
        };
        ImmutableSortedDictionary<long, Execution> all = All.Add(entry.Sequence, execution);
        while (all.Count > _kept && all.First() is { Value.IsOpen: false } oldest)
            all = all.Remove(oldest.Key);
        return this with { All = all, Open = Open.Add(execution.Id, entry.Sequence), BatchFrom = Open.IsEmpty ? entry.Sequence : BatchFrom };
    }

    private ExecutionsState Hear(JournalEntry entry, Execution execution)
    {
        MessageFacts said = MessageFacts.OfKernel(entry.Message);
        return (said.MessageType, said.Status) switch
        {
            (MessageTypes.Status, "busy") => Begin(execution, entry.Time),
            (MessageTypes.ExecuteInput, _) => Begin(execution, entry.Time).With(execution.FirstSequence, running => running with { Count = said.ExecutionCount ?? running.Count }),
            (MessageTypes.Error, _) => With(execution.FirstSequence, failed => failed with { HasFailed = true }),
            // Without a reply the kernel has nothing more to say about it all the same.
            (MessageTypes.Status, "idle") => End(execution, execution.HasFailed ? ExecutionPhase.Error : ExecutionPhase.Done, entry.Time),
            (MessageTypes.ExecuteReply, "aborted" or "abort") => End(execution, ExecutionPhase.Aborted, entry.Time),
            (MessageTypes.ExecuteReply, "error") => With(execution.FirstSequence, failed => failed with { HasFailed = true }),
            _ => this,
        };
    }

    /// <summary>A new process stands behind the kernel: nothing that was asked before will be answered.</summary>
    private ExecutionsState Note(JournalEntry entry)
    {
        if (!RestoreState.IsNote(entry.Message, RestoreState.KernelStarted))
            return this;
        ExecutionsState next = this with { HasFailed = false };
        foreach (Execution open in Queue)
            next = next.End(open, ExecutionPhase.Aborted, entry.Time);
        return next;
    }

    private ExecutionsState Begin(Execution execution, DateTimeOffset now)
    {
        if (execution.Started is not null)
            return this;
        ExecutionsState next = With(execution.FirstSequence, queued => queued with { Phase = ExecutionPhase.Running, Started = now });
        return next with { BusySince = BusySince ?? now };
    }

    private ExecutionsState End(Execution execution, ExecutionPhase phase, DateTimeOffset now)
    {
        ExecutionsState next = With(execution.FirstSequence, open => open with { Phase = phase, Ended = now }) with
        {
            Open = Open.Remove(execution.Id),
            HasFailed = phase == ExecutionPhase.Aborted ? HasFailed : phase == ExecutionPhase.Error,
        };
        return next.Queue.Any(open => open.Phase == ExecutionPhase.Running) ? next : next with { BusySince = null };
    }

    private ExecutionsState With(long sequence, Func<Execution, Execution> change) =>
        All.TryGetValue(sequence, out Execution? execution) ? this with { All = All.SetItem(sequence, change(execution)) } : this;
}
