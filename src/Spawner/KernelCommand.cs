namespace Spawner;

/// <summary>argv of a kernelspec with its templates filled in (kernelspec documentation, "argv").</summary>
internal static class KernelCommand
{
    public static IReadOnlyList<string> Fill(SpawnRequest request, string connectionFile) =>
    [
        .. request.Command.Select(word => word
            .Replace("{connection_file}", connectionFile, StringComparison.Ordinal)
            .Replace("{connection_dir}", Path.GetDirectoryName(connectionFile), StringComparison.Ordinal)
            .Replace("{resource_dir}", request.ResourceDirectory ?? "", StringComparison.Ordinal)),
    ];
}
