using Hub.Contents.FileSystem;
using Hub.Contents.Notebooks;

namespace Hub.Contents;

/// <summary>
/// Makes, copies, moves and removes entries of an open home; each either happens or changes nothing, but for the removal of a directory, which may stop
/// half way. Synchronous; runs on the threads of <see cref="ContentThreads"/>.
/// </summary>
internal sealed class ContentChanges(ContentRoot root, ContentsOptions options)
{
    private const int MostNamesTried = 10_000;

    /// <summary>Makes an empty file, notebook or directory under the first free untitled name.</summary>
    /// <param name="type"><c>file</c>, <c>notebook</c> or <c>directory</c>.</param>
    public ContentPath CreateUntitled(ContentPath parent, string type, string extension)
    {
        using OpenedDirectory directory = OpenForNew(parent);
        if (type == "directory")
            root.User.Allowance?.Take(0, parent.ToString());
        if (type == "directory")
            return FirstFree(parent, ContentNames.Untitled(type, extension), name => directory.TryMakeDirectory(name, FileModes.Directory));
        using PendingFile file = PendingFile.Create(directory, parent.ToString());
        if (type == "notebook")
            file.Write(NotebookCodec.Empty);
        return FirstFree(parent, ContentNames.Untitled(type, extension), name => file.TryPlace(name, FileModes.File) is not null);
    }

    /// <summary>Copies a file or directory into <paramref name="parent"/>, under its own name if that is free there.</summary>
    public ContentPath Copy(ContentPath source, ContentPath parent, CancellationToken cancellationToken)
    {
        if (source.IsRoot)
            throw new ContentException(ContentFailure.BadRequest, "The home itself cannot be copied");
        long budget = options.MaxCopyBytes;
        using OpenedDirectory directory = OpenForNew(parent);
        if (root.Status(source).Kind == FileKind.Directory)
            return CopyDirectory(source, parent, directory, budget, cancellationToken);
        using OpenedFile file = root.OpenFile(source);
        using PendingFile copy = Trees.CopyFile(file, directory, options, ref budget, cancellationToken);
        uint mode = file.Status.Mode & FileModes.Permissions;
        return FirstFree(parent, ContentNames.Copies(source.Name), name => copy.TryPlace(name, mode) is not null);
    }

    /// <summary>Moves an entry; links are moved, not what they lead to. Kept states follow.</summary>
    /// <exception cref="ContentException"><see cref="ContentFailure.Exists"/>: the new name is taken.</exception>
    public void Rename(ContentPath from, ContentPath to, Preconditions? conditions = null)
    {
        if (from.IsRoot || to.IsRoot)
            throw new ContentException(ContentFailure.BadRequest, "The home itself cannot be renamed or replaced");
        if (from.Text == to.Text)
        {
            FileStatus same = root.Status(from);
            conditions?.Require(same, from);
            return;
        }
        to.CheckNew();
        using OpenedDirectory source = root.OpenDirectory(from.Parent);
        using OpenedDirectory target = root.OpenDirectory(to.Parent);
        byte[] name = FileName.Encode(from.Name);
        byte[] newName = FileName.Encode(to.Name);
        FileStatus status = source.FindStatus(name) ?? throw FileErrors.Of(Errno.NoEntry, from.ToString());
        conditions?.Require(status, from);
        if (!source.TryMove(name, target, newName))
        {
            // On a file system that ignores case, Notes.txt and notes.txt are one entry: only then it is not in the way of itself.
            bool isItself = string.Equals(from.Text, to.Text, StringComparison.OrdinalIgnoreCase)
                && target.FindStatus(newName) is { } there
                && there.IsSameFileAs(status)
                && !source.Names().Any(entry => entry.AsSpan().SequenceEqual(newName));
            if (!isItself)
                throw new ContentException(ContentFailure.Exists, $"File already exists: {to.Text}");
            source.Replace(name, target, newName);
        }
        source.Synchronize();
        target.Synchronize();
        if (status.Kind == FileKind.File)
            FollowIfThereIsRoom(from, to);
    }

    /// <summary>Removes a file, a link (not what it leads to) or a directory with all that is in it.</summary>
    /// <param name="trash">Where it goes instead, if there is room; null removes.</param>
    /// <param name="conditions">Asked right before; a kernel that writes in that moment is not seen.</param>
    public void Delete(ContentPath path, Preconditions? conditions = null, Trash? trash = null)
    {
        if (path.IsRoot)
            throw new ContentException(ContentFailure.BadRequest, "Can't delete root");
        using OpenedDirectory parent = root.OpenDirectory(path.Parent);
        byte[] name = FileName.Encode(path.Name);
        FileStatus status = parent.FindStatus(name) ?? throw FileErrors.Of(Errno.NoEntry, path.ToString());
        conditions?.Require(status, path);
        if (trash?.TryTake(parent, name, path) is not true)
            Trees.Remove(parent, name, options.MaxDirectoryDepth);
        parent.Synchronize();
        if (status.Kind == FileKind.File)
            new Checkpoints(root, options).Forget(path);
    }

    private void FollowIfThereIsRoom(ContentPath from, ContentPath to)
    {
        try
        {
            new Checkpoints(root, options).Follow(from, to);
        }
        catch (ContentException full) when (full.Failure == ContentFailure.NoSpace)
        {
            // The file itself was renamed, which is what was asked for; there is no room for the directory of its kept states.
        }
    }

    private ContentPath CopyDirectory(ContentPath source, ContentPath parent, OpenedDirectory target, long budget, CancellationToken cancellationToken)
    {
        if (parent.IsWithin(source))
            throw new ContentException(ContentFailure.BadRequest, $"'{source}' cannot be copied into itself");
        byte[] temporary = FileName.Encode(HubLitter.Temporary());
        root.User.Allowance?.Take(0, parent.ToString());
        target.TryMakeDirectory(temporary, FileModes.Directory);
        try
        {
            using (OpenedDirectory from = root.OpenDirectory(source))
            using (OpenedDirectory to = target.OpenDirectory(temporary))
                Trees.Copy(from, to, options, ref budget, 1, cancellationToken);
            return FirstFree(parent, ContentNames.Copies(source.Name), name => target.TryMove(temporary, target, name));
        }
        catch
        {
            Trees.Remove(target, temporary, options.MaxDirectoryDepth);
            throw;
        }
    }

    private OpenedDirectory OpenForNew(ContentPath parent)
    {
        if (root.Status(parent).Kind != FileKind.Directory)
            throw new ContentException(ContentFailure.BadRequest, "Cannot POST to files, use PUT instead.");
        return root.OpenDirectory(parent);
    }

    /// <summary>Takes the first name that the file system itself says is free.</summary>
    private ContentPath FirstFree(ContentPath parent, IEnumerable<string> names, Func<byte[], bool> tryTake)
    {
        foreach (string name in names.Take(MostNamesTried))
        {
            ContentPath path = parent.Child(name, options);
            path.CheckNew();
            if (tryTake(FileName.Encode(name)))
                return path;
        }
        throw new ContentException(ContentFailure.Exists, $"All of the first {MostNamesTried} names for a new file are taken in '{parent}'");
    }
}
