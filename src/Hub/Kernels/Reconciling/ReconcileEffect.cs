using Spawner;

namespace Hub.Kernels.Reconciling;

/// <summary>What must be done so that the hub and its spawner agree.</summary>
internal abstract record ReconcileEffect
{
    /// <summary>It runs, or lies there ended, and is nobody's.</summary>
    public sealed record Remove(SpawnedKernel Kernel) : ReconcileEffect;

    /// <summary>People believe that it runs, and it is gone.</summary>
    public sealed record TellGone(string KernelId, string Handle) : ReconcileEffect;
}
