using Hub.Contents.FileSystem;
using Microsoft.Win32.SafeHandles;

namespace Hub.Contents.Quotas;

/// <summary>The directory a home's image is mounted on.</summary>
internal static class MountPoint
{
    private const uint Nobody = 0;
    private const uint OwnerOnly = 0x1C0; // rwx------

    /// <summary>Is a file system mounted on <paramref name="path"/>?</summary>
    public static bool IsMounted(string path)
    {
        // STATX_ATTR_MOUNT_ROOT
        const ulong mountRoot = 0x2000;
        using SafeFileHandle? handle = TryOpen(path);
        return handle is not null && LibC.StatusAt(handle, "\0"u8, LibC.EmptyPath, LibC.BasicStatus, out RawStatus status) == 0 && (status.Attributes & mountRoot) != 0;
    }

    /// <summary>Makes it, or takes an empty directory that is there. It is root's and closed: what is not mounted is not to be taken for an empty home.</summary>
    /// <param name="path">Where the home is.</param>
    /// <param name="evenUsed">Also one that was somebody's home; a kernel may have it open.</param>
    /// <returns>False when there is something in it, or it is none.</returns>
    public static bool TryPrepare(string path, bool evenUsed)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        _ = LibC.MakeDirectory(FileName.Encode(path), Nobody);
        using SafeFileHandle? handle = TryOpen(path);
        if (handle is null || LibC.StatusAt(handle, "\0"u8, LibC.EmptyPath, LibC.BasicStatus, out RawStatus status) != 0 || (status.UserId != 0 && !evenUsed))
            return false;
        if (Directory.EnumerateFileSystemEntries(path).Any())
            return false;
        return LibC.ChangeOwner(handle, 0, 0) == 0 && LibC.ChangeMode(handle, Nobody) == 0;
    }

    /// <summary>What was just made and mounted becomes its user's alone, without what a new file system has in it. Never later: then what is in it is the user's, links too.</summary>
    public static void Settle(string path)
    {
        string found = Path.Combine(path, "lost+found");
        if (Directory.Exists(found) && !Directory.EnumerateFileSystemEntries(found).Any())
            Directory.Delete(found);
        using SafeFileHandle? handle = TryOpen(path);
        if (handle is not null)
            _ = LibC.ChangeMode(handle, OwnerOnly);
    }

    private static SafeFileHandle? TryOpen(string path)
    {
        int descriptor = LibC.Open(FileName.Encode(path), OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow | OpenFlags.CloseOnExec, 0);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : null;
    }
}
