namespace Spawner;

/// <summary>The labels by which a restarted hub finds its kernels.</summary>
public static class SpawnLabels
{
    /// <summary>Id of the hub that owns the kernel: hubs that share a daemon leave each other's kernels alone.</summary>
    public const string Hub = "notebook-hub.hub";
    public const string KernelId = "notebook-hub.kernel";
    public const string User = "notebook-hub.user";
    public const string KernelSpec = "notebook-hub.kernelspec";

    /// <summary>What it is, where it is no kernel: <c>terminal</c>.</summary>
    public const string Purpose = "notebook-hub.purpose";

    internal const string Terminal = "terminal";

    /// <summary>Bytes of memory the kernel is held to; absent where its spawner holds it to none, whatever was asked for.</summary>
    public const string Memory = "notebook-hub.memory";

    /// <summary>Prefix of the free labels of <see cref="SpawnRequest.Labels"/>.</summary>
    public const string FreePrefix = "notebook-hub.label.";

    /// <summary>What the labels say it is.</summary>
    internal static SpawnPurpose PurposeOf(IReadOnlyDictionary<string, string> labels) =>
        labels.GetValueOrDefault(Purpose) == Terminal ? SpawnPurpose.Terminal : SpawnPurpose.Kernel;

    /// <summary>The labels a started kernel is given back with.</summary>
    internal static IReadOnlyDictionary<string, string> For(SpawnSite site, SpawnRequest request)
    {
        Dictionary<string, string> labels = new(request.Labels)
        {
            [Hub] = site.HubId,
            [KernelId] = request.KernelId,
            [User] = request.UserName,
            [KernelSpec] = request.KernelSpecName,
        };
        if (request.Purpose == SpawnPurpose.Terminal) labels[Purpose] = Terminal;
        return labels;
    }
}
