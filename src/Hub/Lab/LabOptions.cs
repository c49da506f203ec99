using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Hub.Lab;

/// <summary>Section <c>Lab</c>: the front end and what it keeps for people.</summary>
public sealed record LabOptions
{
    public const string Section = "Lab";

    [Description("Directory of the built front end; empty looks for lab/ beside the program, then for src/Web/client/lab/dist above it.")]
    public string Assets { get; init; } = "";

    [RegularExpression("lab|notebook")]
    [Description("What /user/{name}/ opens: lab or notebook.")]
    public string DefaultPage { get; init; } = "lab";

    [Description("Plugins of the front end to switch off, by id or by the start of it.")]
    public IReadOnlyList<string> DisabledExtensions { get; init; } = [];

    [Description("Make the application visible to scripts in the browser as window.jupyterapp; browser tests need it.")]
    public bool ExposeAppInBrowser { get; init; } = true;

    [Range(1024, 64 << 20)]
    [Description("Longest settings of one plugin in bytes.")]
    public int MaxSettingsBytes { get; init; } = 1 << 20;

    [Range(1024, 64 << 20)]
    [Description("Longest layout of one workspace in bytes.")]
    public int MaxWorkspaceBytes { get; init; } = 4 << 20;

    [Range(1, 10_000)]
    [Description("Most workspaces kept for one user.")]
    public int MaxWorkspaces { get; init; } = 200;

    [Range(1024, 64 << 20)]
    [Description("Longest section of api/config in bytes.")]
    public int MaxConfigBytes { get; init; } = 1 << 20;

    [Range(1, 10_000)]
    [Description("Most sections of api/config kept for one user.")]
    public int MaxConfigSections { get; init; } = 100;

    [Range(1, 10_000)]
    [Description("Most event sockets one user may have open; every tab has one.")]
    public int MaxEventSockets { get; init; } = 200;
}
