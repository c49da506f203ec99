using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Hub.Servers;

/// <summary>Section <c>Servers</c>: users' servers.</summary>
public sealed record ServersOptions
{
    public const string Section = "Servers";

    [Range(1, 3600)]
    [Description("Seconds between writing down who was active; a crash forgets at most this much.")]
    public int SaveActivitySeconds { get; init; } = 30;

    [Range(1, 600)]
    [Description("Seconds a request to stop a server waits for its kernels to end before it answers 202: still stopping.")]
    public int SlowStopSeconds { get; init; } = 10;

    [Description("Users may make servers with names of their own beside the default one (JupyterHub's allow_named_servers); false starts none, but those that run go on.")]
    public bool AllowNamed { get; init; } = true;

    [Range(1, 1000)]
    [Description("Named servers one user may have, running or stopped (JupyterHub's named_server_limit_per_user); kernels count for the user, whichever server they are of.")]
    public int NamedPerUser { get; init; } = 10;

    [Range(2, 1_048_576)]
    [Description("Characters of user_options kept for a named server, as JSON.")]
    public int MaxUserOptions { get; init; } = 16_384;
}
