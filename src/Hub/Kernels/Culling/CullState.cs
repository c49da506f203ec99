namespace Hub.Kernels.Culling;

/// <summary>
/// When a kernel is stopped, and what its pages were told of it. A kernel at work is stopped only by <see cref="CullingRules.LongestRun"/>, and none
/// whose pages were not told for <see cref="CullingRules.WarnBefore"/>: not after a long sleep of the machine, not after a restart of the hub, and not
/// because a limit was lowered or a clock was set.
/// </summary>
public sealed record CullState
{
    private static readonly TimeSpan s_same = TimeSpan.FromSeconds(1);

    /// <summary>Nothing was told.</summary>
    public static CullState Quiet { get; } = new();

    /// <summary>Why it will be stopped, as its pages know; null when they were told nothing.</summary>
    public CullCause? Told { get; private init; }

    /// <summary>When they were told, on the clock that only goes on.</summary>
    private TimeSpan ToldAt { get; init; }

    /// <summary>When it ends, on the same clock.</summary>
    private TimeSpan EndsAt { get; init; }

    /// <summary>What follows from a look: the next state, and what is to be done, in order.</summary>
    public (CullState State, IReadOnlyList<CullEffect> Effects) Look(KernelUse seen, CullingRules rules)
    {
        if (Due(seen, rules) is not { } due || due.In > rules.WarnBefore)
            return Told is { } before ? (Quiet, [new CullEffect.Withdraw(before)]) : (this, []);
        // Told late, it ends late.
        TimeSpan told = Told == due.Cause ? ToldAt : seen.Elapsed;
        TimeSpan ends = Max(seen.Elapsed + due.In, told + rules.WarnBefore);
        if (Told == due.Cause && seen.Elapsed >= ends)
            return (Quiet, [new CullEffect.End(due.Cause)]);
        CullState next = new() { Told = due.Cause, ToldAt = told, EndsAt = ends };
        bool isSame = Told == due.Cause && (ends - EndsAt).Duration() <= s_same;
        return isSame ? (this, []) : (next, [new CullEffect.Warn(due.Cause, seen.Now + (ends - seen.Elapsed))]);
    }

    private static (CullCause Cause, TimeSpan In)? Due(KernelUse seen, CullingRules rules)
    {
        TimeSpan? idle = rules.IdleAfter is { } idleAfter && !seen.IsBusy ? Max(idleAfter - seen.Unused, seen.KeptFor) : null;
        TimeSpan? run = rules.LongestRun is { } longest ? longest - seen.Ran : null;
        return (idle, run) switch
        {
            ({ } one, { } other) => one <= other ? (CullCause.Idle, one) : (CullCause.LongestRun, other),
            ({ } one, null) => (CullCause.Idle, one),
            (null, { } other) => (CullCause.LongestRun, other),
            _ => null,
        };
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
