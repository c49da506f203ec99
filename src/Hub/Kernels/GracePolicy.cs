namespace Hub.Kernels;

/// <summary>
/// How long the loop of a kernel may wait for one tab that is full. Under a flood every tab is behind, and one that drains well is waited for
/// at no cost; one that does not may hold the others back for <c>Kernels:TabGrace</c> once, and a twentieth of the time after that.
/// </summary>
/// <param name="Most">What it may cost at once.</param>
/// <param name="Left">What it may cost now.</param>
/// <param name="At">When <paramref name="Left"/> was reckoned.</param>
internal sealed record GracePolicy(TimeSpan Most, TimeSpan Left, DateTimeOffset At)
{
    /// <summary>The longest wait between two looks at how the tab drains.</summary>
    public static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(25);

    // What a browser on a wired network takes in on a busy machine; a class Wi-Fi gives less.
    private const double GoodBytesPerSecond = 8_000_000;
    private const double GoodMessagesPerSecond = 5_000;
    private const double Refill = 0.05;

    public static GracePolicy Begin(TimeSpan most, DateTimeOffset now) => new(most, most, now);

    /// <summary>May the loop wait for one more <see cref="Slice"/>?</summary>
    public bool MayWait(DateTimeOffset now) => Refilled(now).Left > TimeSpan.Zero;

    /// <summary>The loop waited, and the tab took in so much meanwhile.</summary>
    public GracePolicy Spend(DateTimeOffset from, DateTimeOffset to, long bytes, long messages)
    {
        GracePolicy before = Refilled(from);
        double seconds = (to - from).TotalSeconds;
        bool drainsWell = bytes >= GoodBytesPerSecond * seconds || messages >= GoodMessagesPerSecond * seconds;
        TimeSpan left = drainsWell ? before.Left : before.Left - (to - from);
        return before with { Left = left > TimeSpan.Zero ? left : TimeSpan.Zero, At = to };
    }

    private GracePolicy Refilled(DateTimeOffset now)
    {
        TimeSpan left = Left + (now > At ? (now - At) * Refill : TimeSpan.Zero);
        return this with { Left = left < Most ? left : Most, At = now };
    }
}
