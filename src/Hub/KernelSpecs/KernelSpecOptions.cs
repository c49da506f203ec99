using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Spawner;

namespace Hub.KernelSpecs;

/// <summary>One entry of <c>Kernels:Specs</c>: an environment kernels can be started in, in a container.</summary>
public sealed record KernelSpecOptions
{
    [Description("False hides the kernelspec, for instance one that comes with the hub.")]
    public bool Enabled { get; init; } = true;

    [Description("What people see; the name of the kernelspec when empty.")]
    public string DisplayName { get; init; } = "";

    [Description("Language of the kernel as front ends know it: python, R, julia, …")]
    public string Language { get; init; } = "python";

    [Description("Container image the kernel is started from.")]
    public string Image { get; init; } = "";

    [Description("Id (sha256:…) of the image on this machine, or its digest in the registry: kernels start from that, wherever the tag of Image points. Empty follows the tag.")]
    public string PinnedDigest { get; init; } = "";

    [Description("Groups whose members may use the environment, such as class-12; others do not see it. Empty is for everybody; administrators always may. Works for kernelspecs of local processes, too.")]
    public IReadOnlyList<string> Groups { get; init; } = [];

    [Description("Directories of the machine that kernels see beside their home, such as the data of a course.")]
    public IReadOnlyList<MountOptions> Mounts { get; init; } = [];

    [Description("Network of the kernels: none, internet (public addresses and nothing else; the hub makes and guards it), or the name of a network the engine has; empty as Docker:Network says.")]
    public string Network { get; init; } = "";

    [RegularExpression("all|[1-9][0-9]{0,2}")]
    [Description("GPUs of each kernel: a number, or all; empty is none. The engine needs the runtime of the cards' vendor.")]
    public string Gpus { get; init; } = "";

    [Description("Command of the kernel inside the container; {connection_file} is replaced. Empty means ipykernel, or IRkernel where the language is R.")]
    public IReadOnlyList<string> Argv { get; init; } = [];

    [Description("Variables set for the kernel.")]
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    [Description("How the kernel is interrupted: signal or message.")]
    public InterruptMode InterruptMode { get; init; } = InterruptMode.Signal;

    [Description("Free values shown to front ends as the kernelspec's metadata.")]
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    [Description("Directory on the hub's machine with logos (logo-svg.svg, logo-64x64.png); empty takes one for the language.")]
    public string Resources { get; init; } = "";

    [Range(1L << 20, 1L << 50)]
    [Description("Memory of a kernel in bytes, swap included.")]
    public long? MemoryBytes { get; init; }

    [Range(0.01, 4096)]
    [Description("Processors of a kernel; 0.5 is half a core.")]
    public double? Cpus { get; init; }

    [Range(16, 1_000_000)]
    [Description("Processes and threads of a kernel.")]
    public long? Processes { get; init; }

    [Range(64, 1_048_576)]
    [Description("Open files per process of a kernel.")]
    public long? OpenFiles { get; init; }

    [Range(0, 1L << 50)]
    [Description("Size of /dev/shm of a kernel in bytes.")]
    public long? SharedMemoryBytes { get; init; }

    [Range(0, 1L << 50)]
    [Description("Size of /tmp of a kernel in bytes.")]
    public long? TemporaryBytes { get; init; }

    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00")]
    [Description("A kernel in which nothing ran and nobody did anything for this time is stopped; 0 never, empty as Culling:IdleAfter says.")]
    public TimeSpan? IdleAfter { get; init; }

    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00")]
    [Description("A kernel is stopped this time after its process began, also when it is at work; 0 never, empty as Culling:LongestRun says.")]
    public TimeSpan? LongestRun { get; init; }

    [Range(0, 1000)]
    [Description("Kernels kept ready, made before somebody wants them: each takes the memory of an idle kernel, and answers at once. For ipykernel in Docker, without network; the hub must be root.")]
    public int Pool { get; init; }
}
