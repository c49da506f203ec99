using System.Formats.Tar;
using System.IO.Compression;

namespace Hub.Backup;

/// <summary>
/// Lays an archive out below a new, empty directory that only the hub can enter. The archive may be anybody's: nothing is written outside of the directory or
/// through a link, links are made last, and devices, FIFOs, hard links and privileged modes are not made at all.
/// </summary>
internal sealed class ArchiveReader(string root)
{
    private const UnixFileMode Permissions = (UnixFileMode)0x1FF;
    private const UnixFileMode OwnerAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly HashSet<string> _directories = new(StringComparer.Ordinal) { "" };
    private readonly List<(string Path, string Target)> _links = [];
    private readonly List<(string Path, UnixFileMode Mode)> _modes = [];
    private readonly HashSet<string> _others = new(StringComparer.Ordinal);

    /// <summary>Returns how many files and links were made.</summary>
    /// <exception cref="InvalidDataException">The archive is damaged, or has an entry that no backup has; names it.</exception>
    public long Read(Stream archive, CancellationToken cancellationToken)
    {
        using GZipStream unpacked = new(archive, CompressionMode.Decompress, leaveOpen: true);
        using TarReader entries = new(unpacked, leaveOpen: true);
        try
        {
            while (entries.GetNextEntry() is { } entry)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Take(entry);
            }
        }
        catch (Exception damaged) when (damaged is EndOfStreamException or FormatException or ArgumentException or NotSupportedException)
        {
            throw new InvalidDataException($"it is damaged: {damaged.Message}", damaged);
        }
        foreach ((string path, string target) in _links)
            File.CreateSymbolicLink(Place(path), target);
        // From the inside to the outside, since a directory may forbid to enter it.
        foreach ((string path, UnixFileMode mode) in Enumerable.Reverse(_modes))
            File.SetUnixFileMode(Place(path), mode | OwnerAll);
        return _others.Count;
    }

    private void Take(TarEntry entry)
    {
        bool isDirectory = entry.EntryType == TarEntryType.Directory;
        bool isLink = entry.EntryType == TarEntryType.SymbolicLink;
        if (!isDirectory && !isLink && entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile))
            throw Refused(entry, $"it is a {entry.EntryType}");
        if (BackupPath.Problem(entry.Name, isDirectory, isLink) is { } problem)
            throw Refused(entry, problem);
        string path = entry.Name.TrimEnd('/');
        string parent = path[..Math.Max(path.LastIndexOf('/'), 0)];
        if (!_directories.Contains(parent))
            throw Refused(entry, "the directory it lies in is none, or comes later");
        if (_directories.Contains(path) || _others.Contains(path))
            throw Refused(entry, "it is there twice");
        if (isDirectory)
        {
            _directories.Add(path);
            Directory.CreateDirectory(Place(path), OwnerAll);
            _modes.Add((path, entry.Mode & Permissions));
            return;
        }
        _others.Add(path);
        if (isLink)
        {
            if (entry.LinkName.Length is 0 or >= 4096 || entry.LinkName.Contains('\0', StringComparison.Ordinal))
                throw Refused(entry, "it leads nowhere");
            _links.Add((path, entry.LinkName));
            return;
        }
        Write(entry, Place(path));
    }

    private static void Write(TarEntry entry, string place)
    {
        using FileStream file = new(place, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        entry.DataStream?.CopyTo(file);
        File.SetUnixFileMode(file.SafeFileHandle, entry.Mode & Permissions);
        file.Flush();
        File.SetLastWriteTimeUtc(file.SafeFileHandle, entry.ModificationTime.UtcDateTime);
    }

    private string Place(string path) => Path.Combine(root, path);

    private static InvalidDataException Refused(TarEntry entry, string why) =>
        new($"the entry '{(entry.Name.Length > 200 ? entry.Name[..200] + "…" : entry.Name)}' is refused: {why}.");
}
