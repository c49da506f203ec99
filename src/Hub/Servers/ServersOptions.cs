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
}
