using System.ComponentModel;

namespace Hub.KernelSpecs;

/// <summary>One entry of <c>Kernels:Specs:NAME:Mounts</c>: a directory of the machine that kernels see.</summary>
public sealed record MountOptions
{
    [Description("Absolute path of a directory on the hub's machine, which must exist.")]
    public string Source { get; init; } = "";

    [Description("Absolute path at which kernels see it, such as /srv/course.")]
    public string Target { get; init; } = "";

    [Description("False lets kernels write there, as the user they run as.")]
    public bool ReadOnly { get; init; } = true;
}
