using Spawner;

namespace Hub.Kernels.Culling;

/// <summary>
/// What is remembered of a kernel between two looks. All spans are counted on a clock that only goes on: whoever sets the time of day stops
/// nobody's kernel. What was before this hub counts for the age of the process, not for its being idle.
/// </summary>
/// <param name="Handle">Which process.</param>
/// <param name="State">What its pages were told.</param>
/// <param name="LastActivity">As the kernel said it at the last look.</param>
/// <param name="ActiveAt">When that was seen to change.</param>
/// <param name="BeganAt">When the process began; negative when that was before the hub.</param>
internal sealed record WatchedKernel(string Handle, CullState State, DateTimeOffset LastActivity, TimeSpan ActiveAt, TimeSpan BeganAt)
{
    /// <param name="before">As it was at the last look; null at the first.</param>
    /// <param name="elapsed">Now, on the clock that only goes on.</param>
    public static WatchedKernel See(WatchedKernel? before, LiveKernel kernel, SpawnedKernel spawned, TimeSpan elapsed, TimeProvider time)
    {
        DateTimeOffset active = kernel.LastActivity;
        if (before is null || before.Handle != spawned.Handle)
        {
            TimeSpan ran = time.GetUtcNow() - spawned.StartedAt;
            return new WatchedKernel(spawned.Handle, CullState.Quiet, active, elapsed, elapsed - (ran > TimeSpan.Zero ? ran : TimeSpan.Zero));
        }

        return before.LastActivity == active ? before : before with { LastActivity = active, ActiveAt = elapsed };
    }

    public KernelUse UseOf(LiveKernel kernel, TimeSpan elapsed, TimeSpan keepFor, TimeProvider time) =>
        new(time.GetUtcNow(), elapsed, kernel.IsAtWork, elapsed - ActiveAt, elapsed - BeganAt, kernel.KeptAt is { } kept ? keepFor - time.GetElapsedTime(kept) : TimeSpan.Zero);
}
