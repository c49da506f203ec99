using System.Collections.Immutable;
using Hub.Journal;

namespace Hub.Kernels;

/// <summary>
/// The tabs of one kernel: each message is offered to every tab's own bounded queue, without ever waiting for
/// one. Of tabs that lost their connection only their place in the journal is remembered, of <c>Kernels:ReplayTabs</c> at most.
/// Everything but the connections is the loop's alone.
/// </summary>
internal sealed class KernelAudience(KernelJournal journal, KernelsOptions options, TimeProvider time, Func<TabId, TabView> viewOf)
{
    private readonly Dictionary<TabId, KernelConnection> _here = [];
    private readonly Dictionary<TabId, Place> _away = [];
    private readonly BacklogLimits _limits = BacklogLimits.Of(options);
    private ImmutableArray<KernelConnection> _connections = [];
    private long _leaves;
    private int _jsonTabs;

    /// <summary>Open connections, for everybody to read.</summary>
    public ImmutableArray<KernelConnection> Connections => _connections;

    /// <summary>Where each tab is that lost its connection, oldest first.</summary>
    public IEnumerable<(TabId Tab, long Cursor)> Away => _away.OrderBy(away => away.Value.Leave).Select(away => (away.Key, away.Value.Cursor));

    /// <summary>
    /// Seats the tab and says what it has: after the number it names; else where its last connection was; else from now on.
    /// </summary>
    /// <returns>Everything up to this number it has already.</returns>
    public long Join(KernelConnection connection)
    {
        long last = journal.LastSequence;
        long after = Math.Min(connection.Begins, last);
        long sure = long.MaxValue;
        if (_here.Remove(connection.Tab, out KernelConnection? before))
        {
            (after, sure) = (CursorOf(before), SureOf(before));
            before.Backlog.Close();
        }
        else if (_away.Remove(connection.Tab, out Place place))
        {
            (after, sure) = (place.Cursor, place.Sure);
        }

        // A number the journal has not reached yet is of another data directory: from now on, then.
        if (connection.After > 0)
            after = sure = Math.Min(connection.After, last);
        // Who numbers what it gets says what it has.
        long from = connection.IsNumbered ? after : Math.Min(sure, after);
        connection.RepeatsTo = from < after ? after : 0;
        connection.Handed = new HandedPlaces(connection.DeadAfter, from);
        connection.Backlog = new TabBacklog(journal, viewOf(connection.Tab) with { RepeatsTo = connection.RepeatsTo, ClientId = connection.Tab.ClientId }, from, _limits);
        _here[connection.Tab] = connection;
        _connections = _connections.Add(connection);
        CountJsonTabs();
        return after;
    }

    /// <summary>Remembers where a tab was that was here before this hub was.</summary>
    public void Expect(TabId tab, long cursor)
    {
        if (!_here.ContainsKey(tab))
            _away[tab] = new Place(cursor, cursor, ++_leaves);
    }

    /// <summary>The connection is over; its place is remembered. Returns the tabs whose place is not any more, because there are too many.</summary>
    public IReadOnlyList<TabId> Leave(KernelConnection connection)
    {
        _connections = _connections.Remove(connection);
        CountJsonTabs();
        connection.Backlog.Close();
        if (!_here.TryGetValue(connection.Tab, out KernelConnection? seated) || seated != connection)
            return [];
        _here.Remove(connection.Tab);
        _away[connection.Tab] = new Place(CursorOf(connection), SureOf(connection), ++_leaves);
        return TakeForgotten();
    }

    /// <summary>Offers an entry to every tab.</summary>
    public void SendToAll(JournalEntry entry)
    {
        if (_here.Count == 0)
            return;
        TabMessage shared = new(entry.Message, entry.Sequence, _jsonTabs > 1 ? new JsonFrames() : null, entry.IsCounted);
        foreach (KernelConnection connection in _here.Values)
            connection.Backlog.Offer(shared);
    }

    /// <summary>Offers an entry to one tab; when it is away it finds it in the journal.</summary>
    public void SendTo(TabId tab, JournalEntry entry)
    {
        if (_here.TryGetValue(tab, out KernelConnection? connection))
            connection.Backlog.Offer(new TabMessage(entry.Message, entry.Sequence));
    }

    /// <summary>The journal has written more; any thread.</summary>
    /// <param name="mayLend">The thread may be used to send: it is, when only one tab has to be sent anything.</param>
    public void Written(bool mayLend)
    {
        ImmutableArray<KernelConnection> connections = _connections;
        foreach (KernelConnection connection in connections)
            connection.Backlog.Written(mayLend && connections.Length == 1);
    }

    public void CloseAll(CloseReason reason, Func<KernelConnection, bool>? which = null)
    {
        foreach (KernelConnection connection in _connections)
        {
            if (which is null || which(connection))
                connection.Close(reason);
        }
    }

    private void CountJsonTabs() => _jsonTabs = _connections.Count(connection => connection.Framing == Framing.Json);

    /// <summary>What was repeated in vain is repeated again, and what came before it is not.</summary>
    private static long CursorOf(KernelConnection connection) => Math.Max(connection.Backlog.Cursor, connection.RepeatsTo);

    private long SureOf(KernelConnection connection) => connection.Handed.SureAt(time.GetElapsedTime(0));

    private List<TabId> TakeForgotten()
    {
        List<TabId> forgotten = [];
        while (_away.Count > options.ReplayTabs)
        {
            TabId oldest = _away.MinBy(away => away.Value.Leave).Key;
            _away.Remove(oldest);
            forgotten.Add(oldest);
        }

        return forgotten;
    }

    /// <param name="Cursor">Everything up to this number was handed to the tab.</param>
    /// <param name="Sure">Everything up to this number has arrived.</param>
    /// <param name="Leave">Rises from one that leaves to the next.</param>
    private readonly record struct Place(long Cursor, long Sure, long Leave);
}
