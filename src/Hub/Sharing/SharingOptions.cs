using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Hub.Sharing;

/// <summary>Section <c>Sharing</c>: letting others use one's server.</summary>
public sealed record SharingOptions
{
    public const string Section = "Sharing";

    [Description("Every user may share their own server, as the scope `shares!user` in the role `user` would let them; off, as in JupyterHub, only whom a role gives it.")]
    public bool ByUsers { get; init; }

    [Range(1, 100_000)]
    [Description("With how many users and groups one server may be shared.")]
    public int MaxSharesPerServer { get; init; } = 1000;

    [Range(1, 10_000)]
    [Description("How many codes of one server may be valid at a time.")]
    public int MaxCodesPerServer { get; init; } = 100;

    [Range(1, 1440)]
    [Description("Minutes between removing codes that have run out; they are refused at once in any case.")]
    public int SweepMinutes { get; init; } = 60;
}
