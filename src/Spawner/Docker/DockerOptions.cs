using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Spawner.Docker.Internet;

namespace Spawner.Docker;

/// <summary>Section <c>Docker</c>: kernels in containers.</summary>
public sealed record DockerOptions
{
    public const string Section = "Docker";

    [Description("Unix socket of the Docker engine; empty means DOCKER_HOST, else /var/run/docker.sock.")]
    public string? Socket { get; init; }

    [Description("Network of the kernels' containers; none keeps them from the internet, from each other and from the host, internet is a network the hub makes and guards, other names are networks the engine has.")]
    [Required]
    public string Network { get; init; } = "none";

    [Description("The network internet: public addresses and nothing else.")]
    public InternetOptions Internet { get; init; } = new();

    [Description("Where kernel and hub share their sockets: volume is a small tmpfs volume per kernel (the hub must be root), directory a directory in the data directory, auto takes volume where the hub is root.")]
    [RegularExpression("auto|volume|directory")]
    public string Channels { get; init; } = "auto";

    [Description("Containers that may be starting at the same time; 0 means as many as the machine has cores. More make everybody wait longer.")]
    [Range(0, 1024)]
    public int ParallelStarts { get; init; }

    [Description("Seconds a kernel may take from the start of its container to its sockets.")]
    [Range(1, 3600)]
    public int StartTimeoutSeconds { get; init; } = 60;

    [Description("Seconds the engine may take to answer one request.")]
    [Range(1, 600)]
    public int RequestTimeoutSeconds { get; init; } = 30;

    [Description("Memory of a kernel in bytes when its kernelspec says nothing; 0 means no limit.")]
    [Range(0, long.MaxValue)]
    public long MemoryBytes { get; init; } = 2L << 30;

    [Description("Processors of a kernel when its kernelspec says nothing; 0 means no limit.")]
    [Range(0, 4096)]
    public double Cpus { get; init; }

    [Description("Processes and threads of a kernel when its kernelspec says nothing.")]
    [Range(16, 1_000_000)]
    public long Processes { get; init; } = 512;

    [Description("Open files per process of a kernel when its kernelspec says nothing.")]
    [Range(64, 1_048_576)]
    public long OpenFiles { get; init; } = 4096;

    [Description("Size of /dev/shm in bytes when the kernelspec says nothing.")]
    [Range(0, long.MaxValue)]
    public long SharedMemoryBytes { get; init; } = 64L << 20;

    [Description("Size of /tmp in bytes when the kernelspec says nothing; it is memory and counts as the kernel's.")]
    [Range(1 << 20, long.MaxValue)]
    public long TemporaryBytes { get; init; } = 64L << 20;

    [Description("Files and directories /tmp and /dev/shm of a kernel may each hold; every one takes about a kilobyte of memory, which counts as the kernel's; 0 sets no bound, for engines that know none, such as Podman.")]
    [Range(0, 100_000_000)]
    public long TemporaryFiles { get; init; } = 100_000;

    [Description("Size in bytes at which the engine drops the oldest half of what a kernel wrote to its log.")]
    [Range(64 << 10, 1 << 30)]
    public long LogBytes { get; init; } = 2L << 20;

    [Description("Seconds an image may take to be pulled.")]
    [Range(1, 86400)]
    public int PullTimeoutSeconds { get; init; } = 1800;

    [Description("Seconds an image may take to be built.")]
    [Range(1, 86400)]
    public int BuildTimeoutSeconds { get; init; } = 3600;

    [Description("Network of image builds; host works also where the engine has no bridge.")]
    [Required]
    public string BuildNetwork { get; init; } = "host";

    [Description("Base image of the images the hub builds.")]
    [Required]
    public string BaseImage { get; init; } = "debian:bookworm-slim";

    [Description("Bytes the files beside a Dockerfile may have together.")]
    [Range(1 << 10, 1 << 30)]
    public long BuildContextBytes { get; init; } = 64L << 20;

    [Description("Directory of the Dockerfile per image, for images the hub builds itself; notebook-hub/python, notebook-hub/r and notebook-hub/minimal come with the hub. A name in this list is never pulled.")]
    public IReadOnlyDictionary<string, string> Builds { get; init; } = new Dictionary<string, string>();

    [Description("Python modules that containers made ahead (Kernels:Specs:{name}:Pool) import beside ipykernel. What a module reads of the home, the working directory or the user's variables when it is imported, it finds missing.")]
    public IReadOnlyList<string> PoolModules { get; init; } = [];

    [Description("Containers made ahead have a user id of their own, from this number on; 100 million from here on must be nobody's.")]
    [Range(1_000_000, 2_000_000_000)]
    public int PoolFirstUserId { get; init; } = 1_800_000_000;

    [Description("Seconds a container made ahead may take from its hand-over to its kernel's sockets; then the kernel is started in a new one.")]
    [Range(1, 600)]
    public int PoolHandOverSeconds { get; init; } = 10;
}
