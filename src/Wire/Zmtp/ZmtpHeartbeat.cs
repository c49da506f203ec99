namespace Wire.Zmtp;

/// <summary>The timer of one connection that has heartbeats; asks <see cref="HeartbeatPolicy"/> and does what it says.</summary>
internal sealed class ZmtpHeartbeat : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ZmtpConnection _connection;
    private readonly TimeProvider _time;
    private readonly byte[] _ping;
    private readonly ITimer _timer;
    private HeartbeatPolicy _policy;
    private long _heard;
    private long _pinged;
    private long? _firstUnanswered;
    private bool _disposed;

    public ZmtpHeartbeat(ZmtpConnection connection, ZmtpOptions options, TimeProvider time)
    {
        _connection = connection;
        _time = time;
        _ping = ZmtpCommand.Ping(options.HeartbeatTimeToLive);
        _policy = new HeartbeatPolicy(options.HeartbeatInterval, options.HeartbeatTimeout, TimeSpan.Zero);
        _heard = _pinged = time.GetTimestamp();
        _timer = time.CreateTimer(static self => ((ZmtpHeartbeat)self!).Act(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Start() => Act();

    /// <summary>Something was received.</summary>
    public void Heard()
    {
        lock (_gate)
        {
            _heard = _time.GetTimestamp();
            _firstUnanswered = null;
        }
    }

    public void PeerLives(TimeSpan timeToLive)
    {
        lock (_gate)
            _policy = _policy with { PeerTimeToLive = timeToLive };
        Act();
    }

    public void Dispose()
    {
        lock (_gate)
            _disposed = true;
        _timer.Dispose();
    }

    private void Act()
    {
        HeartbeatStep step;
        lock (_gate)
        {
            if (_disposed || _connection.End is not null)
                return;
            long now = _time.GetTimestamp();
            TimeSpan? unanswered = _firstUnanswered is { } first ? _time.GetElapsedTime(first, now) : null;
            step = _policy.Next(_time.GetElapsedTime(_heard, now), _time.GetElapsedTime(_pinged, now), unanswered);
            if (step.Ping)
            {
                _pinged = now;
                _firstUnanswered ??= now;
            }

            if (step.AskAgainIn is { } again)
                _timer.Change(again, Timeout.InfiniteTimeSpan);
        }

        if (step.Ping)
            _connection.Outbox.AddCommand(_ping, answer: true);
        if (step.Close)
            _connection.Close(ZmtpCloseReason.HeartbeatLost, null);
    }
}
