using System.Text.RegularExpressions;
using Hub.Contents.FileSystem;

namespace Hub.Contents;

/// <summary>
/// Kept states of a file. They lie where Jupyter keeps them, in <c>.ipynb_checkpoints/{stem}-{id}{extension}</c> beside the file: homes that come from or go
/// to another Jupyter server keep theirs, they count against the user's own quota, and they move with the directory. Today there is one, with the id
/// <c>checkpoint</c>; more are a matter of making other ids, because an id holds no dash and thus the name always tells which file it belongs to.
/// Synchronous; runs on the threads of <see cref="ContentThreads"/>.
/// </summary>
internal sealed partial class Checkpoints(ContentRoot root, ContentsOptions options)
{
    public const string TheOne = "checkpoint";

    private static readonly byte[] s_directory = FileName.Encode(".ipynb_checkpoints");

    /// <summary>Keeps the present state, in place of the one kept before.</summary>
    public (string Id, DateTimeOffset LastModified) Create(ContentPath path)
    {
        using OpenedFile file = root.OpenFile(path);
        using OpenedDirectory parent = root.OpenDirectory(path.Parent);
        parent.TryMakeDirectory(s_directory, FileModes.Directory);
        using OpenedDirectory directory = parent.OpenDirectory(s_directory);
        long budget = long.MaxValue;
        byte[] name = NameOf(path, TheOne);
        using PendingFile copy = Trees.CopyFile(file, directory, options, ref budget, CancellationToken.None, directory.FindStatus(name)?.Releases ?? 0);
        return (TheOne, copy.Replace(name, FileModes.File).Modified);
    }

    /// <summary>All states kept of a file, oldest first.</summary>
    public List<(string Id, DateTimeOffset LastModified)> List(ContentPath path)
    {
        RequireFile(path);
        using OpenedDirectory? directory = TryOpen(path);
        if (directory is null)
            return [];
        List<(string Id, DateTimeOffset LastModified)> found = [];
        foreach (byte[] raw in directory.Names())
            if (FileName.Decode(raw.AsSpan(..^1)) is { } name && IdIn(name, path.Name) is { } id && directory.FindStatus(raw) is { Kind: FileKind.File } status)
                found.Add((id, status.Modified));
        return [.. found.OrderBy(checkpoint => checkpoint.LastModified)];
    }

    /// <summary>Puts a kept state in the place of the file, at once or not at all.</summary>
    public void Restore(ContentPath path, string id)
    {
        using OpenedDirectory? directory = TryOpen(path);
        using OpenedFile kept = (IsId(id) ? directory?.OpenFile(NameOf(path, id)) : null) ?? throw Missing(path, id);
        using WriteTarget target = root.OpenTarget(path);
        long budget = long.MaxValue;
        using PendingFile copy = Trees.CopyFile(kept, target.Directory, options, ref budget, CancellationToken.None, target.Existing?.Releases ?? 0);
        copy.Replace(target.Name, (target.Existing?.Mode ?? FileModes.File) & FileModes.Permissions);
    }

    public void Delete(ContentPath path, string id)
    {
        using OpenedDirectory? directory = TryOpen(path);
        if (directory is null || !IsId(id) || !directory.Remove(NameOf(path, id), isDirectory: false))
            throw Missing(path, id);
    }

    /// <summary>After a rename: the kept states of a file follow it. What bears the new name already is replaced, it belonged to a file that is gone.</summary>
    public void Follow(ContentPath from, ContentPath to)
    {
        using OpenedDirectory? old = TryOpen(from);
        if (old is null)
            return;
        List<(byte[] Name, string Id)> kept = Named(old, from);
        if (kept.Count == 0)
            return;
        using OpenedDirectory parent = root.OpenDirectory(to.Parent);
        parent.TryMakeDirectory(s_directory, FileModes.Directory);
        using OpenedDirectory directory = parent.OpenDirectory(s_directory);
        foreach ((byte[] name, string id) in kept)
            old.Replace(name, directory, NameOf(to, id));
    }

    /// <summary>After a removal: nothing of a file is kept.</summary>
    public void Forget(ContentPath path)
    {
        using OpenedDirectory? directory = TryOpen(path);
        if (directory is null)
            return;
        foreach ((byte[] name, _) in Named(directory, path))
            directory.Remove(name, isDirectory: false);
    }

    private static List<(byte[] Name, string Id)> Named(OpenedDirectory directory, ContentPath path) =>
    [
        .. from raw in directory.Names()
           let id = FileName.Decode(raw.AsSpan(..^1)) is { } name ? IdIn(name, path.Name) : null
           where id is not null && directory.FindStatus(raw) is { Kind: FileKind.File }
           select (raw, id),
    ];

    private OpenedDirectory? TryOpen(ContentPath path)
    {
        try
        {
            using OpenedDirectory parent = root.OpenDirectory(path.Parent);
            return parent.FindStatus(s_directory) is { Kind: FileKind.Directory } ? parent.OpenDirectory(s_directory) : null;
        }
        catch (ContentException missing) when (missing.Failure == ContentFailure.NotFound)
        {
            return null;
        }
    }

    private void RequireFile(ContentPath path) => OpenedFile.RequireRegular(root.Status(path), path.ToString());

    private static byte[] NameOf(ContentPath path, string id)
    {
        (string stem, string extension) = Split(path.Name);
        return FileName.Encode($"{stem}-{id}{extension}");
    }

    private static string? IdIn(string name, string fileName)
    {
        (string stem, string extension) = Split(fileName);
        string prefix = stem + "-";
        return name.Length > prefix.Length + extension.Length
            && name.StartsWith(prefix, StringComparison.Ordinal)
            && name.EndsWith(extension, StringComparison.Ordinal)
            && name[prefix.Length..^extension.Length] is var id
            && IsId(id)
            ? id
            : null;
    }

    /// <summary>Where Python's <c>splitext</c> cuts: at the last dot that is not in front.</summary>
    private static (string Stem, string Extension) Split(string name)
    {
        int dot = name.LastIndexOf('.');
        return dot > 0 && name.AsSpan(0, dot).ContainsAnyExcept('.') ? (name[..dot], name[dot..]) : (name, "");
    }

    private static bool IsId(string id) => Id().IsMatch(id);

    private static ContentException Missing(ContentPath path, string id) =>
        new(ContentFailure.NotFound, $"Checkpoint does not exist: {path.Text}@{(IsId(id) ? id : "?")}");

    [GeneratedRegex(@"\A[A-Za-z0-9_]{1,64}\z")]
    private static partial Regex Id();
}
