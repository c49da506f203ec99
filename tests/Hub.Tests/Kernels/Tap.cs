using Hub.Journal;
using Hub.Kernels;
using Hub.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Wire.Jupyter;

namespace Hub.Tests.Kernels;

/// <summary>A kernel's loop as its tabs see it: a journal and the connections that are offered what goes into it.</summary>
internal sealed class Tap
{
    private static readonly BacklogLimits s_small = new(4, 100_000);

    private readonly List<(TabId Tab, TabBacklog Backlog)> _open = [];

    public KernelJournal Journal { get; } = OpenInMemory();

    /// <summary>Prompts that have been answered.</summary>
    public HashSet<string> Over { get; } = [];

    /// <summary>A journal without files.</summary>
    public static KernelJournal OpenInMemory() =>
        new JournalStore(Options.Create(new JournalOptions { OnDisk = false }), new DataLayout("/nowhere"), TimeProvider.System, NullLogger<JournalStore>.Instance).Open("k");

    /// <param name="after">-1 is from the beginning, null from now on.</param>
    public TabBacklog Open(TabId tab, long? after = null)
    {
        TabView view = new(tab.Address, Over.Contains, (from, to, _) => Said.Output("gap", $"missing {from}-{to}").Message);
        TabBacklog backlog = new(Journal, view, after is { } known ? Math.Max(0, known) : Journal.LastSequence, s_small);
        _open.Add((tab, backlog));
        return backlog;
    }

    public void Close(TabBacklog backlog)
    {
        backlog.Close();
        _open.RemoveAll(open => open.Backlog == backlog);
    }

    public Tap Say(string text, string parent = "m1", TabId? to = null)
    {
        Append(Said.Output(parent, text).Message, to);
        return this;
    }

    public void Append(KernelMessage message, TabId? to)
    {
        JournalEntry entry = Journal.Append(JournalKind.Said, message, to?.Address, push: true);
        TabMessage shared = new(entry.Message, entry.Sequence);
        foreach ((TabId tab, TabBacklog backlog) in _open)
        {
            if (to is null || to == tab)
                backlog.Offer(shared);
        }
    }
}
