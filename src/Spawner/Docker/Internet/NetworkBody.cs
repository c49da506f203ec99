namespace Spawner.Docker.Internet;

/// <summary>Body of <c>POST /networks/create</c> (Engine API 1.41), as far as it is used; names are those of the wire.</summary>
internal sealed record NetworkBody
{
    /// <summary>Of the options: the machine's name of the bridge.</summary>
    public const string BridgeName = "com.docker.network.bridge.name";

    /// <summary>Of the options: whether containers on it reach each other.</summary>
    public const string BetweenContainers = "com.docker.network.bridge.enable_icc";

    public required string Name { get; init; }
    public string Driver { get; init; } = "bridge";

    /// <summary>Engines before 25 make a second one of the same name without it.</summary>
    public bool CheckDuplicate { get; init; } = true;
    public bool Internal { get; init; }
    public bool EnableIPv6 { get; init; }
    public Addresses? IPAM { get; init; }
    public required IReadOnlyDictionary<string, string> Options { get; init; }
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    internal sealed record Addresses(IReadOnlyList<Range> Config);

    internal sealed record Range(string Subnet);

    /// <summary>The hub's network for kernels that may use the internet.</summary>
    public static NetworkBody For(InternetNames names, SpawnSite site, InternetOptions options) => new()
    {
        Name = names.Network,
        IPAM = options.Subnet.Length == 0 ? null : new Addresses([new Range(options.Subnet)]),
        Options = new Dictionary<string, string>
        {
            [BridgeName] = names.Bridge,
            [BetweenContainers] = "false",
            ["com.docker.network.bridge.enable_ip_masquerade"] = "true",
        },
        Labels = new Dictionary<string, string> { [SpawnLabels.Hub] = site.HubId },
    };
}
