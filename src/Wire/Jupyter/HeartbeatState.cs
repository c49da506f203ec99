namespace Wire.Jupyter;

/// <summary>What pings have told so far.</summary>
/// <param name="Vitality">The verdict.</param>
/// <param name="LastHeard">When the kernel last echoed, or when the watch began.</param>
internal sealed record HeartbeatState(KernelVitality Vitality, DateTimeOffset LastHeard)
{
    public static HeartbeatState Heard(DateTimeOffset now) => new(KernelVitality.Alive, now);

    public HeartbeatState Missed(DateTimeOffset now, TimeSpan lostAfter) =>
        this with { Vitality = now - LastHeard >= lostAfter ? KernelVitality.Lost : KernelVitality.Silent };
}
