namespace Hub.Contents.FileSystem;

/// <summary>Removes and copies directories with all that is in them, one open directory per level and never through a link.</summary>
internal static class Trees
{
    private const int PassesWhileFilled = 8;

    /// <summary>
    /// Removes a file, a link or a whole directory. A tree may be deeper than the hub could hold directories open (a kernel can nest without end): what
    /// lies below <paramref name="maxDepth"/> is moved up into the tree's own top, and removed from there.
    /// </summary>
    /// <exception cref="ContentException">Something may not be removed, or is filled faster than it is emptied.</exception>
    public static void Remove(OpenedDirectory parent, byte[] name, int maxDepth)
    {
        FileStatus status = parent.FindStatus(name) ?? throw FileErrors.Of(Errno.NoEntry, parent.PathOf(name));
        if (status.Kind != FileKind.Directory)
        {
            parent.Remove(name, isDirectory: false);
            return;
        }
        using OpenedDirectory top = parent.OpenDirectory(name);
        for (int pass = 0; ; pass++)
        {
            bool movedUp = Empty(top, top, maxDepth);
            try
            {
                parent.Remove(name, isDirectory: true);
                return;
            }
            catch (ContentException full) when (full.Failure == ContentFailure.Exists && (movedUp || pass < PassesWhileFilled))
            {
                // Parts were moved up, or somebody put something in meanwhile: once more.
            }
        }
    }

    /// <summary>Copies what is in <paramref name="from"/> into <paramref name="to"/>: files, directories and links; FIFOs, sockets and devices are left out.</summary>
    /// <param name="budget">Bytes that may still be copied; what was copied is taken off.</param>
    /// <exception cref="ContentException">More or deeper than the options allow, or something may not be read.</exception>
    public static void Copy(OpenedDirectory from, OpenedDirectory to, ContentsOptions options, ref long budget, int depth, CancellationToken cancellationToken)
    {
        if (depth > options.MaxDirectoryDepth)
        {
            throw new ContentException(
                ContentFailure.BadRequest, $"'{from.Path}' is nested deeper than Contents:MaxDirectoryDepth ({options.MaxDirectoryDepth}) and cannot be copied");
        }
        foreach (byte[] name in from.Names())
        {
            cancellationToken.ThrowIfCancellationRequested();
            switch (from.FindStatus(name)?.Kind)
            {
                case FileKind.Link:
                    from.CopyLink(name, to);
                    break;
                case FileKind.Directory:
                    to.TryMakeDirectory(name, FileModes.Directory);
                    using (OpenedDirectory source = from.OpenDirectory(name))
                    using (OpenedDirectory target = to.OpenDirectory(name))
                        Copy(source, target, options, ref budget, depth + 1, cancellationToken);
                    break;
                case FileKind.File:
                    using (OpenedFile? file = from.OpenFile(name))
                    {
                        using PendingFile? copy = file is null ? null : CopyFile(file, to, options, ref budget, cancellationToken);
                        copy?.TryPlace(name, file!.Status.Mode & FileModes.Permissions);
                    }
                    break;
            }
        }
    }

    /// <summary>A pending copy of a file; the caller places and disposes it.</summary>
    /// <param name="replaces">See <see cref="PendingFile.Create"/>.</param>
    public static PendingFile CopyFile(OpenedFile file, OpenedDirectory to, ContentsOptions options, ref long budget, CancellationToken cancellationToken, long replaces = 0)
    {
        PendingFile copy = PendingFile.Create(to, file.Path, replaces: replaces);
        try
        {
            if (!copy.TryCopyFrom(file, budget, cancellationToken))
                throw new ContentException(ContentFailure.TooLarge, $"The copy would be larger than Contents:MaxCopyBytes ({options.MaxCopyBytes} bytes)");
            budget -= copy.Length;
            return copy;
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    /// <returns>True when something too deep was moved up to <paramref name="top"/>.</returns>
    private static bool Empty(OpenedDirectory top, OpenedDirectory directory, int levels)
    {
        bool movedUp = false;
        foreach (byte[] name in directory.Names())
        {
            if (directory.FindStatus(name) is not { Kind: FileKind.Directory })
            {
                directory.Remove(name, isDirectory: false);
                continue;
            }
            if (levels <= 1)
            {
                movedUp |= directory.TryMove(name, top, FileName.Encode(HubLitter.Temporary()));
                continue;
            }
            using (OpenedDirectory inner = directory.OpenDirectory(name))
                movedUp |= Empty(top, inner, levels - 1);
            directory.Remove(name, isDirectory: true);
        }
        return movedUp;
    }
}
