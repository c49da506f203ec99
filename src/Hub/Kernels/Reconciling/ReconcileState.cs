using System.Collections.Immutable;
using Spawner;

namespace Hub.Kernels.Reconciling;

/// <summary>
/// Compares what the hub believes with what its spawner lists, and keeps what was odd. A kernel is begun, ended and listed at different moments, so what is
/// odd once may be a matter of milliseconds: only what is as odd in the next look is acted upon, and never what is just being changed.
/// </summary>
/// <param name="Odd">Kernel and handle of what was odd in the last look.</param>
internal sealed record ReconcileState(ImmutableHashSet<(string KernelId, string Handle)> Odd)
{
    public static ReconcileState Empty { get; } = new([]);

    /// <param name="before">What the hub believed before it asked for the list.</param>
    /// <param name="listed">What the spawner knows.</param>
    /// <param name="after">What the hub believed when it had the list.</param>
    public (ReconcileState State, IReadOnlyList<ReconcileEffect> Effects) Look(
        IReadOnlyDictionary<string, KernelEntry> before, IReadOnlyCollection<SpawnedKernel> listed, IReadOnlyDictionary<string, KernelEntry> after)
    {
        ImmutableHashSet<(string, string)>.Builder odd = ImmutableHashSet.CreateBuilder<(string, string)>();
        List<ReconcileEffect> effects = [];
        foreach (SpawnedKernel kernel in listed.Where(kernel => IsNobodys(kernel, before) && IsNobodys(kernel, after)))
            Note(kernel.KernelId, kernel.Handle, new ReconcileEffect.Remove(kernel));

        HashSet<(string, string)> there = [.. listed.Select(kernel => (kernel.KernelId, kernel.Handle))];
        foreach (KernelEntry entry in after.Values)
        {
            if (entry is { IsDead: false, IsChanging: false, Handle: { } handle } && before.TryGetValue(entry.KernelId, out KernelEntry? then) && then == entry && !there.Contains((entry.KernelId, handle)))
                Note(entry.KernelId, handle, new ReconcileEffect.TellGone(entry.KernelId, handle));
        }

        return (new ReconcileState(odd.ToImmutable()), effects);

        void Note(string kernelId, string handle, ReconcileEffect effect)
        {
            odd.Add((kernelId, handle));
            if (Odd.Contains((kernelId, handle)))
                effects.Add(effect);
        }
    }

    /// <summary>No kernel of the hub is this one; or it is one that died, and what is left of it was to be cleared away.</summary>
    private static bool IsNobodys(SpawnedKernel kernel, IReadOnlyDictionary<string, KernelEntry> entries) =>
        !entries.TryGetValue(kernel.KernelId, out KernelEntry? entry) || (!entry.IsChanging && (entry.IsDead || entry.Handle != kernel.Handle));
}
