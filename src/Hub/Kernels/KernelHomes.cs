using Hub.Contents.Quotas;

namespace Hub.Kernels;

/// <summary>Kernels write into homes without asking the hub; also those that are just being started.</summary>
internal sealed class KernelHomes(KernelRegistry kernels) : IHomesInUse
{
    public IReadOnlySet<string> Users() =>
        kernels.ListAll().Where(kernel => kernel.Phase != KernelPhase.Dead).Select(kernel => kernel.Owner.UserName).ToHashSet(StringComparer.Ordinal);
}
