using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Hub.Contents.FileSystem;

/// <summary>
/// An open home. Every path is walked by the operating system itself, beneath the open directory (openat2), in the same call that opens it: a kernel may
/// flip links as fast as it likes, there is no moment between looking and using. What a path led to is then judged on the open file.
/// Synchronous; belongs on the threads of <see cref="ContentThreads"/>.
/// </summary>
internal sealed class ContentRoot : IDisposable
{
    private const int TriesWhileRenamed = 128;

    private readonly SafeFileHandle _root;

    private ContentRoot(SafeFileHandle root, string place, FileUser user)
    {
        Place = place;
        _root = root;
        User = user;
    }

    public FileUser User { get; }

    /// <summary>Its absolute path, to be told; never to be opened.</summary>
    public string Place { get; }

    /// <exception cref="ContentException">The home is gone, or not there in this moment.</exception>
    public static ContentRoot Open(HomeDirectory home)
    {
        // As the hub itself: the directories above a home are not the user's to walk.
        int flags = OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow | OpenFlags.CloseOnExec;
        int descriptor = LibC.Open(FileName.Encode(home.Path), flags, 0);
        if (descriptor < 0)
            throw FileErrors.Of(FileErrors.Last(), "/");
        SafeFileHandle handle = new(descriptor, ownsHandle: true);
        if (home.UserId is { } owner && LibC.StatusAt(handle, "\0"u8, LibC.EmptyPath, LibC.BasicStatus, out RawStatus status) == 0 && status.UserId != owner)
        {
            // Its file system is not mounted in this moment: what is seen is the place for it, which is empty and must not be taken for the home.
            handle.Dispose();
            throw new ContentException(ContentFailure.Busy, "The home is not there in this moment; try again");
        }
        return new ContentRoot(handle, home.Path, new FileUser(home.UserId, home.GroupId) { Allowance = home.Allowance });
    }

    /// <summary>What <paramref name="path"/> leads to, links inside of the home followed.</summary>
    public FileStatus Status(ContentPath path)
    {
        using SafeFileHandle handle = OpenBeneath(path, OpenFlags.PathOnly);
        return OpenedFile.StatusOf(handle, path.ToString());
    }

    /// <summary>The same, or null when there is nothing, or nothing inside of the home.</summary>
    public FileStatus? FindStatus(ContentPath path)
    {
        using SafeFileHandle? handle = TryOpenBeneath(path, OpenFlags.PathOnly, out Errno error);
        return handle is not null ? OpenedFile.StatusOf(handle, path.ToString())
            : error is Errno.NoEntry or Errno.NotDirectory or Errno.CrossDevice or Errno.Loop or Errno.Access ? null
            : throw FileErrors.Of(error, path.ToString());
    }

