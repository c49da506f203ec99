namespace Hub.Auth;

/// <summary>
/// How often something may be tried: <paramref name="Limit"/> attempts at once, and then as many as leak away, all of them within
/// <paramref name="Window"/>. Decides, keeps nothing.
/// </summary>
public sealed record ThrottlePolicy(int Limit, TimeSpan Window)
{
    /// <summary>The attempts counted at a moment; <c>default</c> is none.</summary>
    public readonly record struct Level(double Attempts, DateTimeOffset At);

    private double PerSecond => Limit / Window.TotalSeconds;

    /// <summary>The level at <paramref name="now"/>, after what leaked away since.</summary>
    public Level At(Level level, DateTimeOffset now) =>
        new(Math.Max(0, level.Attempts - (Math.Max(0, (now - level.At).TotalSeconds) * PerSecond)), now);

    /// <summary>How long to wait until one more attempt is allowed; null when it is allowed now.</summary>
    public TimeSpan? Wait(Level level, DateTimeOffset now)
    {
        double over = At(level, now).Attempts + 1 - Limit;
        return over <= 1e-9 ? null : TimeSpan.FromSeconds(over / PerSecond);
    }

    public Level Count(Level level, DateTimeOffset now) => At(level, now) with { Attempts = At(level, now).Attempts + 1 };

    public Level Forgive(Level level, DateTimeOffset now) => At(level, now) with { Attempts = Math.Max(0, At(level, now).Attempts - 1) };
}
