using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Hub.Contents.FileSystem;

/// <summary>
/// An open directory. Its operations take one name each and never follow a link that bears it, so they cannot reach beyond.
/// Names are bytes with a zero at the end.
/// </summary>
internal sealed class OpenedDirectory(SafeFileHandle handle, FileUser user, ContentPath path) : IDisposable
{
    /// <summary>A directory of the hub's own; null when there is none.</summary>
    public static OpenedDirectory? TryOpen(string directory, FileUser user)
    {
        int descriptor = LibC.Open(FileName.Encode(directory), OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow | OpenFlags.CloseOnExec, 0);
        return descriptor >= 0 ? new OpenedDirectory(new SafeFileHandle(descriptor, ownsHandle: true), user, ContentPath.Root) : null;
    }

    public SafeFileHandle Handle { get; } = handle;

    public FileUser User { get; } = user;

    /// <summary>As it was asked for; for messages.</summary>
    public ContentPath Path { get; } = path;

    /// <summary>The entry itself, links not followed; null when there is none.</summary>
    public FileStatus? FindStatus(byte[] name)
    {
        using FileUser.Scope asUser = User.Enter();
        if (LibC.StatusAt(Handle, name, LibC.NoFollow, LibC.BasicStatus, out RawStatus status) == 0)
            return FileStatus.From(status);
        Errno error = FileErrors.Last();
        return error == Errno.NoEntry ? null : throw Failed(error, name);
    }

    public bool MayAccess(byte[] name, int mode)
    {
        using FileUser.Scope asUser = User.Enter();
        return LibC.MayAccess(Handle, name, mode, LibC.NoFollow);
    }

