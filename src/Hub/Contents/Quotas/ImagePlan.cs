using System.Globalization;

namespace Hub.Contents.Quotas;

/// <summary>
/// The image of one home, decided from its quota (pure). It is larger than the quota by what the file system needs for itself and by a reserve that only the hub
/// may write into: so a notebook can be saved (which needs a second copy for a moment) when a kernel has filled all the rest.
/// </summary>
/// <param name="ImageBytes">Length of the sparse file.</param>
/// <param name="ReservedPercent">Of its blocks, for the hub.</param>
internal sealed record ImagePlan(long ImageBytes, double ReservedPercent)
{
    /// <summary>Less holds no notebook with its checkpoint.</summary>
    public const long LeastQuota = 1 << 20;

    private const long Mebibyte = 1 << 20;

    /// <summary>Journal, superblocks and room to move for the smallest ones.</summary>
    private const long FixedBytes = 8 * Mebibyte;

    public static ImagePlan For(long quotaBytes)
    {
        long reserve = Math.Clamp(quotaBytes / 20, 8 * Mebibyte, 128 * Mebibyte);
        // Inode tables take 256 bytes of each 16 KiB.
        long all = (long)((quotaBytes + reserve) * 1.02) + FixedBytes;
        all = (all + Mebibyte - 1) / Mebibyte * Mebibyte;
        return new ImagePlan(all, Math.Min(50, 100.0 * reserve / all));
    }

    /// <summary><see cref="ReservedPercent"/> as the tools want it.</summary>
    public string Reserve => ReservedPercent.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>
    /// Arguments of mkfs.ext4. A small journal, written at once; inode tables written when they are needed. On an error the file system turns read-only
    /// rather than worse. Its top belongs to the user.
    /// </summary>
    public string[] MakeArguments(string image, int userId, int groupId) =>
    [
        "-q", "-F", "-b", "4096", "-i", "16384", "-I", "256", "-J", "size=4", "-e", "remount-ro",
        "-m", Reserve,
        "-E", string.Create(CultureInfo.InvariantCulture, $"lazy_itable_init=1,nodiscard,root_owner={userId}:{groupId}"),
        image,
    ];

    /// <summary>Arguments of mount. One image is never two file systems: mount finds the loop device it has already, wherever the file was moved.</summary>
    public static string[] MountArguments(string image, string place) => ["-t", "ext4", "-o", "loop,nosuid,nodev,noatime", image, place];
}
