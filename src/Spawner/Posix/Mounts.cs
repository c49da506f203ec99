using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Spawner.Posix;

/// <summary>
/// Mounts made in this process, by descriptors, so that what is checked is what is mounted: open_tree, mount_setattr and move_mount of Linux 5.12 and later.
/// </summary>
internal static class Mounts
{
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const int Invalid = 22; // EINVAL
    private const int NoEntry = 2; // ENOENT
    private const uint EmptyPath = 0x1000;
    private const uint Recursive = 0x8000;
    private const uint CloneTree = 1;
    private const uint FromDescriptor = 4; // MOVE_MOUNT_F_EMPTY_PATH

    private const int Detach = 2; // MNT_DETACH
    private const int NoFollow = 8; // UMOUNT_NOFOLLOW

    /// <summary>No more than this many mounts lie on top of each other: each is one of ours.</summary>
    private const int MaxLayers = 16;

    /// <summary>Makes a directory a mount of its own, so that what is mounted below it later is seen wherever it is bound to.</summary>
    /// <exception cref="IOException">It cannot be done.</exception>
    public static void Share(string directory)
    {
        using SafeFileHandle tree = Clone(directory, 0);
        Change(tree, new MountAttributes { Propagation = MountAttributes.Private }, 0, $"{directory} cannot be made a mount of its own");
        Place(tree, directory);
        MountAttributes shared = new() { Propagation = MountAttributes.Shared };
        if (Libc.ChangeMount(CurrentDirectory, directory, Libc.SymlinkNoFollow, ref shared) != 0)
        {
            IOException failed = Failed($"{directory} cannot be made a shared mount");
            Remove(directory);
            throw failed;
        }
    }

    /// <summary>Shows a directory with all below it at another place, with ids as in a user namespace's map.</summary>
    /// <param name="source">The directory; a symlink is none.</param>
    /// <param name="owner">uid it must belong to.</param>
    /// <param name="target">An empty directory.</param>
    /// <param name="ids">Of <see cref="MappedIds"/>.</param>
    /// <exception cref="IOException">It is not that user's, or its file system cannot map ids.</exception>
    public static void BindMapped(string source, int owner, string target, SafeFileHandle ids)
    {
        using SafeFileHandle tree = Clone(source, Recursive);
        if (Libc.Stat((int)tree.DangerousGetHandle(), "", (int)EmptyPath, FileStatus.BasicMask, out FileStatus status) != 0 || !status.IsDirectory || status.User != (uint)owner)
            throw new IOException($"{source} is not a directory of user id {owner}");
        MountAttributes attributes = new()
        {
            Set = MountAttributes.IdMap | MountAttributes.NoSetUserId | MountAttributes.NoDevices,
            Propagation = MountAttributes.Private,
            UserNamespace = (ulong)ids.DangerousGetHandle(),
        };
        Change(tree, attributes, Recursive, $"the file system of {source} cannot show it to another user id (it has no id-mapped mounts)");
        Place(tree, target);
    }

    /// <summary>Takes every mount away that lies on a place, with all below; whoever still uses one keeps it until they end. No mount is fine, too.</summary>
    /// <exception cref="IOException">It cannot be done.</exception>
    public static void Remove(string place)
    {
        for (int layer = 0; layer < MaxLayers; layer++)
        {
            if (Libc.Unmount(place, Detach | NoFollow) == 0) continue;
            if (Marshal.GetLastPInvokeError() is Invalid or NoEntry) return;
            throw Failed($"{place} cannot be unmounted");
        }
        throw new IOException($"{place} has more than {MaxLayers} mounts");
    }

    private static SafeFileHandle Clone(string directory, uint flags)
    {
        int descriptor = Libc.OpenTree(CurrentDirectory, directory, CloneTree | (uint)Libc.CloseOnExec | (uint)Libc.SymlinkNoFollow | flags);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw Failed($"{directory} cannot be mounted elsewhere");
    }

    private static void Change(SafeFileHandle tree, MountAttributes attributes, uint flags, string what)
    {
        if (Libc.ChangeMount((int)tree.DangerousGetHandle(), "", (int)(EmptyPath | flags), ref attributes) != 0) throw Failed(what);
    }

    private static void Place(SafeFileHandle tree, string target)
    {
        if (Libc.MoveMount((int)tree.DangerousGetHandle(), "", CurrentDirectory, target, FromDescriptor) != 0) throw Failed($"nothing can be mounted at {target}");
    }

    private static IOException Failed(string what)
    {
        int error = Marshal.GetLastPInvokeError();
        return new IOException($"{what}: {new Win32Exception(error).Message}", error);
    }
}
