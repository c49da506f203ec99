using System.Globalization;
using System.IO.Compression;
using System.Text;
using Hub.Classes.Rosters;
using Hub.Contents;
using Hub.Contents.FileSystem;

namespace Hub.Classes.Ending;

/// <summary>
/// Everything of a class as one ZIP, written as it is read: <c>people.csv</c>, a directory per member, and <c>left-out.csv</c> when something could not be taken.
/// Links are not followed and not kept; names are escaped so that no program can be led out of its directory by one.
/// </summary>
/// <remarks>Synchronous: belongs on a thread of its own.</remarks>
internal sealed class ClassArchive(Stream target, int maxDepth, CancellationToken cancellationToken) : IDisposable
{
    private const int BufferBytes = 128 << 10;

    private readonly ZipArchive _archive = new(target, ZipArchiveMode.Create, leaveOpen: true, Encoding.UTF8);
    private readonly List<(string Path, string Why)> _left = [];
    private readonly byte[] _buffer = new byte[BufferBytes];

    public long Files { get; private set; }

    /// <summary>The members and where their files are in the archive.</summary>
    public void TakePeople(IEnumerable<ClassMember> members)
    {
        StringBuilder people = new(CsvCodec.Encode("name", "display_name", "role", "guest", "joined", "directory"));
        foreach (ClassMember member in members)
        {
            people.Append(CsvCodec.Encode(
                member.UserName, member.DisplayName, member.Teacher ? "teacher" : "student", member.Guest ? "yes" : "no",
                member.Joined.ToString("O", CultureInfo.InvariantCulture), DirectoryOf(member)));
        }
        TakeText("people.csv", people.ToString());
    }

    /// <summary>The class' folder of a member's home; of a guest, whose home goes, all of it.</summary>
    public void Take(ClassMember member, HomeDirectory home)
    {
        string prefix = DirectoryOf(member);
        if (!Directory.Exists(home.Path) || (member.Folder.Length == 0 && !member.Guest))
            return;
        try
        {
            using ContentRoot root = ContentRoot.Open(home);
            using OpenedDirectory top = root.OpenDirectory(ContentPath.Root);
            if (member.Guest)
            {
                Take(top, prefix, 1);
            }
            else if (top.FindStatus(FileName.Encode(member.Folder)) is { Kind: FileKind.Directory })
            {
                using OpenedDirectory folder = top.OpenDirectory(FileName.Encode(member.Folder));
                Take(folder, prefix, 1);
            }
        }
        catch (ContentException failure)
        {
            _left.Add((prefix, failure.Message));
        }
    }

    /// <summary>What could not be taken, if anything; nothing may be taken afterwards.</summary>
    public void Finish()
    {
        if (_left.Count > 0)
            TakeText("left-out.csv", CsvCodec.Encode("path", "why") + string.Concat(_left.Select(left => CsvCodec.Encode(left.Path, left.Why))));
    }

    public void Dispose() => _archive.Dispose();

    /// <summary>One name for one name: what stays as it is cannot be what something else is escaped to.</summary>
    internal static string Escape(ReadOnlySpan<byte> name)
    {
        string? readable = FileName.Decode(name);
        var escaped = new StringBuilder();
        if (readable is null)
        {
            foreach (byte one in name)
            {
                if (one is > 0x20 and < 0x7F and not ((byte)'%' or (byte)'\\' or (byte)':' or (byte)'/'))
                    escaped.Append((char)one);
                else
                    escaped.Append(CultureInfo.InvariantCulture, $"%{one:X2}");
            }
            return escaped.ToString();
        }
        foreach (char letter in readable)
        {
            // A backslash is a separator to some programs, a colon names a drive, and controls do harm in terminals.
            if (char.IsControl(letter) || letter is '\\' or ':' or '%' or '/')
                escaped.Append(CultureInfo.InvariantCulture, $"%{(int)letter:X2}");
            else
                escaped.Append(letter);
        }
        string whole = escaped.ToString();
        return whole is "." or ".." ? whole.Replace(".", "%2E", StringComparison.Ordinal) : whole;
    }

    private static string DirectoryOf(ClassMember member) => HomeName.Of(member.UserName);

    private void Take(OpenedDirectory directory, string at, int depth)
    {
        foreach (byte[] name in directory.Names())
        {
            cancellationToken.ThrowIfCancellationRequested();
            string entry = Escape(name.AsSpan(..^1));
            string path = $"{at}/{entry}";
            if (HubLitter.IsOurs(entry))
                continue;
            try
            {
                TakeEntry(directory, name, path, depth);
            }
            catch (ContentException gone)
            {
                // Renamed, removed or turned into something else since it was listed.
                _left.Add((path, gone.Message));
            }
        }
    }

    private void TakeEntry(OpenedDirectory directory, byte[] name, string path, int depth)
    {
        switch (directory.FindStatus(name)?.Kind)
        {
            case FileKind.Directory when depth < maxDepth:
                using (OpenedDirectory below = directory.OpenDirectory(name))
                    Take(below, path, depth + 1);
                break;
            case FileKind.File:
                using (OpenedFile? file = directory.OpenFile(name))
                {
                    if (file is not null)
                        TakeFile(file, path);
                }
                break;
            case null:
                break;
            case FileKind.Link:
                _left.Add((path, "a link; links are not followed"));
                break;
            default:
                _left.Add((path, FormattableString.Invariant($"neither file nor directory of at most {maxDepth} levels")));
                break;
        }
    }

    private void TakeFile(OpenedFile file, string path)
    {
        ZipArchiveEntry entry = _archive.CreateEntry(path, CompressionLevel.Fastest);
        // The format knows no time before 1980 and none after 2107.
        DateTimeOffset at = file.Status.Modified;
        entry.LastWriteTime = at.Year is > 1980 and < 2107 ? at : new DateTimeOffset(1980, 1, 2, 0, 0, 0, TimeSpan.Zero);
        using Stream content = entry.Open();
        long offset = 0;
        for (int read; (read = file.Read(_buffer, offset)) > 0; offset += read)
        {
            cancellationToken.ThrowIfCancellationRequested();
            content.Write(_buffer, 0, read);
        }
        Files++;
    }

    private void TakeText(string name, string text)
    {
        using Stream content = _archive.CreateEntry(name, CompressionLevel.Fastest).Open();
        content.Write(Encoding.UTF8.GetBytes(text));
    }
}
