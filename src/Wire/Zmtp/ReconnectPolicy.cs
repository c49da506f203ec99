namespace Wire.Zmtp;

/// <summary>How long to wait before the next attempt to connect: doubling from <paramref name="First"/> to <paramref name="Longest"/>, plus up to <paramref name="Jitter"/> of it.</summary>
/// <param name="First">Wait after the first failure. Short, because a starting kernel is polled with it.</param>
/// <param name="Longest">The wait never grows beyond this (before jitter).</param>
/// <param name="Jitter">0 to 1: the share of the wait that chance may add, so that a thousand sockets do not return at once.</param>
public sealed record ReconnectPolicy(TimeSpan First, TimeSpan Longest, double Jitter)
{
    public static ReconnectPolicy Default { get; } = new(TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(1), 0.25);

    /// <param name="failures">Attempts that failed in a row, counted from 1.</param>
    /// <param name="chance">A random number of at least 0 and below 1.</param>
    public TimeSpan Delay(int failures, double chance)
    {
        // 2^30 × 1 ms is twelve days: beyond that only overflow would be gained.
        double wait = First.TotalMilliseconds * (1L << Math.Clamp(failures - 1, 0, 30));
        return TimeSpan.FromMilliseconds(Math.Min(wait, Longest.TotalMilliseconds) * (1 + (Jitter * chance)));
    }
}
