namespace Hub.Contents.Quotas;

/// <summary>How much of its limit a home uses.</summary>
/// <param name="UsedBytes">Bytes of the disk, as allocated.</param>
/// <param name="LimitBytes">Bytes; more than 0.</param>
public readonly record struct HomeUsage(long UsedBytes, long LimitBytes)
{
    /// <summary>A home that goes back and forth around a threshold is not told of each time.</summary>
    private const int Hysteresis = 3;

    private static readonly (UsageLevel Level, int Percent)[] s_levels = [(UsageLevel.Full, 100), (UsageLevel.Nearly, 95), (UsageLevel.High, 80)];

    /// <summary>Whole percent; above 100 where the limit was lowered, or a kernel wrote past it.</summary>
    public int Percent => (int)Math.Min(UsedBytes / (LimitBytes / 100.0), 999);

    /// <summary>It holds more than so many percent of its limit; never so for 0.</summary>
    public bool IsBeyond(int percent) => percent > 0 && UsedBytes > LimitBytes / 100.0 * percent;

    /// <summary>The level it has after it had <paramref name="before"/>: up at the threshold, down a little below it.</summary>
    public UsageLevel LevelAfter(UsageLevel before)
    {
        int percent = Percent;
        foreach ((UsageLevel level, int from) in s_levels)
        {
            if (percent >= (before >= level ? from - Hysteresis : from))
                return level;
        }
        return UsageLevel.Fine;
    }

    /// <summary>As on the API and in events: <c>fine</c>, <c>high</c>, <c>nearly</c> or <c>full</c>.</summary>
    public static string NameOf(UsageLevel level) => level switch
    {
        UsageLevel.High => "high",
        UsageLevel.Nearly => "nearly",
        UsageLevel.Full => "full",
        _ => "fine",
    };
}
