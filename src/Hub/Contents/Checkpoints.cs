using System.Globalization;
using System.Text.RegularExpressions;
using Hub.Contents.FileSystem;

namespace Hub.Contents;

/// <summary>
/// Kept states of a file. They lie where Jupyter keeps them, in <c>.ipynb_checkpoints/{stem}-checkpoint{extension}</c> beside the file: homes that come from
/// or go to another Jupyter server keep theirs, they count against the user's own quota, and they move with the directory. That name is always the newest
/// state; those before it have the time they were kept in place of the word <c>checkpoint</c>, and are found by nobody but us. An id holds no dash, thus the name
/// always tells which file it belongs to. Synchronous; runs on the threads of <see cref="ContentThreads"/>.
/// </summary>
internal sealed partial class Checkpoints(ContentRoot root, ContentsOptions options)
{
    /// <summary>Id of the newest state, whatever other one it has; the only id Jupyter knows.</summary>
    public const string Newest = "checkpoint";

    private static readonly byte[] s_directory = FileName.Encode(".ipynb_checkpoints");

    /// <summary>
    /// Keeps the present state. One that is the newest kept already only becomes younger. What is too old, or too much, goes when the new state is on the disk;
    /// in a full home the oldest go before.
    /// </summary>
    public (string Id, DateTimeOffset LastModified) Create(ContentPath path)
    {
        using OpenedFile file = root.OpenFile(path);
        using OpenedDirectory parent = root.OpenDirectory(path.Parent);
        parent.TryMakeDirectory(s_directory, FileModes.Directory);
        using OpenedDirectory directory = parent.OpenDirectory(s_directory);
        List<State> states = StatesOf(directory, path);
        byte[] name = NameOf(path, Newest);
        State? last = states.Find(state => state.Name.AsSpan().SequenceEqual(name));
        if (last is not null && TryTouch(directory, last, file) is { } touched)
            return (states.Count == 1 ? Newest : IdOf(touched), touched);
        long replaces = last is not null && options.CheckpointsPerFile == 1 ? last.Status.Releases : 0;
        (PendingFile copied, bool inPlace) = CopyIntoFull(file, directory, states, last, replaces);
        using PendingFile copy = copied;
        copy.Flush();
        if (last is not null && !inPlace && options.CheckpointsPerFile > 1)
            directory.Replace(name, directory, NameOf(path, last.Id));
        DateTimeOffset kept = copy.Replace(name, FileModes.File).Modified;
        return (RemoveTooMany(directory, path) == 1 ? Newest : IdOf(kept), kept);
    }

    /// <summary>All states kept of a file, oldest first: JupyterLab asks in the reverse order which one to go back to.</summary>
    public List<(string Id, DateTimeOffset LastModified)> List(ContentPath path)
    {
        RequireFile(path);
        using OpenedDirectory? directory = TryOpen(path);
        List<State> states = directory is null ? [] : StatesOf(directory, path);
        return states.ConvertAll(state => (states.Count == 1 ? Newest : state.Id, state.Status.Modified));
    }

    /// <summary>
    /// Puts a kept state in the place of the file, at once or not at all. What it replaces is kept before, so that going back is no loss; only where a
    /// file has no more than one state it is not.
    /// </summary>
    public void Restore(ContentPath path, string id)
    {
        using OpenedDirectory? directory = TryOpen(path);
        using OpenedFile kept = (directory is null || Find(directory, path, id) is not { } state ? null : directory.OpenFile(state.Name)) ?? throw Missing(path, id);
        if (options.CheckpointsPerFile > 1 && root.FindStatus(path) is { Kind: FileKind.File })
            Create(path);
        using WriteTarget target = root.OpenTarget(path);
        long budget = long.MaxValue;
        using PendingFile copy = Trees.CopyFile(kept, target.Directory, options, ref budget, CancellationToken.None, target.Existing?.Releases ?? 0);
        copy.Replace(target.Name, (target.Existing?.Mode ?? FileModes.File) & FileModes.Permissions);
    }

    public void Delete(ContentPath path, string id)
    {
        using OpenedDirectory? directory = TryOpen(path);
        if (directory is null || Find(directory, path, id) is not { } state || !directory.Remove(state.Name, isDirectory: false))
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

    private static State? Find(OpenedDirectory directory, ContentPath path, string id)
    {
        if (!IsId(id))
            return null;
        List<State> states = StatesOf(directory, path);
        return id == Newest ? states.LastOrDefault() : states.Find(state => state.Id == id);
    }

    /// <summary>Oldest first.</summary>
    private static List<State> StatesOf(OpenedDirectory directory, ContentPath path)
    {
        List<State> states = [];
        foreach ((byte[] name, string id) in Named(directory, path))
            if (directory.FindStatus(name) is { Kind: FileKind.File } status)
                states.Add(new State(name, id == Newest ? IdOf(status.Modified) : id, status));
        return [.. states.OrderBy(state => state.Status.Modified)];
    }

    /// <summary>When its state is the same as the file's, it is made as young as if it were kept now.</summary>
    private static DateTimeOffset? TryTouch(OpenedDirectory directory, State last, OpenedFile file)
    {
        using OpenedFile? kept = last.Status.Size == file.Status.Size ? directory.OpenFile(last.Name) : null;
        if (kept is null || !kept.HasContentOf(file))
            return null;
        using (directory.User.Enter())
            return LibC.TouchAt(directory.Handle, last.Name, 0, LibC.NoFollow) == 0 ? directory.FindStatus(last.Name)?.Modified : null;
    }

    /// <summary>
    /// A copy on the disk; where there is no room, states make some, the oldest first. The newest is never removed before: where it is the only one left, the copy takes its
    /// place, so that a full home can be saved into as often as before.
    /// </summary>
    private (PendingFile Copy, bool InPlace) CopyIntoFull(OpenedFile file, OpenedDirectory directory, List<State> states, State? last, long replaces)
    {
        bool inPlace = false;
        for (int removed = 0; ; removed++)
        {
            try
            {
                long budget = long.MaxValue;
                return (Trees.CopyFile(file, directory, options, ref budget, CancellationToken.None, replaces), inPlace);
            }
            catch (ContentException full) when (full.Failure == ContentFailure.NoSpace && removed < states.Count - 1)
            {
                directory.Remove(states[removed].Name, isDirectory: false);
            }
            catch (ContentException full) when (full.Failure == ContentFailure.NoSpace && last is not null && !inPlace)
            {
                (inPlace, replaces) = (true, last.Status.Releases);
            }
        }
    }

    /// <returns>How many are left.</returns>
    private int RemoveTooMany(OpenedDirectory directory, ContentPath path)
    {
        List<State> states = StatesOf(directory, path);
        int count = states.Count;
        long bytes = states.Sum(state => state.Status.Size);
        foreach (State oldest in states.SkipLast(1))
        {
            if (count <= options.CheckpointsPerFile && bytes <= options.MaxCheckpointBytes)
                break;
            directory.Remove(oldest.Name, isDirectory: false);
            bytes -= oldest.Status.Size;
            count--;
        }
        return count;
    }

    /// <summary>The time a state was kept, as its id.</summary>
    private static string IdOf(DateTimeOffset kept) => kept.UtcDateTime.ToString("yyyyMMdd'_'HHmmss'_'fffffff", CultureInfo.InvariantCulture);

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

    private sealed record State(byte[] Name, string Id, FileStatus Status);

    [GeneratedRegex(@"\A[A-Za-z0-9_]{1,64}\z")]
    private static partial Regex Id();
}
