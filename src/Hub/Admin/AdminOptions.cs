using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Hub.Admin;

/// <summary>Section <c>Admin</c>: the administrators' panel.</summary>
public sealed record AdminOptions
{
    public const string Section = "Admin";

    [Description("Directory of the panel's built scripts; empty looks for admin/ beside the program, then for src/Web/client/admin/dist above it.")]
    public string Assets { get; init; } = "";

    [Range(1000, 60_000)]
    [Description("Shortest time between two pushes to a panel, in milliseconds.")]
    public int PushEveryMilliseconds { get; init; } = 1000;

    [Range(1, 3600)]
    [Description("How often memory and processor time of kernels are measured while somebody looks, in seconds.")]
    public int MeasureEverySeconds { get; init; } = 1;

    [Range(1, 3600)]
    [Description("How often accounts and people who are signed in are counted while somebody looks, in seconds.")]
    public int CountEverySeconds { get; init; } = 5;

    [Range(1, 10_000)]
    [Description("Most panels that may be open at once, over all administrators.")]
    public int MaxPanels { get; init; } = 500;

    [Range(1024, 1 << 20)]
    [Description("Longest end of a kernel's log that is shown, in bytes.")]
    public int MaxLogBytes { get; init; } = 64 * 1024;
}
