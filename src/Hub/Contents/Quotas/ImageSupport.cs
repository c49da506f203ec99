using Hub.Contents.FileSystem;

namespace Hub.Contents.Quotas;

/// <summary>Can this machine keep homes in images?</summary>
internal static class ImageSupport
{
    /// <summary>The process namespace of a machine itself has this number on every Linux.</summary>
    private const string MachineProcesses = "pid:[4026531836]";

    private static readonly string[] s_tools = ["mkfs.ext4", "mount", "umount", "losetup", "e2fsck", "resize2fs", "tune2fs", "truncate", "fallocate"];

    /// <summary>Why not, in one sentence; null when it can.</summary>
    public static string? Problem()
    {
        if (LibC.EffectiveUser() != 0)
            return "the hub does not run as root, and only root may mount.";
        if (new FileInfo("/proc/self/ns/pid").LinkTarget != MachineProcesses || !HasMachineMounts())
            return "the hub runs in a container or has mounts of its own: kernels would not see what it mounts.";
        if (s_tools.FirstOrDefault(tool => SystemTool.Find(tool) is null) is { } missing)
            return $"{missing} is not installed (packages e2fsprogs, util-linux and coreutils).";
        if (!File.Exists("/dev/loop-control"))
            return "there are no loop devices (/dev/loop-control).";
        return File.ReadLines("/proc/filesystems").Any(line => line.EndsWith("\text4", StringComparison.Ordinal)) ? null : "the kernel of this machine has no ext4.";
    }

    private static bool HasMachineMounts()
    {
        // The number that the machine's own mount namespace has since Linux 6.17; before, it is that of the first process.
        const string known = "mnt:[4026531832]";
        string? own = new FileInfo("/proc/self/ns/mnt").LinkTarget;
        try
        {
            return own is not null && (own == known || own == new FileInfo("/proc/1/ns/mnt").LinkTarget);
        }
        catch (Exception refused) when (refused is UnauthorizedAccessException or IOException)
        {
            return false;
        }
    }
}
