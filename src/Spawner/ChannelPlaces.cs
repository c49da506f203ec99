using System.Security.Cryptography;
using System.Text;

namespace Spawner;

/// <summary>Where on the machine the directory with a kernel's sockets is: beneath the run directory, or in a shorter one where that does not fit.</summary>
/// <param name="site">Whose kernels.</param>
/// <param name="parent">Directory in the run directory; each spawner has its own.</param>
/// <param name="seenByKernel">The kernel sees the directory by the same path, which some kernels want very short.</param>
internal sealed class ChannelPlaces(SpawnSite site, string parent, bool seenByKernel)
{
    private string Preferred => Path.Combine(site.RunDirectory, parent);

    /// <summary>The path for a new kernel; its parent is made when missing, the directory itself is not.</summary>
    /// <param name="kernelId">The kernel.</param>
    /// <param name="reachable">Whether the kernel's user can reach the run directory.</param>
    public string Choose(string kernelId, bool reachable)
    {
        string preferred = Path.Combine(Preferred, NameFor(kernelId));
        if (seenByKernel && !TightDirectory.Fits(preferred) && TightDirectory.PathFor(site, kernelId) is { } tight)
        {
            TightDirectory.MakeParent();
            return tight;
        }

        if (!reachable || !ShortDirectory.Fits(preferred)) return Path.Combine(ShortDirectory.Open(site), NameFor(kernelId));
        ShortDirectory.Make(Preferred);
        return preferred;
    }

    /// <summary>Where the directory of a kernel is, or null when it has none.</summary>
    public string? Find(string kernelId)
    {
        string preferred = Path.Combine(Preferred, NameFor(kernelId));
        if (Directory.Exists(preferred)) return preferred;
        if (seenByKernel && TightDirectory.PathFor(site, kernelId) is { } tight && new DirectoryInfo(tight) is { Exists: true, LinkTarget: null }) return tight;
        return ShortDirectory.Existing(site, NameFor(kernelId));
    }

    /// <summary>Kernel ids are long and socket paths short: 64 bits of a hash.</summary>
    public static string NameFor(string kernelId) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(kernelId)))[..16];
}
