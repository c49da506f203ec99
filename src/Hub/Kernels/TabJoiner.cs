using Hub.Journal;
using Wire.Jupyter;

namespace Hub.Kernels;

/// <summary>
/// Turns entries of the journal, which the reader holds, into messages of a tab that is behind: successive stream text of one request becomes one
/// message. The messages are held in place of the entries.
/// </summary>
internal sealed class TabJoiner(List<TabMessage> into, int most)
{
    private StreamMerger? _merger;
    private JournalEntry? _first;
    private long _last;

    /// <summary>Adds the next entry; false when no further message has room.</summary>
    public bool TryAdd(JournalEntry entry)
    {
        if (_first is not null && TabMessage.IsStreamMessage(entry.Message))
        {
            _merger ??= StreamMerger.Begin(_first.Message);
            if (_merger?.TryAdd(entry.Message) == true)
            {
                _last = entry.Sequence;
                entry.Release();
                return true;
            }
        }

        Flush();
        if (into.Count >= most)
            return false;
        if (TabMessage.IsStreamMessage(entry.Message))
            (_first, _last) = (entry, entry.Sequence);
        else
            into.Add(Alone(entry));
        return true;
    }

    /// <summary>Adds what is being joined.</summary>
    public void Flush()
    {
        if (_first is { } first)
            into.Add(_merger is { } merger ? Joined(merger, first) : Alone(first));
        (_first, _merger) = (null, null);
    }

    private TabMessage Joined(StreamMerger merger, JournalEntry first)
    {
        KernelMessage joined = merger.ToMessage();
        first.Release();
        return new TabMessage(joined, _last, IsCounted: joined.IsPooled);
    }

    // The reader holds what it read: the tab releases it in its place.
    private static TabMessage Alone(JournalEntry entry) => new(entry.Message, entry.Sequence, IsCounted: entry.IsCounted);
}
