using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Spawner.Posix;

namespace Spawner;

/// <summary>
/// A place whose sockets have addresses of at most 31 characters (<c>ipc:///run/nbh/0123456789ab/k-1</c>): kernels made with xeus 2 abort at start when
/// theirs are longer, and a spawner that runs kernels on the machine itself cannot choose what they see by a mount.
/// </summary>
internal static class TightDirectory
{
    // xeus asks its sockets for their own address with a buffer of 32 bytes, the final zero included.
    private const int MaxAddressBytes = 31;

    // 4 characters of the hub and 8 of the kernel, or fewer of the hub's where the user id is long.
    private const int LongestName = 12;
    private const int ShortestName = 8;

    private static int MaxPathBytes => MaxAddressBytes - "ipc://".Length - $"/{ConnectionFile.SocketNames[^1]}".Length;

    /// <summary>Whether the addresses of the five sockets beneath a directory are short enough for every kernel.</summary>
    public static bool Fits(string directory) => Encoding.UTF8.GetByteCount(directory) <= MaxPathBytes;

    /// <summary>The path for a kernel, or null where the user id of the hub is too long for one; nothing is made.</summary>
    public static string? PathFor(SpawnSite site, string kernelId)
    {
        int room = Math.Min(LongestName, MaxPathBytes - Parent().Length - 1);
        return room < ShortestName ? null : $"{Parent()}/{$"{Hash(site.HubId)[..4]}{Hash(kernelId)[..8]}"[^room..]}";
    }

    /// <summary>Makes the directory that all hubs of this user share. It stays: another hub may be about to use it.</summary>
    /// <exception cref="IOException">It cannot be made, or somebody else made one of that name.</exception>
    public static void MakeParent() => ShortDirectory.Make(Parent());

    private static string Parent() => HubUser.IsRoot ? "/run/nbh" : string.Create(CultureInfo.InvariantCulture, $"/tmp/n{HubUser.UserId}");

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
