using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Spawner.Posix;

/// <summary>
/// The directory in which a kernel makes its sockets and the hub finds them. Until it is sealed the kernel may put anything there
/// (a symlink to another user's socket, a FIFO called connection.json), so nothing in it is opened by path: every look goes through
/// the directory's own descriptor and follows no link. Once sealed, only the hub can add, replace or remove entries, and the plain
/// paths of the sockets are safe to connect to for as long as the kernel lives.
/// </summary>
internal sealed class SharedDirectory : IDisposable
{
    /// <summary>AT_EMPTY_PATH: the descriptor itself.</summary>
    private const int EmptyPath = 0x1000;

    private readonly SafeFileHandle _directory;

    private SharedDirectory(SafeFileHandle directory) => _directory = directory;

    private int Descriptor => (int)_directory.DangerousGetHandle();

    /// <summary>uid of the directory's owner.</summary>
    public int Owner => Libc.Stat(Descriptor, "", EmptyPath, FileStatus.BasicMask, out FileStatus status) == 0 ? (int)status.User : -1;

    /// <exception cref="IOException">It is not there, is no directory, or is a symlink.</exception>
    public static SharedDirectory Open(string path)
    {
        int descriptor = Libc.Open(path, Libc.ReadOnly | Libc.DirectoryOnly | Libc.NoFollow | Libc.CloseOnExec, 0);
        if (descriptor < 0) throw Failed($"{path} cannot be opened as a directory");
        return new SharedDirectory(new SafeFileHandle(descriptor, ownsHandle: true));
    }

    /// <summary>Makes a directory that only the kernel's user (and root) can enter.</summary>
    /// <exception cref="IOException">Something of that name exists, or the parent cannot be written.</exception>
    public static SharedDirectory Create(string path, int? userId, int? groupId)
    {
        if (Libc.MakeDirectory(path, 0x1c0 /* 0700 */) != 0) throw Failed($"{path} cannot be made");
        SharedDirectory directory = Open(path);
        if (HubUser.IsRoot && userId is { } user) directory.GiveTo(user, groupId ?? user);
        return directory;
    }

    /// <summary>Makes a directory inside, for the kernel to keep when this one is sealed.</summary>
    public SharedDirectory CreateInside(string name, int? userId, int? groupId)
    {
        if (Libc.MakeDirectoryAt(Descriptor, name, 0x1c0 /* 0700 */) != 0) throw Failed($"{name} cannot be made");
        SharedDirectory inside = OpenInside(name) ?? throw Failed($"{name} cannot be opened");
        if (HubUser.IsRoot && userId is { } user) inside.GiveTo(user, groupId ?? user);
        return inside;
    }

    /// <summary>Null when there is no directory of that name; a symlink to one does not count.</summary>
    public SharedDirectory? OpenInside(string name)
    {
        int descriptor = Libc.OpenAt(Descriptor, name, Libc.ReadOnly | Libc.DirectoryOnly | Libc.NoFollow | Libc.CloseOnExec, 0);
        return descriptor < 0 ? null : new SharedDirectory(new SafeFileHandle(descriptor, ownsHandle: true));
    }

    /// <summary>Puts a file in place by rename, readable by its owner alone.</summary>
    public void Write(string name, ReadOnlySpan<byte> content, int? userId, int? groupId)
    {
        string draft = "." + name + ".new";
        int descriptor = Libc.OpenAt(Descriptor, draft, Libc.WriteOnly | Libc.Create | Libc.Exclusive | Libc.NoFollow | Libc.CloseOnExec, 0x180 /* 0600 */);
        if (descriptor < 0) throw Failed($"{draft} cannot be made");
        using (SafeFileHandle file = new(descriptor, ownsHandle: true))
        {
            RandomAccess.Write(file, content, 0);
            if (HubUser.IsRoot && userId is { } user && Libc.ChangeOwner(descriptor, (uint)user, (uint)(groupId ?? user)) != 0)
                throw Failed($"{draft} cannot be given to user id {user}");
        }
        if (Libc.RenameAt(Descriptor, draft, Descriptor, name) != 0) throw Failed($"{name} cannot be put in place");
    }

