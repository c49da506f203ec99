namespace Spawner.Docker;

/// <summary>Body of <c>POST /containers/create</c> (Engine API 1.41), as far as it is used; names are those of the wire.</summary>
internal sealed record ContainerBody
{
    public required string Image { get; init; }

    public required string Hostname { get; init; }

    /// <summary><c>uid:gid</c>.</summary>
    public required string User { get; init; }

    public required string WorkingDir { get; init; }

    public required IReadOnlyList<string> Env { get; init; }

    public required IReadOnlyList<string> Entrypoint { get; init; }

    public required IReadOnlyList<string> Cmd { get; init; }

    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    public required Host HostConfig { get; init; }

    internal sealed record Host
    {
        public required string NetworkMode { get; init; }

        /// <summary>Servers of names the engine asks for the container; null are the machine's.</summary>
        public IReadOnlyList<string>? Dns { get; init; }
        public bool Init { get; init; } = true;
        public bool ReadonlyRootfs { get; init; } = true;
        public IReadOnlyList<string> CapDrop { get; init; } = ["ALL"];

        /// <summary>Nothing is said about seccomp, so the engine's default profile holds.</summary>
        public IReadOnlyList<string> SecurityOpt { get; init; } = ["no-new-privileges"];
        public string IpcMode { get; init; } = "private";
        public long? PidsLimit { get; init; }
        public long? Memory { get; init; }

        /// <summary>Memory and swap together; equal to <see cref="Memory"/>, a kernel gets no swap.</summary>
        public long? MemorySwap { get; init; }
        public long? NanoCpus { get; init; }

        /// <summary>Weight among those that want the processor at the same moment; null is the engine's 1024.</summary>
        public long? CpuShares { get; init; }
        public required IReadOnlyDictionary<string, string> Tmpfs { get; init; }
        public required IReadOnlyList<Limit> Ulimits { get; init; }
        public required IReadOnlyList<MountPoint> Mounts { get; init; }

        /// <summary>Null where no GPU is asked for: an engine without the runtime for them refuses the word itself.</summary>
        public IReadOnlyList<DeviceRequest>? DeviceRequests { get; init; }
        public required Log LogConfig { get; init; }
    }

    internal sealed record Limit(string Name, long Soft, long Hard);

    internal sealed record MountPoint(string Type, string Source, string Target, bool ReadOnly = false, Bind? BindOptions = null);

    /// <param name="NonRecursive">File systems mounted below the source stay outside: <c>ReadOnly</c> would not hold for them on engines before 25.</param>
    /// <param name="Propagation"><c>rslave</c>: what the host mounts below later is seen in the container, never the other way.</param>
    internal sealed record Bind(bool? NonRecursive = null, string? Propagation = null);

    /// <param name="Count">How many devices; -1 means all.</param>
    internal sealed record DeviceRequest(string Driver, int Count, IReadOnlyList<IReadOnlyList<string>> Capabilities);

    internal sealed record Log(string Type, IReadOnlyDictionary<string, string> Config);
}
