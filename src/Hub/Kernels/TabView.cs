using Hub.Journal;
using Wire.Jupyter;

namespace Hub.Kernels;

/// <summary>What of a kernel's journal one tab is shown.</summary>
/// <param name="Address">The tab's <see cref="TabId.Address"/>.</param>
/// <param name="IsOver">Whether a prompt (by its msg_id) has been answered or its request has ended: a tab that was away is not asked it any more.</param>
/// <param name="Notice">Makes what the person reads where messages are missing, from the first and last number and the message that follows, if there is one.</param>
internal sealed record TabView(string Address, Func<string, bool> IsOver, Func<long, long, KernelMessage?, KernelMessage> Notice)
{
    /// <summary>
    /// Up to this number everything was handed to an earlier connection, with which some of it may have been lost: of that only the ends of requests are
    /// given again. Front ends pass over an end they know, and wait for ever for one they do not; output would stand there twice.
    /// </summary>
    public long RepeatsTo { get; init; }

    /// <summary><c>header.session</c> of the tab's requests.</summary>
    public string ClientId { get; init; } = "";

    public bool Shows(JournalEntry entry) =>
        entry.Kind == JournalKind.Said
        && (entry.Sequence > RepeatsTo || IsEnd(entry))
        && (entry.Recipient is null || entry.Recipient == Address)
        && !(entry.Message.Channel == KernelChannel.Stdin && IsOver(entry.Message.MessageId));

    private bool IsEnd(JournalEntry entry) => entry.Message.Channel switch
    {
        KernelChannel.Shell or KernelChannel.Control => true,
        KernelChannel.IOPub => entry.Message.MessageType == MessageTypes.Status && entry.Message.ParentSession == ClientId,
        _ => false,
    };

    /// <param name="from">Number of the first message that is missing.</param>
    /// <param name="to">Number of the last.</param>
    /// <param name="following">What the tab is given next: the notice joins its output and keeps nothing of it.</param>
    public TabMessage NoticeOf(long from, long to, KernelMessage? following) => new(Notice(from, to, following), to);
}
