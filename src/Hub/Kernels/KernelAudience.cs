using System.Collections.Immutable;
using Wire.Jupyter;

namespace Hub.Kernels;

/// <summary>
/// The tabs of one kernel: each message is encoded once per framing and offered to every tab's own bounded queue. A slow tab slows nobody:
/// the loop waits for it within <see cref="GracePolicy"/> at most, then the tab gets joined output (<see cref="TabBacklog"/>).
/// Tabs that lost their connection are kept for <c>Kernels:ReplayFor</c>. Everything but the counters is the loop's alone.
/// </summary>
internal sealed class KernelAudience(KernelsOptions options, HubMessages messages, TimeProvider time)
{
    private readonly Dictionary<TabId, Seat> _seats = [];
    private readonly BacklogLimits _here = BacklogLimits.OfTab(options);
    private readonly BacklogLimits _away = BacklogLimits.OfAbsentTab(options);
    private ImmutableArray<KernelConnection> _connections = [];

    /// <summary>Open connections, for everybody to read.</summary>
    public ImmutableArray<KernelConnection> Connections => _connections;

    /// <summary>Seats the tab: at its old place with what it missed, or at a new one.</summary>
    public void Join(KernelConnection connection)
    {
        TabBacklog backlog;
        if (_seats.TryGetValue(connection.Tab, out Seat? seat))
        {
            backlog = seat.Backlog;
            backlog.SetLimits(_here);
        }
        else
        {
            backlog = new TabBacklog(_here);
        }

        backlog.HandTo(connection.Number);
        connection.Backlog = backlog;
        _seats[connection.Tab] = new Seat(backlog, GracePolicy.Begin(options.TabGrace, time.GetUtcNow())) { Connection = connection };
        _connections = _connections.Add(connection);
    }

    /// <summary>Keeps what comes for a tab that was here before this hub was.</summary>
    public void Expect(TabId tab)
    {
        Seat seat = new(new TabBacklog(_away), GracePolicy.Begin(options.TabGrace, time.GetUtcNow())) { LeftAt = time.GetUtcNow() };
        seat.Backlog.BeginLagging();
        _seats.TryAdd(tab, seat);
    }

    /// <summary>The connection is over; what comes now is kept for the tab's return.</summary>
    public void Leave(KernelConnection connection)
    {
        _connections = _connections.Remove(connection);
        if (!_seats.TryGetValue(connection.Tab, out Seat? seat) || seat.Connection != connection)
            return;
        seat.Connection = null;
        seat.LeftAt = time.GetUtcNow();
        seat.Backlog.SetLimits(_away);
        seat.Backlog.BeginLagging();
    }

    /// <summary>Absent tabs that are not expected back any more: too long away, or too many, or together too big.</summary>
    public IReadOnlyList<TabId> TakeForgotten()
    {
        if (_seats.Count == _connections.Length)
            return [];
        DateTimeOffset now = time.GetUtcNow();
        List<TabId> forgotten = [];
        List<KeyValuePair<TabId, Seat>> away = [.. _seats.Where(seat => seat.Value.Connection is null).OrderByDescending(seat => seat.Value.LeftAt)];
        long bytes = 0;
        for (int i = 0; i < away.Count; i++)
        {
            (TabId tab, Seat seat) = away[i];
            if (i >= options.ReplayTabs || now - seat.LeftAt >= options.ReplayFor)
            {
                _seats.Remove(tab);
                forgotten.Add(tab);
                continue;
            }

            bytes += seat.Backlog.Bytes;
            if (bytes > options.ReplayBytes)
                seat.Backlog.Discard();
        }

        return forgotten;
    }

    /// <summary>Offers a message to every tab; waits for those that are full, all at once, as long as each may be waited for.</summary>
    /// <param name="mayWait">False when the kernel has said so much that waiting would make it drop output.</param>
    public async ValueTask SendToAllAsync(KernelMessage message, Func<bool> mayWait, CancellationToken cancellationToken)
    {
        TabMessage shared = new(message);
        List<Task>? waits = null;
        foreach (Seat seat in _seats.Values)
        {
            if (!seat.Backlog.Offer(shared))
                (waits ??= []).Add(InsistAsync(seat, shared, mayWait, cancellationToken));
        }

        if (waits is not null)
            await Task.WhenAll(waits);
    }

    /// <summary>Offers a message to one tab, here or away; to nobody when it is forgotten.</summary>
    public async ValueTask SendToAsync(TabId tab, KernelMessage message, Func<bool> mayWait, CancellationToken cancellationToken)
    {
        if (!_seats.TryGetValue(tab, out Seat? seat))
            return;
        TabMessage shared = new(message);
        if (!seat.Backlog.Offer(shared))
            await InsistAsync(seat, shared, mayWait, cancellationToken);
    }

    public void CloseAll(CloseReason reason, Func<KernelConnection, bool>? which = null)
    {
        foreach (KernelConnection connection in _connections)
        {
            if (which is null || which(connection))
                connection.Close(reason);
        }
    }

    /// <summary>What the person reads where messages were left out.</summary>
    public TabMessage NoticeOf(TabBacklog.Gap gap, string session) =>
        new(messages.Notice(session, gap.ParentHeader,
            $"{gap.Messages} message(s) were left out here because this tab could not take them in as fast as they came ({gap.Options}). The program was not disturbed."));

    /// <summary>Waits in slices, looking each time how the tab drains; then it is served in its own time.</summary>
    private async Task InsistAsync(Seat seat, TabMessage message, Func<bool> mayWait, CancellationToken cancellationToken)
    {
        DateTimeOffset from = time.GetUtcNow();
        while (seat.Connection is not null && mayWait() && seat.Grace.MayWait(from))
        {
            (long bytes, long messages) = seat.Backlog.Taken;
            await Task.WhenAny(seat.Backlog.WhenRoom(), Task.Delay(GracePolicy.Slice, time, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            (long bytesNow, long messagesNow) = seat.Backlog.Taken;
            DateTimeOffset now = time.GetUtcNow();
            seat.Grace = seat.Grace.Spend(from, now, bytesNow - bytes, messagesNow - messages);
            from = now;
            if (seat.Backlog.Offer(message))
                return;
        }

        seat.Backlog.BeginLagging();
        seat.Backlog.Offer(message);
    }

    /// <summary>One tab's place.</summary>
    private sealed class Seat(TabBacklog backlog, GracePolicy grace)
    {
        public GracePolicy Grace { get; set; } = grace;

        public TabBacklog Backlog { get; } = backlog;

        /// <summary>Null while the tab is away.</summary>
        public KernelConnection? Connection { get; set; }

        public DateTimeOffset LeftAt { get; set; }
    }
}
