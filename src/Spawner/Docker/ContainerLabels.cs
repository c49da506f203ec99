using System.Globalization;

namespace Spawner.Docker;

/// <summary>
/// Everything a restarted hub must know of a kernel, as labels of its container. The key is not among them: monitoring tools copy
/// labels into their own stores; it is read back from the connection file.
/// </summary>
internal static class ContainerLabels
{
    private const string Started = "notebook-hub.started";
    private const string Interrupt = "notebook-hub.interrupt";
    private const string UserIdentity = "notebook-hub.uid";
    private const string GroupIdentity = "notebook-hub.gid";

    /// <summary>The hub's directory with the sockets; absent where they are in a volume.</summary>
    private const string Directory = "notebook-hub.directory";

    private const string Volume = "notebook-hub.volume";

    /// <summary>The place of a container that was made ahead; whose it is stands in <see cref="Warm.WarmRecord"/>, since labels cannot change.</summary>
    public const string Slot = "notebook-hub.slot";

    /// <param name="directory">The hub's directory with the sockets; null where they are in <paramref name="volume"/>.</param>
    /// <param name="memory">Bytes the container is held to; null where it is not.</param>
    public static IReadOnlyDictionary<string, string> Write(SpawnRequest request, SpawnSite site, string? directory, string volume, DateTimeOffset started, long? memory)
    {
        Dictionary<string, string> labels = new()
        {
            [SpawnLabels.Hub] = site.HubId,
            [SpawnLabels.KernelId] = request.KernelId,
            [SpawnLabels.User] = request.UserName,
            [SpawnLabels.KernelSpec] = request.KernelSpecName,
            [Started] = started.ToString("O", CultureInfo.InvariantCulture),
            [Interrupt] = request.InterruptMode.ToString(),
        };
        if (request.UserId is { } user) labels[UserIdentity] = user.ToString(CultureInfo.InvariantCulture);
        if (request.GroupId is { } group) labels[GroupIdentity] = group.ToString(CultureInfo.InvariantCulture);
        if (directory is not null) labels[Directory] = directory;
        else labels[Volume] = volume;
        if (request.Purpose == SpawnPurpose.Terminal) labels[SpawnLabels.Purpose] = SpawnLabels.Terminal;
        if (memory is { } bytes) labels[SpawnLabels.Memory] = bytes.ToString(CultureInfo.InvariantCulture);
        foreach ((string name, string value) in request.Labels) labels[SpawnLabels.FreePrefix + name] = value;
        return labels;
    }

    /// <summary>The same for a kernel in a container made ahead, whose volume and user id are its own.</summary>
    public static IReadOnlyDictionary<string, string> InSlot(IReadOnlyDictionary<string, string> labels, string slot, string volume, int userId) => new Dictionary<string, string>(labels)
    {
        [Slot] = slot,
        [Volume] = volume,
        [UserIdentity] = userId.ToString(CultureInfo.InvariantCulture),
        [GroupIdentity] = userId.ToString(CultureInfo.InvariantCulture),
    };

    public static string? SlotOf(IReadOnlyDictionary<string, string> labels) => labels.GetValueOrDefault(Slot);

    public static string? KernelIdOf(IReadOnlyDictionary<string, string> labels) => labels.GetValueOrDefault(SpawnLabels.KernelId);

    public static string? DirectoryOf(IReadOnlyDictionary<string, string> labels) => labels.GetValueOrDefault(Directory);

    /// <summary>Null for a kernel whose sockets are in a directory.</summary>
    public static string? VolumeOf(IReadOnlyDictionary<string, string> labels) => labels.GetValueOrDefault(Volume);

    public static int? UserIdOf(IReadOnlyDictionary<string, string> labels) => Number(labels, UserIdentity);

    public static int? GroupIdOf(IReadOnlyDictionary<string, string> labels) => Number(labels, GroupIdentity);

    /// <summary>The kernel as <see cref="ISpawner.StartAsync"/> returned it.</summary>
    public static SpawnedKernel Read(string containerId, IReadOnlyDictionary<string, string> labels, KernelEndpoint endpoint)
    {
        Dictionary<string, string> free = labels.Where(label => label.Key.StartsWith(SpawnLabels.FreePrefix, StringComparison.Ordinal))
            .ToDictionary(label => label.Key[SpawnLabels.FreePrefix.Length..], label => label.Value);
        foreach (string name in new[] { SpawnLabels.Hub, SpawnLabels.KernelId, SpawnLabels.User, SpawnLabels.KernelSpec }) free[name] = labels.GetValueOrDefault(name, "");
        foreach (string name in new[] { SpawnLabels.Memory, SpawnLabels.Purpose })
        {
            if (labels.TryGetValue(name, out string? told)) free[name] = told;
        }
        _ = DateTimeOffset.TryParse(labels.GetValueOrDefault(Started), CultureInfo.InvariantCulture, out DateTimeOffset started);
        _ = Enum.TryParse(labels.GetValueOrDefault(Interrupt), out InterruptMode interrupt);
        return new SpawnedKernel(labels.GetValueOrDefault(SpawnLabels.KernelId, ""), labels.GetValueOrDefault(SpawnLabels.User, ""),
            labels.GetValueOrDefault(SpawnLabels.KernelSpec, ""), containerId, endpoint, interrupt, started, free);
    }

    private static int? Number(IReadOnlyDictionary<string, string> labels, string name) =>
        int.TryParse(labels.GetValueOrDefault(name), CultureInfo.InvariantCulture, out int value) ? value : null;
}
