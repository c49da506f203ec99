namespace Hub.Kernels;

/// <summary>
/// Up to which number a connection had been given the journal a while ago. What is handed to the network may be lost with the connection; but when the
/// connection lived for a whole round of pings since, the tab answered one that was sent after it, and so has it.
/// </summary>
/// <param name="window">A round of pings: as long a connection may be dead before it is noticed.</param>
/// <param name="began">Where it began.</param>
internal sealed class HandedPlaces(TimeSpan window, long began)
{
    /// <summary>Places are noted no oftener than this part of the window.</summary>
    private const int Parts = 16;

    private readonly Lock _lock = new();
    private readonly Queue<(TimeSpan At, long Sequence)> _places = new();
    private (TimeSpan At, long Sequence)? _newest;
    private long _sure = began;

    /// <summary>At this moment everything up to this number had been handed to the network.</summary>
    public void Add(TimeSpan now, long sequence)
    {
        lock (_lock)
        {
            if (_newest is { } newest && now - newest.At < window / Parts)
                return;
            _newest = (now, sequence);
            _places.Enqueue((now, sequence));
            Forget(now);
        }
    }

    /// <summary>Everything up to this number has arrived.</summary>
    public long SureAt(TimeSpan now)
    {
        lock (_lock)
        {
            Forget(now);
            return _sure;
        }
    }

    private void Forget(TimeSpan now)
    {
        while (_places.TryPeek(out (TimeSpan At, long Sequence) oldest) && now - oldest.At > window)
            _sure = _places.Dequeue().Sequence;
    }
}
