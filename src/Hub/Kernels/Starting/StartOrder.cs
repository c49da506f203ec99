namespace Hub.Kernels.Starting;

/// <summary>
/// Who starts and who waits, and in which order: everybody's first start in the order they came, then everybody's second, and so on, so that nobody waits
/// behind another person's five kernels. Whoever comes later joins in the round that is just going on (start-time fair queueing). Not for several
/// threads at once.
/// </summary>
/// <param name="atOnce">Most that are under way.</param>
internal sealed class StartOrder(int atOnce)
{
    private readonly HashSet<long> _underWay = [];
    private readonly SortedSet<(long Round, long Ticket)> _waiting = [];
    private readonly Dictionary<long, long> _rounds = [];
    private readonly Dictionary<string, long> _lastRounds = new(StringComparer.Ordinal);
    private long _last;
    private long _round;

    /// <summary>Starts under way.</summary>
    public int UnderWay => _underWay.Count;

    /// <summary>Starts that wait.</summary>
    public int Waiting => _waiting.Count;

    /// <summary>Somebody wants to start something; returns its ticket.</summary>
    public long Enter(string userName)
    {
        long round = _lastRounds.TryGetValue(userName, out long last) && last >= _round ? last + 1 : _round;
        _lastRounds[userName] = round;
        _rounds[++_last] = round;
        _waiting.Add((round, _last));
        return _last;
    }

    /// <summary>It was started, failed, or is no longer wanted; again does nothing.</summary>
    public void Leave(long ticket)
    {
        if (!_underWay.Remove(ticket) && _rounds.Remove(ticket, out long round))
            _waiting.Remove((round, ticket));
        if (_underWay.Count == 0 && _waiting.Count == 0)
            _lastRounds.Clear();
    }

    /// <summary>Takes the next one that may start; null when nobody waits or as many are under way as may.</summary>
    public long? Admit()
    {
        if (_underWay.Count >= atOnce || _waiting.Count == 0)
            return null;
        (long Round, long Ticket) next = _waiting.Min;
        _waiting.Remove(next);
        _rounds.Remove(next.Ticket);
        _underWay.Add(next.Ticket);
        _round = next.Round;
        return next.Ticket;
    }

    /// <summary>How many start before this one.</summary>
    public int AheadOf(long ticket) => _rounds.TryGetValue(ticket, out long round) ? _waiting.GetViewBetween((0, 0), (round, ticket)).Count - 1 : 0;
}
