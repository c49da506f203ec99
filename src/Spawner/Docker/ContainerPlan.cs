using System.Globalization;
using Spawner.Docker.Internet;

namespace Spawner.Docker;

/// <summary>What is asked of the engine for one kernel, decided from values (pure): the hardened container and the volume of its sockets.</summary>
/// <param name="Name">Name of the container, and of the volume when there is one.</param>
/// <param name="Body">Body of <c>POST /containers/create</c>.</param>
/// <param name="Volume">Body of <c>POST /volumes/create</c>; null when the sockets are in a directory of the hub.</param>
internal sealed record ContainerPlan(string Name, ContainerBody Body, VolumeBody? Volume)
{
    /// <summary>Where the kernel sees its sockets.</summary>
    public const string Channels = "/run/notebook-kernel";

    /// <summary>
    /// Waits for the connection file, which can only be put into the volume while the container runs, goes where the notebook is and
    /// becomes the kernel. Gives up after about half a minute: then the hub that would bring it is gone.
    /// </summary>
    private const string Entry = """
        n=0
        while [ ! -e "$1" ]; do
          n=$((n + 1))
          if [ "$n" -gt 3000 ]; then echo "no connection file came" >&2; exit 111; fi
          sleep 0.01 2>/dev/null || sleep 1
        done
        cd -- "$2" 2>/dev/null || cd || exit 126
        shift 2
        exec "$@"
        """;

    /// <param name="request">What is wanted.</param>
    /// <param name="options">Defaults for what the request leaves open.</param>
    /// <param name="site">Whose kernel it is.</param>
    /// <param name="image">Name or id of the image.</param>
    /// <param name="directory">The hub's directory for the sockets, or null for a volume.</param>
    /// <param name="user">uid and gid of the kernel.</param>
    /// <param name="started">For the label by which a restarted hub knows when.</param>
    public static ContainerPlan For(SpawnRequest request, DockerOptions options, SpawnSite site, string image, string? directory, (int UserId, int GroupId) user, DateTimeOffset started)
    {
        string name = NameFor(site, request.KernelId);
        string volume = VolumeNameFor(name, started);
        string home = UserHome.PathFor(request.UserName);
        string connectionFile = ConnectionFile.PathIn(Channels);
        string workingDirectory = request.WorkingDirectory.Length == 0 ? home : $"{home}/{request.WorkingDirectory}";
        ResourceLimits limits = request.Limits;
        long? memory = limits.MemoryBytes ?? OrNull(options.MemoryBytes);
        double? cpus = limits.Cpus ?? (options.Cpus > 0 ? options.Cpus : null);
        long openFiles = limits.OpenFiles ?? options.OpenFiles;
        string network = request.Network ?? options.Network;
        bool onInternet = network == IInternetNetwork.Word;
        ContainerBody body = new()
        {
            Image = image,
            Hostname = request.Purpose == SpawnPurpose.Terminal ? "terminal" : "kernel",
            User = $"{Number(user.UserId)}:{Number(user.GroupId)}",
            WorkingDir = "/",
            Env = EnvironmentFor(request, home),
            Entrypoint = ["/bin/sh", "-c", Entry, "notebook-kernel"],
            Cmd = [connectionFile, workingDirectory, .. KernelCommand.Fill(request, connectionFile)],
            Labels = ContainerLabels.Write(request, site, directory, volume, started, memory),
            HostConfig = new ContainerBody.Host
            {
                NetworkMode = onInternet ? InternetNames.For(site).Network : network,
                Dns = onInternet && options.Internet.Resolvers.Count > 0 ? options.Internet.Resolvers : null,
                PidsLimit = limits.Processes ?? options.Processes,
                Memory = memory,
                MemorySwap = memory,
                NanoCpus = cpus is { } share ? (long)(share * 1e9) : null,
                // exec: compiled extensions and tools that unpack themselves run from /tmp.
                Tmpfs = MemoryFilesFor(limits, options),
                Ulimits = [new("nofile", openFiles, openFiles), new("core", 0, 0)],
                // Mounts, not Binds: a source that is missing is refused instead of made.
                Mounts =
                [
                    new("bind", request.HomeDirectory, home),
                    directory is null ? new("volume", volume, Channels) : new("bind", directory, Channels),
                    .. request.Mounts.Select(mount => new ContainerBody.MountPoint("bind", mount.Source, mount.Target, mount.ReadOnly, new ContainerBody.Bind(NonRecursive: true))),
                ],
                DeviceRequests = DevicesFor(request.Gpus),
                LogConfig = new("json-file", new Dictionary<string, string> { ["max-size"] = Number(options.LogBytes / 2), ["max-file"] = "2" }),
            },
        };
        return new ContainerPlan(name, body, directory is null ? VolumeFor(volume, body.Labels, user) : null);
    }

