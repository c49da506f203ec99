namespace Spawner.Docker;

/// <summary>
/// The control groups of the containers that are measured, where the hub sees them: a ten-thousandth of what asking the engine takes. In a container
/// itself, or with an engine that puts its containers elsewhere, the hub sees none, and the engine is asked.
/// </summary>
/// <param name="root">Where control groups are mounted.</param>
internal sealed class ContainerGroups(string root = "/sys/fs/cgroup") : IDisposable
{
    // The engine's two drivers, systemd and cgroupfs.
    private static readonly (string Prefix, string Suffix)[] s_places = [("system.slice/docker-", ".scope"), ("docker/", "")];

    /// <summary>Three files each; the groups beyond are opened for every look.</summary>
    private const int MaxOpen = 5_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, ContainerGroup> _open = [];
    private bool _isOver;

    /// <summary>Null where there is none to be seen, or the container has ended.</summary>
    public KernelUsage? Read(string container)
    {
        lock (_gate)
        {
            if (_isOver) return null;
            try
            {
                if (_open.TryGetValue(container, out ContainerGroup? known)) return known.Read();
                if (Find(container) is not { } group) return null;
                if (_open.Count < MaxOpen)
                {
                    _open[container] = group;
                    return group.Read();
                }
                using (group) return group.Read();
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException or FormatException)
            {
                // It ended meanwhile, or is not ours to read.
                Close(container);
                return null;
            }
        }
    }

    /// <summary>The container has ended, or will not be measured again.</summary>
    public void Forget(string container)
    {
        lock (_gate)
            Close(container);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isOver = true;
            foreach (ContainerGroup group in _open.Values) group.Dispose();
            _open.Clear();
        }
    }

    private void Close(string container)
    {
        if (_open.Remove(container, out ContainerGroup? group)) group.Dispose();
    }

    private ContainerGroup? Find(string container)
    {
        foreach ((string prefix, string suffix) in s_places)
        {
            string group = $"{prefix}{container}{suffix}";
            if (File.Exists($"{root}/{group}/memory.current")) return ContainerGroup.Unified($"{root}/{group}");
            if (File.Exists($"{root}/memory/{group}/memory.usage_in_bytes")) return ContainerGroup.Split($"{root}/memory/{group}", $"{root}/cpuacct/{group}");
        }
        return null;
    }
}
