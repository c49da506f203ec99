using Hub.Contents.FileSystem;

namespace Hub.Contents;

/// <summary>Looks at an open home and says what is there. Synchronous; runs on the threads of <see cref="ContentThreads"/>.</summary>
internal sealed class ContentBrowser(ContentRoot root, ContentsOptions options, DateTimeOffset now)
{
    private static readonly byte[] s_self = [(byte)'.', 0];

    /// <summary>The file or directory <paramref name="path"/> leads to, as a model without content.</summary>
    /// <exception cref="ContentException">Nothing there, or neither file nor directory.</exception>
    public ContentModel Describe(ContentPath path)
    {
        FileStatus status = root.Status(path);
        if (status.Kind is not (FileKind.File or FileKind.Directory))
            throw FileErrors.Of(Errno.NoDevice, path.ToString());
        return ModelOf(path, status, MayWrite(path));
    }

    /// <summary>
    /// Some entries of a directory as models, with one call per entry. Left out are hidden names, the hub's own temporary files, what Jupyter
    /// hides (<c>__pycache__</c>, <c>*.pyc</c>, <c>*~</c> …), names that are no UTF-8, whatever is neither file nor directory, links that lead nowhere or
    /// out of the home, and what this user may not read.
    /// </summary>
    public List<ContentModel> Look(OpenedDirectory directory, List<byte[]> names) =>
        Find(directory, names).ConvertAll(entry => ModelOf(entry.Path, entry.Status, entry.Writable));

    /// <summary>The model of something whose status is known already.</summary>
    public static ContentModel ModelOf(ContentPath path, FileStatus status, bool writable)
    {
        bool isDirectory = status.Kind == FileKind.Directory;
        bool isNotebook = !isDirectory && path.IsNotebook;
        return new ContentModel
        {
            Path = path,
            Type = isDirectory ? "directory" : isNotebook ? "notebook" : "file",
            Created = status.Created,
            LastModified = status.Modified,
            Writable = writable,
            Size = isDirectory ? null : status.Size,
            Tag = isDirectory ? null : FileTag.Of(status, writable),
            MimeType = isDirectory || isNotebook ? null : MimeTypes.Guess(path.Name),
        };
    }

    public bool MayWrite(ContentPath path)
    {
        if (path.IsRoot)
            return true;
        try
        {
            using WriteTarget target = root.OpenTarget(path);
            return target.Directory.MayAccess(target.Name, LibC.MayWrite);
        }
        catch (ContentException)
        {
            // The directory above cannot be read, or changes under us: then nothing can be saved here either.
            return false;
        }
    }

    /// <summary>All calls of the operating system in one go as the user, and nothing but them: models are made afterwards.</summary>
    private List<(ContentPath Path, FileStatus Status, bool Writable)> Find(OpenedDirectory directory, List<byte[]> names)
    {
        List<(ContentPath, FileStatus, bool)> entries = new(names.Count);
        using FileUser.Scope asUser = root.User.Enter();
        // On a read-only mount nothing is writable, whatever its mode says.
        bool changeable = directory.MayAccess(s_self, LibC.MayWrite);
        foreach (byte[] raw in names)
        {
            if (FileName.Decode(raw.AsSpan(..^1)) is not { } name)
                continue;
            if (HubLitter.IsSpare(name))
                continue;
            if (HubLitter.IsOurs(name))
                RemoveWhenOld(directory, raw);
            else if (ContentNames.IsListed(name, options) && Entry(directory, raw, directory.Path.Entry(name), changeable) is { } entry)
                entries.Add(entry);
        }
        return entries;
    }

    private (ContentPath, FileStatus, bool)? Entry(OpenedDirectory directory, byte[] name, ContentPath path, bool changeable)
    {
        const uint ownerReadsAndWrites = 0x180;
        if (directory.FindStatus(name) is not { } status)
            return null;
        if (status.Kind == FileKind.Link)
            return root.FindStatus(path) is { Kind: FileKind.File or FileKind.Directory } target ? (path, target, MayWrite(path)) : null;
        if (status.Kind == FileKind.Other)
            return null;
        // The owner's bits decide for the owner, so the common case needs no further call.
        if (changeable && status.UserId == root.User.Id && (status.Mode & ownerReadsAndWrites) == ownerReadsAndWrites)
            return (path, status, true);
        return directory.MayAccess(name, LibC.MayRead) ? (path, status, directory.MayAccess(name, LibC.MayWrite)) : null;
    }

    private void RemoveWhenOld(OpenedDirectory directory, byte[] name)
    {
        try
        {
            if (directory.FindStatus(name) is { } status && now - status.Modified > TimeSpan.FromHours(options.LitterHours))
                Trees.Remove(directory, name, options.MaxDirectoryDepth);
        }
        catch (ContentException)
        {
            // A directory that may be read but not changed keeps its litter; the listing is what was asked for.
        }
    }
}
