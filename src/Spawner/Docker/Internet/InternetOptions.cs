using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Spawner.Docker.Internet;

/// <summary>Section <c>Docker:Internet</c>: the network that environments get by <c>Network=internet</c>.</summary>
public sealed record InternetOptions
{
    [Description("Ranges of addresses (IPv4, such as 10.20.0.0/16 or 10.20.0.7) that kernels reach although they are private. Neither the metadata address of a cloud nor the machine itself can be opened.")]
    public IReadOnlyList<string> Allow { get; init; } = [];

    [Description("Ranges of addresses (IPv4) that kernels do not reach although they are public; they count more than what is allowed.")]
    public IReadOnlyList<string> Refuse { get; init; } = [];

    [Description("Addresses of the servers of names (IPv4) that kernels ask, and reach at port 53 wherever they are; empty means those in /etc/resolv.conf, as the engine does.")]
    public IReadOnlyList<string> Resolvers { get; init; } = [];

    [Description("Range of the network itself, such as 172.30.0.0/16; empty leaves the choice to the engine.")]
    public string Subnet { get; init; } = "";

    [Description("Seconds between looks at whether network and rules are as the hub made them; each start of a kernel on it looks, too.")]
    [Range(1, 3600)]
    public int CheckSeconds { get; init; } = 10;

    [Description("Seconds the machine's nft may take.")]
    [Range(1, 300)]
    public int RulesTimeoutSeconds { get; init; } = 20;
}
