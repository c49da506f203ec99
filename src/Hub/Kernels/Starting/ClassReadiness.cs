using Hub.Classes;
using Hub.KernelSpecs;

namespace Hub.Kernels.Starting;

/// <summary>The kernels that classes want to be ready which open soon, or have just opened.</summary>
internal sealed class ClassReadiness(ClassRules classes, KernelRegistry kernels, KernelSpecCatalog specs, TimeProvider time) : IKernelDemand
{
    /// <summary>The database is not asked more often.</summary>
    private static readonly TimeSpan s_ask = TimeSpan.FromSeconds(5);

    private IReadOnlyList<ReadyWish> _wishes = [];
    private long? _askedAt;

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<string, int>> FindAsync(CancellationToken cancellationToken)
    {
        if (_askedAt is not { } asked || time.GetElapsedTime(asked) >= s_ask)
        {
            _wishes = await classes.FindReadyAsync(cancellationToken) ?? _wishes;
            _askedAt = time.GetTimestamp();
        }

        if (_wishes.Count == 0)
            return new Dictionary<string, int>();
        HashSet<string> served = [.. kernels.ListAll().Where(kernel => kernel.Phase != KernelPhase.Dead).Select(kernel => kernel.Owner.UserName)];
        return Sum(_wishes, served, wish => specs.Find(wish.Length > 0 ? wish : specs.DefaultName)?.Name);
    }

    /// <summary>As many as are wanted, less the students who have a kernel already: each that is handed over is one that is not made again.</summary>
    /// <param name="served">Names of those who have a kernel.</param>
    /// <param name="nameOf">The kernelspec of an environment's name; null when the hub has it no longer.</param>
    internal static IReadOnlyDictionary<string, int> Sum(IReadOnlyList<ReadyWish> wishes, IReadOnlySet<string> served, Func<string, string?> nameOf)
    {
        Dictionary<string, int> sum = [];
        foreach (ReadyWish wish in wishes)
        {
            int missing = wish.Count - wish.Students.Count(served.Contains);
            if (missing > 0 && nameOf(wish.Environment) is { } name)
                sum[name] = sum.GetValueOrDefault(name) + missing;
        }

        return sum;
    }
}
