using System.Diagnostics;
using Spawner.Posix;

namespace Spawner.Processes;

/// <summary>Whether a kernel's user can reach a directory, and what to do when not: a data directory below <c>/root</c> is the usual case.</summary>
internal static class HomeReach
{
    private const int CurrentDirectory = -100;

    /// <summary>Directories that are empty on most machines and may be covered, in a mount namespace of the kernel's own.</summary>
    private static readonly string[] Covers = ["/home", "/srv", "/mnt", "/media", "/opt"];

    private static readonly Lazy<bool> Mounts = new(TryMounts);

    /// <summary>Whether the hub may give a kernel mounts of its own (it is root and the machine lets it).</summary>
    public static bool CanMount => HubUser.IsRoot && Mounts.Value;

    /// <summary>Walks from the root to the directory and asks each for the right to pass through; access lists are not looked at.</summary>
    public static bool CanReach(string directory, int userId, int groupId)
    {
        for (string? at = directory; at is not null; at = Path.GetDirectoryName(at))
        {
            if (Libc.Stat(CurrentDirectory, at, 0, FileStatus.BasicMask, out FileStatus status) != 0) return false;
            int shift = status.User == (uint)userId ? 6 : status.Group == (uint)groupId ? 3 : 0;
            if (((status.Mode >> shift) & 1) == 0) return false;
        }
        return true;
    }

    /// <summary>An empty directory to cover that is not above any of the paths the kernel needs; null when there is none.</summary>
    public static string? FindCover(params IEnumerable<string> needed) => Covers.FirstOrDefault(cover =>
        Directory.Exists(cover)
        && !needed.Any(path => path.StartsWith(cover + "/", StringComparison.Ordinal))
        && !Directory.EnumerateFileSystemEntries(cover).Any());

    private static bool TryMounts()
    {
        try
        {
            using Process? trial = Process.Start(new ProcessStartInfo("unshare", ["--mount", "--propagation", "private", "sh", "-c", "mount -t tmpfs -o size=4k none /tmp"])
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            });
            return trial is not null && trial.WaitForExit(TimeSpan.FromSeconds(5)) && trial.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
