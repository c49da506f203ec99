using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Spawner.Processes;

/// <summary>Section <c>Processes</c>: kernels as local processes.</summary>
public sealed record ProcessOptions
{
    public const string Section = "Processes";

    [Description("PATH of the kernels; empty means the hub's own.")]
    public string? Path { get; init; }

    [Description("Kernels that may be starting at the same time; 0 means as many as the machine has cores.")]
    [Range(0, 1024)]
    public int ParallelStarts { get; init; }

    [Description("Seconds a kernel may take from its start to its sockets.")]
    [Range(1, 3600)]
    public int StartTimeoutSeconds { get; init; } = 60;

    [Description("Processes and threads of all kernels of one user together when the kernelspec says nothing; applied only where kernels run as users of their own (the hub is root).")]
    [Range(16, 1_000_000)]
    public long Processes { get; init; } = 2048;

    [Description("Open files per process of a kernel when its kernelspec says nothing.")]
    [Range(64, 1_048_576)]
    public long OpenFiles { get; init; } = 4096;

    [Description("Size in KiB at which what a kernel wrote to its log starts a new file; the one before is kept.")]
    [Range(16, 1 << 20)]
    public int LogKilobytes { get; init; } = 1024;
}
