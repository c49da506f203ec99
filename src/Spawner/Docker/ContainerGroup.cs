using System.Globalization;

namespace Spawner.Docker;

/// <summary>
/// A container's control group, where the hub sees it: a hundred times cheaper than asking the engine. In a container itself, or with an engine that puts
/// its containers elsewhere, the hub sees none, and the engine is asked.
/// </summary>
internal static class ContainerGroup
{
    private const string Root = "/sys/fs/cgroup";

    /// <summary>Null where there is none to be seen.</summary>
    public static KernelUsage? Read(string container) => Read(Root, container);

    /// <summary>The engine's two drivers, systemd and cgroupfs, with version 2 and version 1 of control groups.</summary>
    internal static KernelUsage? Read(string root, string container)
    {
        try
        {
            foreach (string place in (string[])[$"system.slice/docker-{container}.scope", $"docker/{container}"])
            {
                string unified = Path.Combine(root, place);
                if (File.Exists(Path.Combine(unified, "memory.current")))
                {
                    return ContainerUsage.From(
                        Number(File.ReadAllText(Path.Combine(unified, "memory.current"))), Field(Path.Combine(unified, "memory.stat"), "inactive_file"),
                        Field(Path.Combine(unified, "cpu.stat"), "usage_usec") * 1000);
                }
                string memory = Path.Combine(root, "memory", place);
                if (File.Exists(Path.Combine(memory, "memory.usage_in_bytes")))
                {
                    return ContainerUsage.From(
                        Number(File.ReadAllText(Path.Combine(memory, "memory.usage_in_bytes"))), Field(Path.Combine(memory, "memory.stat"), "total_inactive_file"),
                        Number(File.ReadAllText(Path.Combine(root, "cpuacct", place, "cpuacct.usage"))));
                }
            }
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException or FormatException)
        {
            // It ended meanwhile, or is not ours to read.
        }
        return null;
    }

    private static long Number(string text) => long.Parse(text.AsSpan().Trim(), CultureInfo.InvariantCulture);

    /// <summary>The number behind a name at the beginning of a line; 0 where there is none.</summary>
    private static long Field(string file, string name)
    {
        foreach (string line in File.ReadLines(file))
        {
            if (line.StartsWith(name, StringComparison.Ordinal) && line.Length > name.Length && line[name.Length] == ' ')
                return Number(line[name.Length..]);
        }
        return 0;
    }
}