    /// <summary>The content of a regular file of at most <paramref name="maxBytes"/> bytes; null when there is no such thing.</summary>
    public byte[]? Read(string name, int maxBytes)
    {
        // Non-blocking: opening a FIFO must not wait for a writer.
        int descriptor = Libc.OpenAt(Descriptor, name, Libc.ReadOnly | Libc.NoFollow | Libc.NonBlocking | Libc.CloseOnExec, 0);
        if (descriptor < 0) return null;
        using SafeFileHandle file = new(descriptor, ownsHandle: true);
        if (Libc.Stat(descriptor, "", EmptyPath, FileStatus.BasicMask, out FileStatus status) != 0) return null;
        if (!status.IsRegularFile || status.Size > (ulong)maxBytes) return null;
        byte[] content = new byte[(int)status.Size];
        int read = RandomAccess.Read(file, content, 0);
        return read == content.Length ? content : null;
    }

    /// <summary>Whether every name is a socket of that user; a symlink to one does not count.</summary>
    public bool HoldsSockets(IEnumerable<string> names, int? userId) => names.All(name =>
        Libc.Stat(Descriptor, name, Libc.SymlinkNoFollow, FileStatus.BasicMask, out FileStatus status) == 0
        && status.IsSocket
        && (userId is not { } user || status.User == (uint)user));

    /// <summary>Whether a name is a pipe of that user; a symlink to one does not count.</summary>
    public bool HoldsPipe(string name, int userId) =>
        Libc.Stat(Descriptor, name, Libc.SymlinkNoFollow, FileStatus.BasicMask, out FileStatus status) == 0 && status.IsPipe && status.User == (uint)userId;

    /// <summary>Writes one byte into a pipe of that user, never waiting for a reader.</summary>
    /// <exception cref="IOException">There is no such pipe, or nobody reads from it.</exception>
    public void Ring(string name, int userId)
    {
        int descriptor = Libc.OpenAt(Descriptor, name, Libc.WriteOnly | Libc.NoFollow | Libc.NonBlocking | Libc.CloseOnExec, 0);
        if (descriptor < 0) throw Failed($"{name} cannot be rung");
        using SafeFileHandle pipe = new(descriptor, ownsHandle: true);
        if (Libc.Stat(descriptor, "", EmptyPath, FileStatus.BasicMask, out FileStatus status) != 0 || !status.IsPipe || status.User != (uint)userId)
            throw new IOException($"{name} is not the kernel's pipe");
        using FileStream stream = new(pipe, FileAccess.Write, bufferSize: 0);
        stream.Write("!"u8);
    }

    /// <summary>Removes an entry that is no directory, if it is there.</summary>
    public void Remove(string name) => _ = Libc.RemoveAt(Descriptor, name, 0);

    /// <summary>
    /// Takes the directory away from the kernel: it can look and connect, no longer change entries. Without root this is not
    /// possible, and not needed either: such a kernel runs as the hub's own user, and there is no wall to climb over.
    /// </summary>
    public void Seal(int? groupId)
    {
        if (!HubUser.IsRoot) return;
        // The mode first: a kernel that has just bound its sockets may be writing inside, and between the two must not stand before a closed
        // door. And last, since until then the directory was the kernel's to change.
        SetMode();
        if (Libc.ChangeOwner(Descriptor, 0, (uint)(groupId ?? 0)) != 0) throw Failed("the directory cannot be taken back");
        SetMode();

        void SetMode()
        {
            if (Libc.ChangeMode(Descriptor, 0x1e8 /* 0750 */) != 0) throw Failed("the mode cannot be set");
        }
    }

    public void Dispose() => _directory.Dispose();

    private void GiveTo(int user, int group)
    {
        if (Libc.ChangeOwner(Descriptor, (uint)user, (uint)group) != 0) throw Failed($"the directory cannot be given to user id {user}");
    }

    private static IOException Failed(string what)
    {
        int error = Marshal.GetLastPInvokeError();
        return new IOException($"{what}: {new Win32Exception(error).Message}", error);
    }
}
