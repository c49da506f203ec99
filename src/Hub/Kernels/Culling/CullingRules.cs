using Hub.KernelSpecs;

namespace Hub.Kernels.Culling;

/// <summary>What holds for one kernel.</summary>
/// <param name="IdleAfter">Null: it is never stopped for being idle.</param>
/// <param name="LongestRun">Null: it may run for ever.</param>
/// <param name="WarnBefore">For how long it must have been told before.</param>
public sealed record CullingRules(TimeSpan? IdleAfter, TimeSpan? LongestRun, TimeSpan WarnBefore)
{
    /// <summary>The narrowest that says something counts: the class, then the environment, then the hub. For the longest run the class has no say.</summary>
    /// <param name="spec">Null when the environment is gone.</param>
    /// <param name="ofClass">What the owner's class says; null when it says nothing.</param>
    public static CullingRules For(CullingOptions options, KernelSpec? spec, TimeSpan? ofClass)
    {
        (TimeSpan? idle, TimeSpan? longest) = (Limit(ofClass ?? spec?.IdleAfter ?? options.IdleAfter), Limit(spec?.LongestRun ?? options.LongestRun));
        // Where limits are short nobody is to be told all the time.
        TimeSpan warn = new[] { options.WarnBefore, idle / 2 ?? options.WarnBefore, longest / 2 ?? options.WarnBefore }.Min();
        return new CullingRules(idle, longest, warn);
    }

    private static TimeSpan? Limit(TimeSpan written) => written > TimeSpan.Zero ? written : null;
}
