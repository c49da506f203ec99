namespace Hub.Kernels;

/// <summary>
/// How long the loop of a kernel may wait for tabs that are behind. Under a flood every tab is, and one that drains quickly deserves the
/// short wait it needs; one that does not may cost the others <c>Kernels:TabGrace</c> once, and a twentieth of the time after that.
/// </summary>
internal sealed record GracePolicy(TimeSpan Most, TimeSpan Left, DateTimeOffset At)
{
    /// <summary>A wait as short as this is no slowness, and free.</summary>
    public static readonly TimeSpan Free = TimeSpan.FromMilliseconds(20);

    private const double Refill = 0.05;

    public static GracePolicy Begin(TimeSpan most, DateTimeOffset now) => new(most, most, now);

    /// <summary>The longest the loop may wait now.</summary>
    public TimeSpan Allowed(DateTimeOffset now) => Refilled(now).Left + Free;

    /// <summary>The loop waited from <paramref name="from"/> to <paramref name="to"/>.</summary>
    public GracePolicy Spend(DateTimeOffset from, DateTimeOffset to)
    {
        GracePolicy before = Refilled(from);
        TimeSpan spent = to - from - Free;
        TimeSpan left = before.Left - (spent > TimeSpan.Zero ? spent : TimeSpan.Zero);
        return before with { Left = left > TimeSpan.Zero ? left : TimeSpan.Zero, At = to };
    }

    private GracePolicy Refilled(DateTimeOffset now)
    {
        TimeSpan left = Left + (now > At ? (now - At) * Refill : TimeSpan.Zero);
        return this with { Left = left < Most ? left : Most, At = now };
    }
}
