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

    /// <summary>Take over from the hub that runs on the same data directory; <c>--replace</c>.</summary>
    [Description("Take over from the hub that runs on the same data directory, if one does: it is asked to leave, kernels run on, nobody is refused. --replace is short for it.")]
    public bool Replace { get; init; }

    /// <summary>How long a hub that is to be replaced may take to leave.</summary>
    [Range(1, 600)]
    [Description("Seconds a hub that is asked to leave may take; if it takes longer, the new one gives up.")]
    public int ReplaceSeconds { get; init; } = 60;

    /// <summary>API token of the user <c>admin</c>, for automation; also read from <c>HUB_ADMIN_TOKEN</c>. At least 16 characters.</summary>
    [MinLength(16, ErrorMessage = "Hub:AdminToken (or HUB_ADMIN_TOKEN) is shorter than 16 characters.")]
    [Description("API token of the user admin, for automation; also read from the environment variable HUB_ADMIN_TOKEN. At least 16 characters.")]
    public string? AdminToken { get; set; }
}