    /// <summary>Every name but <c>.</c> and <c>..</c>, with its zero, in the order of the file system, at most <paramref name="limit"/>.</summary>
    public List<byte[]> Names(int limit = int.MaxValue)
    {
        // struct linux_dirent64: d_ino u64, d_off u64, d_reclen u16, d_type u8, d_name until a zero.
        const int nameOffset = 19;
        List<byte[]> names = [];
        byte[] buffer = new byte[64 << 10];
        LibC.Seek(Handle, 0, 0);
        while (names.Count < limit)
        {
            nint read = LibC.ReadEntries(Handle, buffer, (nuint)buffer.Length);
            if (read < 0)
                throw FileErrors.Of(FileErrors.Last(), Path.ToString());
            if (read == 0)
                break;
            for (int at = 0; at < read && names.Count < limit; at += BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(at + 16)))
            {
                ReadOnlySpan<byte> name = buffer.AsSpan(at + nameOffset);
                name = name[..(name.IndexOf((byte)0) + 1)];
                if (!name.SequenceEqual(".\0"u8) && !name.SequenceEqual("..\0"u8))
                    names.Add(name.ToArray());
            }
        }
        return names;
    }

    /// <summary>Opens a subdirectory that is one, not a link to one.</summary>
    public OpenedDirectory OpenDirectory(byte[] name) =>
        new(Open(name, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow, 0), User, Path.Entry(FileName.Decode(name.AsSpan(..^1)) ?? "?"));

    /// <summary>Opens an entry that is a regular file, not a link to one; null when it is something else.</summary>
    public OpenedFile? OpenFile(byte[] name)
    {
        if (FindStatus(name) is not { Kind: FileKind.File })
            return null;
        OpenedFile file = new(Open(name, OpenFlags.ReadOnly | OpenFlags.NonBlocking | OpenFlags.NoTerminal | OpenFlags.NoFollow, 0), PathOf(name));
        if (file.Status.Kind == FileKind.File)
            return file;
        file.Dispose();
        return null;
    }

    /// <summary>A new file that was not there before.</summary>
    public SafeFileHandle Create(byte[] name, uint mode) =>
        Open(name, OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.NoFollow | OpenFlags.NonBlocking, mode);

    /// <summary>Opens an entry that is a regular file for reading and writing.</summary>
    public SafeFileHandle OpenForUpdate(byte[] name) =>
        Open(name, OpenFlags.ReadWrite | OpenFlags.NoFollow | OpenFlags.NonBlocking | OpenFlags.NoTerminal, 0);

    /// <summary>False when the name is taken.</summary>
    public bool TryMakeDirectory(byte[] name, uint mode)
    {
        Errno error;
        using (User.Enter())
            error = LibC.MakeDirectoryAt(Handle, name, mode) == 0 ? Errno.None : FileErrors.Last();
        if (error == Errno.Exists)
            return false;
        if (error != Errno.None)
            throw Failed(error, name);
        using OpenedDirectory made = OpenDirectory(name);
        // Past the umask of the hub's process, which is not the user's.
        using (User.Enter())
            LibC.ChangeMode(made.Handle, mode);
        return true;
    }

    /// <summary>Moves an entry over whatever file bears the new name.</summary>
    public void Replace(byte[] name, OpenedDirectory to, byte[] newName)
    {
        Errno error;
        using (User.Enter())
            error = LibC.RenameAt(Handle, name, to.Handle, newName, 0) == 0 ? Errno.None : FileErrors.Last();
        if (error != Errno.None)
            throw to.Failed(error, newName);
    }

    /// <summary>Two entries change their names in one step; false when the file system cannot do that, or one of them is not there.</summary>
    public bool TryExchange(byte[] name, byte[] other)
    {
        Errno error;
        using (User.Enter())
            error = LibC.RenameAt(Handle, name, Handle, other, LibC.Exchange) == 0 ? Errno.None : FileErrors.Last();
        return error switch
        {
            Errno.None => true,
            Errno.NoEntry or Errno.Invalid or Errno.NotSupported or Errno.NotImplemented => false,
            _ => throw Failed(error, other),
        };
    }

    /// <summary>Moves an entry to a free name; false when it is taken.</summary>
    public bool TryMove(byte[] name, OpenedDirectory to, byte[] newName)
    {
        Errno error;
        using (User.Enter())
        {
            error = LibC.RenameAt(Handle, name, to.Handle, newName, LibC.NoReplace) == 0 ? Errno.None : FileErrors.Last();
            // Network file systems do not know NoReplace. A link is as good for files; directories remain a look before the leap there.
            if (error is Errno.Invalid or Errno.NotSupported or Errno.NotImplemented)
                error = MoveByLink(name, to, newName, error);
        }
        return error switch
        {
            Errno.None => true,
            Errno.Exists or Errno.NotEmpty => false,
            Errno.Invalid => throw new ContentException(ContentFailure.BadRequest, $"'{PathOf(name)}' cannot be moved into itself"),
            Errno.NoEntry => throw Failed(error, name),
            _ => throw to.Failed(error, newName),
        };
    }

    /// <summary>Removes an entry that is no directory, or an empty directory; false when it was not there.</summary>
    public bool Remove(byte[] name, bool isDirectory)
    {
        long released = User.Allowance is null || isDirectory ? 0 : FindStatus(name)?.Releases ?? 0;
        bool removed = RemoveUncounted(name, isDirectory);
        if (removed)
            User.Allowance?.Give(released);
        return removed;
    }

    /// <summary>The same for what its writer accounts for.</summary>
    public bool RemoveUncounted(byte[] name, bool isDirectory)
    {
        Errno error;
        using (User.Enter())
            error = LibC.RemoveAt(Handle, name, isDirectory ? LibC.RemoveDirectory : 0) == 0 ? Errno.None : FileErrors.Last();
        return error switch
        {
            Errno.None => true,
            Errno.NoEntry => false,
            _ => throw Failed(error, name),
        };
    }

    /// <summary>Makes a link in <paramref name="to"/> that says the same as the one here; whether it leads anywhere is asked when it is followed.</summary>
    public void CopyLink(byte[] name, OpenedDirectory to)
    {
        byte[] target = new byte[4097];
        Errno error = Errno.None;
        using (User.Enter())
        {
            nint length = LibC.ReadLinkAt(Handle, name, target, (nuint)target.Length - 1);
            target[Math.Max(length, 0)] = 0;
            if (length < 0 || LibC.MakeLinkAt(target, to.Handle, name) != 0)
                error = FileErrors.Last();
        }
        if (error != Errno.None)
            throw to.Failed(error, name);
    }

    /// <summary>Where a link says it leads; null when it is none, or its bytes are no UTF-8.</summary>
    public string? ReadLink(byte[] name)
    {
        byte[] target = new byte[4096];
        nint length;
        using (User.Enter())
            length = LibC.ReadLinkAt(Handle, name, target, (nuint)target.Length);
        return length > 0 ? FileName.Decode(target.AsSpan(0, (int)length)) : null;
    }

    /// <summary>Makes changes of names survive a loss of power.</summary>
    public void Synchronize() => LibC.Synchronize(Handle);

    /// <summary>Brings all that was written to this file system to the disk: for many new files one wait instead of two for each.</summary>
    public void SynchronizeAll()
    {
        if (LibC.SynchronizeSystem(Handle) != 0)
            throw FileErrors.Of(FileErrors.Last(), Path.ToString());
    }

    public void Dispose() => Handle.Dispose();

    public string PathOf(byte[] name) => Path.Entry(FileName.Decode(name.AsSpan(..^1)) ?? "?").ToString();

    private Errno MoveByLink(byte[] name, OpenedDirectory to, byte[] newName, Errno refused)
    {
        if (LibC.StatusAt(Handle, name, LibC.NoFollow, LibC.BasicStatus, out RawStatus status) != 0)
            return FileErrors.Last();
        if (FileStatus.From(status).Kind == FileKind.Directory)
        {
            if (LibC.StatusAt(to.Handle, newName, LibC.NoFollow, LibC.BasicStatus, out _) == 0)
                return Errno.Exists;
            return LibC.RenameAt(Handle, name, to.Handle, newName, 0) == 0 ? Errno.None : FileErrors.Last();
        }
        if (LibC.LinkAt(Handle, name, to.Handle, newName, 0) != 0)
            return FileErrors.Last() is var error && error == Errno.NotPermitted ? refused : error;
        return LibC.RemoveAt(Handle, name, 0) == 0 ? Errno.None : FileErrors.Last();
    }

    private SafeFileHandle Open(byte[] name, int flags, uint mode)
    {
        int descriptor;
        Errno error;
        using (User.Enter())
        {
            descriptor = LibC.OpenAt2(Handle, name, flags | OpenFlags.CloseOnExec, mode, OpenFlags.BeneathWithoutLinks);
            error = descriptor >= 0 ? Errno.None : FileErrors.Last();
        }
        return error == Errno.None ? new SafeFileHandle(descriptor, ownsHandle: true) : throw Failed(error, name);
    }

    private ContentException Failed(Errno error, byte[] name) => FileErrors.Of(error, PathOf(name));
}
