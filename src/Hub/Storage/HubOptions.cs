using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Hub.Storage;

/// <summary>Section <c>Hub</c>: what the whole hub needs to know.</summary>
public sealed record HubOptions
{
    public const string Section = "Hub";

    /// <summary>Where the hub keeps everything; relative paths start at the working directory.</summary>
    [Required]
    [Description("Directory in which the hub keeps everything: database, homes, keys, sockets. Relative paths start at the working directory.")]
    public string Data { get; init; } = "./data";

    /// <summary>What starts kernels: <c>auto</c> (Docker if its socket answers, else local processes), <c>docker</c> or <c>process</c>.</summary>
    [RegularExpression("auto|docker|process")]
    [Description("What starts kernels: auto (Docker if its socket answers, else local processes), docker or process.")]
    public string Spawner { get; init; } = "auto";

    /// <summary>API token of the user <c>admin</c>, for automation; also read from <c>HUB_ADMIN_TOKEN</c>. At least 16 characters.</summary>
    [MinLength(16, ErrorMessage = "Hub:AdminToken (or HUB_ADMIN_TOKEN) is shorter than 16 characters.")]
    [Description("API token of the user admin, for automation; also read from the environment variable HUB_ADMIN_TOKEN. At least 16 characters.")]
    public string? AdminToken { get; set; }
}
