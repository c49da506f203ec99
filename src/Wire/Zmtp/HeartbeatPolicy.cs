namespace Wire.Zmtp;

/// <summary>When to send PING and when to believe that the peer is gone (RFC 37, "Connection Heartbeating").</summary>
/// <param name="Interval">Between two PINGs; zero sends none.</param>
/// <param name="Timeout">Silence after a PING that means loss.</param>
/// <param name="PeerTimeToLive">Silence after which the peer itself wants to be closed, as it told in its PING; zero is never.</param>
internal readonly record struct HeartbeatPolicy(TimeSpan Interval, TimeSpan Timeout, TimeSpan PeerTimeToLive)
{
    public bool Watches => Interval > TimeSpan.Zero || PeerTimeToLive > TimeSpan.Zero;

    /// <param name="silent">Time since anything was received.</param>
    /// <param name="sincePing">Time since the last PING was sent, or since the connection began.</param>
    /// <param name="unanswered">Time since the first PING after which nothing was received; null when none is open.</param>
    public HeartbeatStep Next(TimeSpan silent, TimeSpan sincePing, TimeSpan? unanswered)
    {
        if (unanswered >= Timeout || (PeerTimeToLive > TimeSpan.Zero && silent >= PeerTimeToLive))
            return new HeartbeatStep(Ping: false, Close: true, null);
        bool ping = Interval > TimeSpan.Zero && sincePing >= Interval;
        TimeSpan? again = null;
        if (Interval > TimeSpan.Zero)
            again = ping ? Interval : Interval - sincePing;
        if (ping || unanswered is not null)
            again = Earlier(again, Timeout - (unanswered ?? TimeSpan.Zero));
        if (PeerTimeToLive > TimeSpan.Zero)
            again = Earlier(again, PeerTimeToLive - silent);
        return new HeartbeatStep(ping, Close: false, again);
    }

    private static TimeSpan Earlier(TimeSpan? one, TimeSpan other) => one is { } first && first < other ? first : other;
}
