using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Hub.KernelSpecs;

/// <summary>Section <c>Kernels</c>, as far as it says which kernels there are.</summary>
public sealed record KernelSpecsOptions
{
    public const string Section = "Kernels";

    [Description("Kernelspecs for kernels in containers, by name; local processes take those that Jupyter has installed instead.")]
    public IReadOnlyDictionary<string, KernelSpecOptions> Specs { get; init; } = new Dictionary<string, KernelSpecOptions>();

    [Required]
    [Description("Name of the kernelspec used when a request names none; the first by name where it does not exist.")]
    public string DefaultSpec { get; init; } = "python3";

    [Range(10, 86400)]
    [Description("Seconds between looks at whether the images of all environments are there; one that is missing is tried again.")]
    public int ImageCheckSeconds { get; init; } = 300;

    [Range(0, 1000)]
    [Description("Most environments that can be made in the panel.")]
    public int MaxPanelSpecs { get; init; } = 100;

    [Description("Directories from which environments made in the panel may mount, for reading; empty allows them none.")]
    public IReadOnlyList<string> PanelMountRoots { get; init; } = [];

    [Range(1, 3600)]
    [Description("Seconds between looks at the directories where Jupyter installs kernelspecs.")]
    public int RereadSeconds { get; init; } = 5;

    [Range(1 << 10, 16 << 20)]
    [Description("Longest kernel.json, logo or other file of a kernelspec in bytes.")]
    public int MaxSpecFileBytes { get; init; } = 2 << 20;
}