    /// <summary>Short, since it is part of the path of Unix sockets; the hub's id keeps hubs apart, 48 bits of the kernel's its kernels.</summary>
    public static string NameFor(SpawnSite site, string kernelId)
    {
        string id = kernelId.Replace("-", "", StringComparison.Ordinal);
        return $"nbh-{site.HubId}-{(id.Length <= 12 ? id : id[..12])}";
    }

    /// <summary>
    /// Another for each start: an engine that was restarted may not let go of the former volume of a kernel (moby before 23), and what is
    /// still mounted there would be taken for the new one's.
    /// </summary>
    private static string VolumeNameFor(string name, DateTimeOffset started) => string.Create(CultureInfo.InvariantCulture, $"{name}-{started.UtcTicks & 0xffffffff:x8}");

    /// <summary>A file system in memory with room for five sockets and a file: more would let a kernel fill the host's disk.</summary>
    public static VolumeBody VolumeFor(string name, IReadOnlyDictionary<string, string> labels, (int UserId, int GroupId) user) => new()
    {
        Name = name,
        DriverOpts = new Dictionary<string, string>
        {
            ["type"] = "tmpfs",
            ["device"] = "tmpfs",
            ["o"] = $"size=256k,nr_inodes=64,uid={Number(user.UserId)},gid={Number(user.GroupId)},mode=0700",
        },
        Labels = labels.Where(label => label.Key is SpawnLabels.Hub or SpawnLabels.KernelId or ContainerLabels.Slot).ToDictionary(),
    };

    /// <summary>
    /// Both with a bound on their files, too: an empty file has no size and takes a kilobyte of the machine's memory, and by itself the system allows as many
    /// as half of its pages.
    /// </summary>
    private static Dictionary<string, string> MemoryFilesFor(ResourceLimits limits, DockerOptions options)
    {
        string files = options.TemporaryFiles > 0 ? $"nr_inodes={Number(options.TemporaryFiles)}," : "";
        Dictionary<string, string> places = new()
        {
            ["/tmp"] = $"rw,exec,nosuid,nodev,size={Number(limits.TemporaryBytes ?? options.TemporaryBytes)},{files}mode=1777",
        };
        if ((limits.SharedMemoryBytes ?? OrNull(options.SharedMemoryBytes)) is { } shared)
            places["/dev/shm"] = $"rw,noexec,nosuid,nodev,size={Number(shared)},{files}mode=1777";
        return places;
    }

    private static List<string> EnvironmentFor(SpawnRequest request, string home)
    {
        SortedDictionary<string, string> variables = new(StringComparer.Ordinal) { ["LANG"] = "C.UTF-8" };
        foreach ((string name, string value) in request.Environment)
        {
            if (SpawnRequestPolicy.IsVariableName(name)) variables[name] = value;
        }
        variables["HOME"] = home;
        variables["USER"] = request.UserName;
        variables["LOGNAME"] = request.UserName;
        // docker-init (tini) hands SIGINT and SIGTERM to the kernel's whole group only when told so.
        variables["TINI_KILL_PROCESS_GROUP"] = "1";
        return [.. variables.Select(variable => $"{variable.Key}={variable.Value}")];
    }

    private static List<ContainerBody.DeviceRequest>? DevicesFor(string? gpus) =>
        gpus is null ? null : [new("", gpus == "all" ? -1 : int.Parse(gpus, NumberStyles.None, CultureInfo.InvariantCulture), [["gpu"]])];

    private static long? OrNull(long value) => value > 0 ? value : null;

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
