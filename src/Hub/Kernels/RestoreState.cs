using System.Collections.Immutable;
using System.Text.Json;
using Hub.Journal;
using Wire.Jupyter;

namespace Hub.Kernels;

/// <summary>
/// What a kernel's journal tells of the time before this hub: the requests that are still open, the prompts nobody answered, and the tabs.
/// Fed entry by entry, oldest first.
/// </summary>
internal sealed class RestoreState
{
    /// <summary>Remark: a new process stands behind the kernel, so that whatever was asked of the one before is over.</summary>
    public const string KernelStarted = "kernel_started";

    /// <summary>Remark: a hub took the kernel over from one before it.</summary>
    public const string HubStarted = "hub_started";

    /// <summary>Remark: the hub ended in order, and this is where each tab was.</summary>
    public const string HubStopped = "hub_stopped";

    /// <summary>Remark: what the kernel said here may be missing.</summary>
    public const string OutputMissing = "output_missing";

    private readonly int _tabsKept;
    private readonly Dictionary<string, PendingRequest> _pending = [];
    private readonly Dictionary<TabId, long> _tabs = [];
    private ImmutableList<PendingInput> _prompts = [];
    private Dictionary<TabId, long>? _cursors;
    private long _last;

    /// <param name="tabsKept">As many tabs are remembered, those that asked last.</param>
    public RestoreState(int tabsKept) => _tabsKept = tabsKept;

    /// <summary>The open requests, marked as restored.</summary>
    public ImmutableArray<PendingRequest> Pending => [.. _pending.Values];

    public ImmutableList<PendingInput> Prompts => _prompts;

    /// <summary>
    /// The tabs and up to where each was given what the journal holds. Exact when the hub before ended in order; else whatever it wrote down
    /// it had handed out, too, but to a tab that was behind.
    /// </summary>
    public IEnumerable<(TabId Tab, long Cursor)> Tabs => _cursors is { } exact
        ? exact.Select(tab => (tab.Key, tab.Value))
        : _tabs.OrderByDescending(tab => tab.Value).Take(_tabsKept).Reverse().Select(tab => (tab.Key, _last));

    public void Apply(JournalEntry entry)
    {
        _last = entry.Sequence;
        switch (entry.Kind)
        {
            case JournalKind.Asked when entry.Asker is { } asker:
                Ask(entry, new TabId(asker.UserName, asker.ClientId));
                break;
            case JournalKind.Said when entry.Message.Channel == KernelChannel.IOPub:
                HearOutput(entry.Message);
                break;
            case JournalKind.Said when entry.Message.Channel == KernelChannel.Stdin && entry.Recipient is { } asked:
                HearPrompt(entry, TabId.Parse(asked));
                break;
            case JournalKind.Said:
                HearReply(entry.Message);
                break;
            case JournalKind.Note:
                Note(entry.Message);
                break;
        }
    }

    private void Ask(JournalEntry entry, TabId tab)
    {
        _tabs[tab] = entry.Sequence;
        KernelMessage asked = entry.Message;
        if (asked.Channel == KernelChannel.Stdin)
        {
            string answered = asked.ParentMessageId;
            PendingInput? prompt = _prompts.Find(p => p.Asked.ContainsKey(tab) && (answered.Length == 0 || answered == p.Prompt.Header.MessageId || answered == p.RequestId));
            _prompts = prompt is null ? _prompts : _prompts.Remove(prompt);
            return;
        }

        MessageFacts facts = MessageFacts.OfAsked(asked);
        _pending[asked.MessageId] = new PendingRequest
        {
            Tab = tab,
            MessageId = asked.MessageId,
            Channel = asked.Channel,
            MessageType = asked.MessageType,
            Header = asked.Header,
            AllowStdin = facts.AllowsStdin,
            Subshell = facts.Subshell,
            ExpectsReply = RequestPolicy.ExpectsReply(asked.MessageType),
            IsRestored = true,
            IsInOrder = string.IsNullOrEmpty(asked.HeaderFields.SubshellId),
        };
    }

    private void HearOutput(KernelMessage said)
    {
        if (said.MessageType is not (MessageTypes.Status or MessageTypes.ExecuteInput or MessageTypes.Error)
            || !_pending.TryGetValue(said.ParentMessageId, out PendingRequest? pending))
            return;
        MessageFacts facts = MessageFacts.OfKernel(said);
        Progress(said.MessageType switch
        {
            MessageTypes.Error => pending with { Error = said.Content },
            MessageTypes.ExecuteInput => pending with { BusySeen = true, ExecutionCount = facts.ExecutionCount },
            _ => facts.Status == "idle" ? pending with { BusySeen = true, IdleSeen = true } : pending with { BusySeen = true },
        });
    }

    private void HearReply(KernelMessage said)
    {
        if (!_pending.TryGetValue(said.ParentMessageId, out PendingRequest? pending) || !said.MessageType.EndsWith("_reply", StringComparison.Ordinal))
            return;
        Progress(pending with { Replied = true });
        _prompts = _prompts.RemoveAll(prompt => prompt.RequestId == pending.MessageId);
    }

    private void HearPrompt(JournalEntry entry, TabId tab)
    {
        // Asked again of the same tab or of another one, it is still the same prompt.
        PendingInput? before = _prompts.Find(p => p.Prompt.Header.MessageId == entry.Message.MessageId);
        _prompts = before is not null
            ? _prompts.Replace(before, before with { Asked = before.Asked.SetItem(tab, entry.Sequence) })
            : _prompts.Add(new PendingInput(MessageFacts.OfKernel(entry.Message), entry.Message.ParentMessageId, ImmutableDictionary<TabId, long>.Empty.Add(tab, entry.Sequence)));
    }

    private void Progress(PendingRequest after)
    {
        if (!after.IsFinished)
        {
            _pending[after.MessageId] = after;
            return;
        }

        _pending.Remove(after.MessageId);
        _prompts = _prompts.RemoveAll(prompt => prompt.RequestId == after.MessageId);
    }

    /// <summary>Is it this remark?</summary>
    public static bool IsNote(KernelMessage message, string what) => NoteOf(message) is { } note && note.GetProperty("note").GetString() == what;

    private void Note(KernelMessage message)
    {
        if (NoteOf(message) is not { } note)
            return;
        switch (note.GetProperty("note").GetString())
        {
            case KernelStarted:
                _pending.Clear();
                _prompts = [];
                break;
            case HubStarted:
                _cursors = null;
                break;
            case HubStopped:
                _cursors = note.GetProperty("more").EnumerateArray().ToDictionary(
                    tab => new TabId(tab.GetProperty("user").GetString()!, tab.GetProperty("client").GetString()!), tab => tab.GetProperty("seq").GetInt64());
                break;
        }
    }

    private static JsonElement? NoteOf(KernelMessage message) =>
        message.MessageType == HubMessages.NoteType ? JsonSerializer.Deserialize<JsonElement>(message.Content.Span) : null;
}