    /// <summary>Opens a regular file for reading; anything that is none is refused without having been opened.</summary>
    /// <exception cref="ContentException">Missing, beyond the home, unreadable, a directory or a FIFO, socket or device.</exception>
    public OpenedFile OpenFile(ContentPath path)
    {
        FileStatus before = Status(path);
        OpenedFile.RequireRegular(before, path.ToString());
        // Another file may be there by now: it is the open one that counts, and NonBlocking keeps even a FIFO from holding us.
        OpenedFile file = new(OpenBeneath(path, OpenFlags.ReadOnly | OpenFlags.NonBlocking | OpenFlags.NoTerminal), path.ToString());
        try
        {
            OpenedFile.RequireRegular(file.Status, path.ToString());
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <exception cref="ContentException">Missing, beyond the home, unreadable, or no directory.</exception>
    public OpenedDirectory OpenDirectory(ContentPath path) =>
        new(OpenBeneath(path, OpenFlags.ReadOnly | OpenFlags.Directory), User, path);

    /// <summary>
    /// Where a write to <paramref name="path"/> has to go. A link in the last place is followed to the file it names, so that saving does not replace the
    /// link by a file: the operating system tells where the link led, the directory found there is opened beneath the home like any other,
    /// and must hold the very file the link led to.
    /// </summary>
    /// <exception cref="ContentException">No such directory, a link that leads nowhere or out, or something that is neither file nor directory.</exception>
    public WriteTarget OpenTarget(ContentPath path)
    {
        OpenedDirectory directory = OpenDirectory(path.Parent);
        try
        {
            byte[] name = FileName.Encode(path.Name);
            FileStatus? status = directory.FindStatus(name);
            if (status is { Kind: FileKind.Other })
                throw FileErrors.Of(Errno.NoDevice, path.ToString());
            if (status is not { Kind: FileKind.Link })
                return new WriteTarget(directory, name, status);
        }
        catch
        {
            directory.Dispose();
            throw;
        }
        directory.Dispose();
        return FollowLink(path);
    }

    public void Dispose() => _root.Dispose();

    private WriteTarget FollowLink(ContentPath path)
    {
        using SafeFileHandle? led = TryOpenBeneath(path, OpenFlags.PathOnly, out Errno error);
        if (led is null && error == Errno.NoEntry)
            throw new ContentException(ContentFailure.BadRequest, $"'{path}' is a link that leads nowhere");
        if (led is null)
            throw FileErrors.Of(error, path.ToString());
        FileStatus status = OpenedFile.StatusOf(led, path.ToString());
        if (status.Kind == FileKind.Other)
            throw FileErrors.Of(Errno.NoDevice, path.ToString());
        byte[] home = OpenedFile.PlaceOf(_root);
        byte[] place = OpenedFile.PlaceOf(led);
        int slash = place.AsSpan().LastIndexOf((byte)'/');
        if (!place.AsSpan().StartsWith(home) || slash < home.Length)
            throw FileErrors.Of(Errno.CrossDevice, path.ToString());
        byte[] parent = slash == home.Length ? "."u8.ToArray() : place[(home.Length + 1)..slash];
        using SafeFileHandle? opened = TryOpenBeneath([.. parent, 0], OpenFlags.ReadOnly | OpenFlags.Directory, OpenFlags.Beneath, out error);
        if (opened is null)
            throw FileErrors.Of(error, path.ToString());
        byte[] name = [.. place[(slash + 1)..], 0];
        OpenedDirectory directory = new(new SafeFileHandle(opened.DangerousGetHandle(), ownsHandle: true), User, path.Parent);
        opened.SetHandleAsInvalid();
        if (directory.FindStatus(name) is { } there && there.IsSameFileAs(status))
            return new WriteTarget(directory, name, there);
        directory.Dispose();
        throw new ContentException(ContentFailure.Exists, $"'{path}' was moved while it was being written; try again");
    }

    private SafeFileHandle OpenBeneath(ContentPath path, int flags) =>
        TryOpenBeneath(path, flags, out Errno error) ?? throw FileErrors.Of(error, path.ToString());

    private SafeFileHandle? TryOpenBeneath(ContentPath path, int flags, out Errno error) =>
        TryOpenBeneath(path.IsRoot ? [(byte)'.', 0] : [.. Encoding.UTF8.GetBytes(path.Text), 0], flags, OpenFlags.Beneath, out error);

    private SafeFileHandle? TryOpenBeneath(byte[] path, int flags, ulong resolve, out Errno error)
    {
        using FileUser.Scope asUser = User.Enter();
        for (int attempt = 0; ; attempt++)
        {
            int descriptor = LibC.OpenAt2(_root, path, flags | OpenFlags.CloseOnExec, 0, resolve);
            error = descriptor >= 0 ? Errno.None : FileErrors.Last();
            if (descriptor >= 0)
                return new SafeFileHandle(descriptor, ownsHandle: true);
            // The kernel cannot be sure when something was renamed while it walked over '..'; it asks to be asked again.
            if (error != Errno.Again || attempt == TriesWhileRenamed)
                return null;
        }
    }
}
