using System.Text;
using Hub.Contents.FileSystem;

namespace Hub.Contents.Archives;

/// <summary>
/// Walks a directory for an archive, one open directory per level and never through a link. It shows what a listing shows: hidden names and what only
/// programs want are passed over in silence; links, devices and what nobody may read or name are noted in <see cref="ArchiveRemarks"/>.
/// </summary>
internal sealed class ArchiveWalk(ContentRoot root, ContentPath path, string top, ContentsOptions options)
{
    /// <summary>What could not go in as it is.</summary>
    public ArchiveRemarks Remarks { get; } = new();

    /// <summary>Directories before what is in them. Dispose the enumerator: it holds directories open.</summary>
    /// <exception cref="ContentException">More entries or levels than the options allow.</exception>
    public IEnumerable<ArchiveItem> Items()
    {
        Stack<Level> levels = new();
        int entries = 0;
        try
        {
            levels.Push(new Level(root.OpenDirectory(path), top));
            while (levels.TryPeek(out Level? level))
            {
                if (!level.Names.TryDequeue(out byte[]? entry))
                {
                    levels.Pop().Dispose();
                    continue;
                }
                if (ItemOf(level, entry) is not { } item)
                    continue;
                if (++entries > options.MaxArchiveEntries)
                    throw new ContentException(ContentFailure.TooLarge, $"'{path}' has more entries than Contents:MaxArchiveEntries ({options.MaxArchiveEntries}) allows in one archive");
                yield return item;
                if (item.Status.Kind != FileKind.Directory)
                    continue;
                if (levels.Count >= options.MaxDirectoryDepth)
                    throw new ContentException(ContentFailure.TooLarge, $"'{path}' is nested deeper than Contents:MaxDirectoryDepth ({options.MaxDirectoryDepth}) and cannot be put into an archive");
                if (TryOpen(item) is { } inner)
                    levels.Push(inner);
            }
        }
        finally
        {
            foreach (Level level in levels)
                level.Dispose();
        }
    }

    private ArchiveItem? ItemOf(Level level, byte[] entry)
    {
        if (FileName.Decode(entry.AsSpan(..^1)) is not { } name)
        {
            Remarks.Add(level.Name + "/?", "its name is no UTF-8");
            return null;
        }
        if (!ContentNames.IsListed(name, options))
            return null;
        string plain = Plain(name);
        string full = $"{level.Name}/{plain}";
        if (level.Directory.FindStatus(entry) is not { } status)
            return null;
        if (status.Kind is FileKind.Link or FileKind.Other)
        {
            Remarks.Add(full, status.Kind == FileKind.Link ? "a link; links are not followed" : "neither file nor directory");
            return null;
        }
        if (plain != name)
            Remarks.Add(full, "its name had characters that do harm elsewhere; they are underscores here");
        return new ArchiveItem(full, level.Directory, entry, status);
    }

    private Level? TryOpen(ArchiveItem item)
    {
        try
        {
            return new Level(item.Directory.OpenDirectory(item.Entry), item.Name);
        }
        catch (ContentException closed) when (closed.Failure is ContentFailure.Forbidden or ContentFailure.NotFound)
        {
            Remarks.Add(item.Name, closed.Failure == ContentFailure.Forbidden ? "permission denied" : "removed meanwhile");
            return null;
        }
    }

    /// <summary>A kernel can name a file <c>..\..\x</c>, which climbs out of the directory when Windows unpacks it; control characters break terminals.</summary>
    private static string Plain(string name)
    {
        if (!name.AsSpan().ContainsAny('\\', ':') && !name.Any(char.IsControl))
            return name;
        StringBuilder plain = new(name.Length);
        foreach (char letter in name)
            plain.Append(letter is '\\' or ':' || char.IsControl(letter) ? '_' : letter);
        return plain.ToString();
    }

    private sealed class Level(OpenedDirectory directory, string name) : IDisposable
    {
        public OpenedDirectory Directory { get; } = directory;

        public string Name { get; } = name;

        public Queue<byte[]> Names { get; } = new(directory.Names());

        public void Dispose() => Directory.Dispose();
    }
}
