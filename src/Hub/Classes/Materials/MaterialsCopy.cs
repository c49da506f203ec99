using Hub.Contents;
using Hub.Contents.FileSystem;

namespace Hub.Classes.Materials;

/// <summary>
/// One pass of materials into one home. What is there, whatever it is, stays as it is: a file is only ever put where nothing bears its name, by a rename
/// that refuses to replace. Links are neither followed nor copied, on either side.
/// </summary>
internal sealed class MaterialsCopy(ClassesOptions options, int maxDepth, CancellationToken cancellationToken)
{
    private long _bytes = options.MaxMaterialsBytes;

    public int Copied { get; private set; }

    public int Kept { get; private set; }

    /// <summary>Of those kept, files with the very bytes that were to be copied.</summary>
    public int Same { get; private set; }

    /// <summary>Brings what was copied to the disk, all at once: a whole class joins in the same minute.</summary>
    public void Finish(OpenedDirectory to)
    {
        if (Copied > 0)
            to.SynchronizeAll();
    }

    /// <summary>All that is in <paramref name="from"/>.</summary>
    /// <exception cref="ContentException">More or deeper than the options allow, or something cannot be read or written.</exception>
    public void Take(OpenedDirectory from, OpenedDirectory to, int depth = 1)
    {
        foreach (byte[] name in from.Names(options.MaxMaterialsFiles))
            TakeEntry(from, to, name, depth);
    }

    /// <summary>One entry of <paramref name="from"/>; false when there is none that can be handed out.</summary>
    public bool TakeEntry(OpenedDirectory from, OpenedDirectory to, byte[] name, int depth = 1)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (FileName.Decode(name.AsSpan(..^1)) is not { } readable || HubLitter.IsOurs(readable) || readable == ".ipynb_checkpoints")
            return false;
        switch (from.FindStatus(name)?.Kind)
        {
            case FileKind.Directory:
                if (depth > maxDepth)
                    throw new ContentException(ContentFailure.BadRequest, $"'{from.PathOf(name)}' is nested deeper than Contents:MaxDirectoryDepth ({maxDepth})");
                to.TryMakeDirectory(name, FileModes.Directory);
                if (to.FindStatus(name) is not { Kind: FileKind.Directory })
                {
                    Kept++;
                    return true;
                }
                using (OpenedDirectory source = from.OpenDirectory(name))
                using (OpenedDirectory target = to.OpenDirectory(name))
                    Take(source, target, depth + 1);
                return true;
            case FileKind.File:
                TakeFile(from, to, name);
                return true;
            default:
                return false;
        }
    }

    private void TakeFile(OpenedDirectory from, OpenedDirectory to, byte[] name)
    {
        using OpenedFile? file = from.OpenFile(name);
        if (file is null)
            return;
        if (to.FindStatus(name) is { } there)
        {
            Kept++;
            if (there.Kind == FileKind.File && IsSame(file, to, name))
                Same++;
            return;
        }
        if (Copied == options.MaxMaterialsFiles)
            throw new ContentException(ContentFailure.TooLarge, $"The materials have more than Classes:MaxMaterialsFiles ({options.MaxMaterialsFiles}) files");
        using PendingFile copy = PendingFile.Create(to, file.Path, durable: false);
        if (!copy.TryCopyFrom(file, _bytes, cancellationToken))
            throw new ContentException(ContentFailure.TooLarge, $"The materials are larger than Classes:MaxMaterialsBytes ({options.MaxMaterialsBytes} bytes)");
        _bytes -= copy.Length;
        // Readable and writable for its new owner, whatever the teacher's was; what could be run still can.
        if (copy.TryPlace(name, FileModes.File | (file.Status.Mode & 0x49)) is null)
            Kept++; // somebody made one in this moment
        else
            Copied++;
    }

    private bool IsSame(OpenedFile file, OpenedDirectory to, byte[] name)
    {
        using OpenedFile? other = to.OpenFile(name);
        return other is not null && other.Status.Size == file.Status.Size && FileScan.Of(other, cancellationToken).Hash == FileScan.Of(file, cancellationToken).Hash;
    }
}
