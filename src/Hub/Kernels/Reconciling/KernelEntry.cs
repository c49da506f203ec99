namespace Hub.Kernels.Reconciling;

/// <summary>What the hub itself believes of one kernel in one moment.</summary>
/// <param name="Handle">The spawner's name of its process or container; null when it has none.</param>
/// <param name="IsChanging">It is being started, restarted, taken over or stopped: what the spawner lists of it now says nothing.</param>
/// <param name="IsDead">It ended, and people know.</param>
internal sealed record KernelEntry(string KernelId, string? Handle, bool IsChanging, bool IsDead);
