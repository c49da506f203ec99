using Hub.Contents.FileSystem;

namespace Hub.Contents.Quotas;

/// <summary>
/// Empty files in the top directory of a home that is a file system of its own. It has a reserve of blocks for the hub, but none of inodes, and a kernel that makes files until
/// none is left would keep an open notebook from being saved: the second copy, which the rename makes the only one, is a file more. So one of these makes room for it,
/// and is made anew when the old copy is gone. A kernel may remove them, and is then the only one to miss them.
/// Synchronous; runs on the threads of <see cref="ContentThreads"/>.
/// </summary>
internal sealed class SpareFiles(HomeDirectory home)
{
    /// <summary>As many as saves of one user go on at the same time, mostly.</summary>
    private const int Count = 4;

    private const uint OwnerReads = 0x100; // r--------

    private static readonly byte[] s_self = FileName.Encode(".");

    /// <summary>Makes those that are missing, as far as there is room.</summary>
    public void Refill()
    {
        try
        {
            using OpenedDirectory? top = TryOpen();
            for (int i = 0; top is not null && i < Count; i++)
            {
                byte[] name = FileName.Encode(HubLitter.Spare(i));
                if (top.FindStatus(name) is null)
                    top.Create(name, OwnerReads).Dispose();
            }
        }
        catch (ContentException)
        {
            // Not now: the next time a home is opened or a file was saved by one of them.
        }
    }

    /// <summary>Gives one up; false when there is none.</summary>
    public bool TryUse()
    {
        try
        {
            using OpenedDirectory? top = TryOpen();
            return top is not null && Enumerable.Range(0, Count).Any(i => top.RemoveUncounted(FileName.Encode(HubLitter.Spare(i)), isDirectory: false));
        }
        catch (ContentException)
        {
            return false;
        }
    }

    /// <summary>Null while it is not mounted: the place for it stays empty.</summary>
    private OpenedDirectory? TryOpen()
    {
        OpenedDirectory? top = OpenedDirectory.TryOpen(home.Path, new FileUser(home.UserId, home.GroupId));
        if (top?.FindStatus(s_self)?.UserId == (uint?)home.UserId)
            return top;
        top?.Dispose();
        return null;
    }
}
