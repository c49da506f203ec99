using Hub.Journal;
using Wire.Jupyter;

namespace Hub.Kernels;

/// <summary>What of a kernel's journal one tab is shown.</summary>
/// <param name="Address">The tab's <see cref="TabId.Address"/>.</param>
/// <param name="IsOver">Whether a prompt (by its msg_id) has been answered or its request has ended: a tab that was away is not asked it any more.</param>
/// <param name="Notice">Makes what the person reads where messages are missing, from the first and last number and the message that follows, if there is one.</param>
internal sealed record TabView(string Address, Func<string, bool> IsOver, Func<long, long, KernelMessage?, KernelMessage> Notice)
{
    public bool Shows(JournalEntry entry) =>
        entry.Kind == JournalKind.Said
        && (entry.Recipient is null || entry.Recipient == Address)
        && !(entry.Message.Channel == KernelChannel.Stdin && IsOver(entry.Message.MessageId));

    /// <param name="from">Number of the first message that is missing.</param>
    /// <param name="to">Number of the last.</param>
    /// <param name="following">What the tab is given next: the notice joins its output.</param>
    public TabMessage NoticeOf(long from, long to, KernelMessage? following) => new(Notice(from, to, following), to);
}
