using Spawner;

namespace Hub.Classes;

/// <summary>What a student of a class may use; null leaves what the hub and the environment allow. Kernels, memory and processors are never more than those.</summary>
/// <param name="MaxKernels">Kernels of one student that run at once.</param>
/// <param name="MemoryBytes">Of one kernel.</param>
/// <param name="Cpus">Of one kernel, as a fraction (0.5 is half a core).</param>
/// <param name="IdleAfter">After this time without use a kernel is stopped: shorter or longer than elsewhere, at most <c>Classes:MaxIdleSeconds</c>.</param>
public sealed record ClassLimits(int? MaxKernels = null, long? MemoryBytes = null, double? Cpus = null, TimeSpan? IdleAfter = null)
{
    /// <summary>The environment's limits, lowered by these.</summary>
    public ResourceLimits Lower(ResourceLimits limits) => limits with
    {
        MemoryBytes = Least(limits.MemoryBytes, MemoryBytes),
        Cpus = Least(limits.Cpus, Cpus),
    };

    private static T? Least<T>(T? one, T? other)
        where T : struct, IComparable<T> =>
        one is { } known && (other is not { } less || known.CompareTo(less) <= 0) ? one : other;
}
