using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Spawner.Docker.Internet;

/// <summary>Which addresses count as what, and what of <see cref="InternetOptions"/> is refused (pure).</summary>
public static class InternetPolicy
{
    /// <summary>Never to be opened by settings: this machine's own, link-local with the metadata address of clouds, Azure's machine agent (a public address by its number), multicast, reserved.</summary>
    internal static readonly IReadOnlyList<IPNetwork> Never = Parse("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "168.63.129.16/32", "224.0.0.0/4", "240.0.0.0/4");

    /// <summary>
    /// What is not the internet: private (RFC 1918), shared by carriers (RFC 6598, where Alibaba has its metadata), for protocols (192.0.0.0/24, where Oracle has
    /// some of its own), for documentation, tests and former relays (RFC 6890).
    /// </summary>
    internal static readonly IReadOnlyList<IPNetwork> NotPublic =
    [
        .. Never, .. Parse("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
    ];

    /// <summary>What is wrong with the settings, in a sentence that names the key; null when nothing is.</summary>
    public static string? Problem(InternetOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        const string key = DockerOptions.Section + ":" + nameof(DockerOptions.Internet);
        List<ValidationResult> outside = [];
        if (!Validator.TryValidateObject(options, new ValidationContext(options), outside, validateAllProperties: true))
            return $"{key}:{outside[0].MemberNames.FirstOrDefault()}: {outside[0].ErrorMessage}";
        for (int index = 0; index < options.Allow.Count; index++)
        {
            if (Range(options.Allow[index]) is not { } range)
                return NoRange($"{key}:Allow:{index}", options.Allow[index]);
            if (Never.FirstOrDefault(never => Meet(never, range)) is { PrefixLength: > 0 } never)
                return $"{key}:Allow:{index}: \"{options.Allow[index]}\" would open {never}, which is never opened: it is the machine's own, a cloud's metadata, or no single address.";
        }
        for (int index = 0; index < options.Refuse.Count; index++)
        {
            if (Range(options.Refuse[index]) is null)
                return NoRange($"{key}:Refuse:{index}", options.Refuse[index]);
        }
        for (int index = 0; index < options.Resolvers.Count; index++)
        {
            if (Range(options.Resolvers[index]) is not { PrefixLength: 32 } one || options.Resolvers[index].Contains('/', StringComparison.Ordinal) || IPAddress.IsLoopback(one.BaseAddress))
                return $"{key}:Resolvers:{index}: \"{options.Resolvers[index]}\" is no IPv4 address that a container could ask; 127.0.0.0/8 is the container itself there.";
        }
        return options.Subnet.Length == 0 || Range(options.Subnet) is { PrefixLength: >= 8 and <= 28 }
            ? null
            : $"{key}:Subnet: \"{options.Subnet}\" is no range of IPv4 addresses from /8 to /28, such as 172.30.0.0/16.";
    }

    /// <summary>A range whose base is its first address, or a single address as a range of itself; null for anything else.</summary>
    internal static IPNetwork? Range(string written)
    {
        string[] parts = written.Split('/');
        // As addresses are usually written: "10" alone would be one, too, and 010 is eight.
        if (parts[0].Contains(':', StringComparison.Ordinal) || !IPAddress.TryParse(parts[0], out IPAddress? address) || address.ToString() != parts[0]) return null;
        if (parts.Length == 1) return new IPNetwork(address, 32);
        return IPNetwork.TryParse(written, out IPNetwork range) && range.BaseAddress.Equals(address) ? range : null;
    }

    internal static bool Meet(IPNetwork one, IPNetwork other) => one.Contains(other.BaseAddress) || other.Contains(one.BaseAddress);

    private static string NoRange(string key, string written) => $"{key}: \"{written}\" is no range of IPv4 addresses, such as 10.20.0.0/16 (no bit set behind the slash) or 10.20.0.7.";

    private static IPNetwork[] Parse(params string[] ranges) => [.. ranges.Select(range => IPNetwork.Parse(range))];
}
