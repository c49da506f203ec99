using System.Globalization;
using System.Net;

namespace Spawner.Docker.Internet;

/// <summary>The network the hub's machine has, as the hub sees it; tests give it one of their own.</summary>
/// <param name="Proc">Directory of the system's tables of this network.</param>
/// <param name="Enter">Command before every other, empty where the hub is in that network itself.</param>
/// <param name="ResolverFiles">Where the servers of names are written; the first that names one a container can ask counts, as for the engine.</param>
internal sealed record HostNetwork(string Proc, IReadOnlyList<string> Enter, IReadOnlyList<string> ResolverFiles)
{
    /// <summary>Longer files of this kind are not read.</summary>
    private const int MaxBytes = 1 << 20;

    public static HostNetwork Own { get; } = new("/proc/self/net", [], ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"]);

    /// <summary>Has this network the interface, with this range directly behind it?</summary>
    public bool Has(string bridge, IPNetwork range)
    {
        try
        {
            return File.ReadLines(Path.Combine(Proc, "route")).Skip(1).Any(line => IsDirect(line, bridge, range));
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>IPv4 only: the network has no other.</summary>
    public IReadOnlyList<IPAddress> FindResolvers()
    {
        foreach (string file in ResolverFiles)
        {
            try
            {
                if (new FileInfo(file) is { Exists: true, Length: < MaxBytes } && ReadResolvers(File.ReadAllText(file)) is { Count: > 0 } found) return found;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // As if it were not there; names are then asked of public servers.
            }
        }
        return [];
    }

    /// <summary>Those of <c>nameserver</c> lines that a container can ask: not those of the machine's own loopback.</summary>
    internal static IReadOnlyList<IPAddress> ReadResolvers(string file) =>
    [
        .. file.Split('\n')
            .Select(line => line.Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words is ["nameserver", _, ..])
            .Select(words => InternetPolicy.Range(words[1]))
            .OfType<IPNetwork>()
            .Select(range => range.BaseAddress)
            .Where(address => !IPAddress.IsLoopback(address))
            .Distinct(),
    ];

    /// <summary><c>Iface Destination Gateway Flags RefCnt Use Metric Mask …</c>, addresses as numbers of this machine in hexadecimal.</summary>
    private static bool IsDirect(string line, string bridge, IPNetwork range) =>
        line.Split('\t', StringSplitOptions.TrimEntries) is [var name, var destination, "00000000", _, _, _, _, var mask, ..] && name == bridge
        && Address(destination) is { } network && Address(mask) is { } bits && network.Equals(range.BaseAddress) && bits.Equals(MaskOf(range.PrefixLength));

    private static IPAddress? Address(string written) =>
        uint.TryParse(written, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint number) ? new IPAddress(BitConverter.GetBytes(number)) : null;

    private static IPAddress MaskOf(int length)
    {
        byte[] bytes = BitConverter.GetBytes(length == 0 ? 0u : uint.MaxValue << (32 - length));
        if (BitConverter.IsLittleEndian) Array.Reverse(bytes);
        return new IPAddress(bytes);
    }
}
