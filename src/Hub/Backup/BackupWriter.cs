using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;
using Hub.Contents;
using Hub.Contents.FileSystem;
using Hub.Contents.Quotas;
using Hub.Http;
using Hub.Storage;
using Hub.Storage.Copies;
using Hub.Telemetry;

namespace Hub.Backup;

/// <summary>
/// Writes one archive (tar, gzip) of what the hub keeps, while it runs: the database at one moment, then keys, settings of JupyterLab, and homes. A file is
/// taken as it is when its turn comes; what the hub saves is never torn, since it is renamed into place. Journals of running kernels, locks and sockets stay out.
/// </summary>
/// <remarks>
/// Homes are walked without following a link, each directory opened beneath the last: their owners may change them meanwhile, and must not get files
/// of others into their own home by a restore.
/// </remarks>
internal sealed class BackupWriter(DataLayout layout, DatabaseExport database, HomeImages images, TimeProvider time)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Deeper directories are left out: each one above is open meanwhile.</summary>
    private const int MaxDepth = 400;

    /// <exception cref="StorageException">There is no hub's data, or <paramref name="file"/> is there already.</exception>
    /// <exception cref="IOException">It cannot be written; nothing of it remains.</exception>
    public async Task<BackupResult> WriteAsync(string file, bool withHomes, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(layout.Root))
            throw new StorageException($"There is no data directory {layout.Root} (Hub:Data).");
        if (File.Exists(file))
            throw new StorageException($"{file} is there already; name a new file.");
        string unfinished = file + ".unfinished";
        string rows = file + ".database";
        try
        {
            BackupManifest manifest = new(BackupManifest.ProductName, BackupManifest.CurrentFormat, HubMetrics.Version, time.GetUtcNow(), withHomes);
            long count;
            await using (StreamWriter copy = new(New(rows)))
                count = await database.WriteAsync(copy, cancellationToken);
            BackupResult result;
            await using (FileStream target = New(unfinished))
            {
                await using (GZipStream packed = new(target, CompressionLevel.Fastest, leaveOpen: true))
                await using (TarWriter archive = new(packed, TarEntryFormat.Pax))
                    result = Write(archive, manifest, rows, cancellationToken) with { Rows = count };
                target.Flush(flushToDisk: true);
            }
            File.Move(unfinished, file);
            return result;
        }
        finally
        {
            File.Delete(rows);
            File.Delete(unfinished);
        }
    }

    /// <summary>Readable by the operator alone: it holds keys and hashes of passwords.</summary>
    private static FileStream New(string path) =>
        new(path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OwnerOnly, BufferSize = 1 << 16 });

    private BackupResult Write(TarWriter archive, BackupManifest manifest, string rows, CancellationToken cancellationToken)
    {
        using (MemoryStream head = new(JsonSerializer.SerializeToUtf8Bytes(manifest, ApiJson.Options)))
            archive.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, BackupManifest.Entry) { DataStream = head, Mode = OwnerOnly, ModificationTime = manifest.At });
        archive.WriteEntry(rows, BackupManifest.Database);
        Walk walk = new(archive, cancellationToken);
        walk.Take(layout.Keys, BackupManifest.Keys);
        walk.Take(layout.Profiles, BackupManifest.Profiles);
        walk.Take(layout.Classes, BackupManifest.Classes);
        if (manifest.Homes)
        {
            MountHomes();
            walk.Take(layout.Homes, BackupManifest.HomesDirectory);
        }
        return new BackupResult(0, walk.Files, walk.Left);
    }

    /// <summary>Homes in images are seen only while they are mounted, also when no hub runs.</summary>
    private void MountHomes()
    {
        try
        {
            images.FindAll();
        }
        catch (HomeException failure)
        {
            throw new StorageException($"A home cannot be read: {failure.Message} Nothing was written; --no-homes leaves them out.", failure);
        }
    }

    /// <summary>One pass over the directories.</summary>
    private sealed class Walk(TarWriter archive, CancellationToken cancellationToken)
    {
        /// <summary>As the hub itself: it may read every home.</summary>
        private readonly FileUser _hub = new(null, null);

        public long Files { get; private set; }

        public List<string> Left { get; } = [];

        public void Take(string directory, string name)
        {
            using OpenedDirectory? opened = OpenedDirectory.TryOpen(directory, _hub);
            if (opened is not null)
                Take(opened, name, 1);
        }

        private void Take(OpenedDirectory directory, string at, int depth)
        {
            cancellationToken.ThrowIfCancellationRequested();
            FileStatus status = OpenedFile.StatusOf(directory.Handle, at);
            archive.WriteEntry(Entry(TarEntryType.Directory, at + "/", status));
            foreach (byte[] name in directory.Names())
            {
                if (FileName.Decode(name.AsSpan(..^1)) is not { } readable)
                    Left.Add($"{at}: a name that is no UTF-8");
                else if (at.Length + readable.Length >= BackupPath.MaxLength)
                    Left.Add($"{at}: a path of more than {BackupPath.MaxLength} characters");
                else if (!HubLitter.IsOurs(readable))
                    TakeEntry(directory, name, $"{at}/{readable}", depth);
            }
        }

        private void TakeEntry(OpenedDirectory directory, byte[] name, string path, int depth)
        {
            try
            {
                switch (directory.FindStatus(name))
                {
                    case { Kind: FileKind.Directory } when depth < MaxDepth:
                        using (OpenedDirectory below = directory.OpenDirectory(name))
                            Take(below, path, depth + 1);
                        break;
                    case { Kind: FileKind.File }:
                        TakeFile(directory, name, path);
                        break;
                    case { Kind: FileKind.Link } link when directory.ReadLink(name) is { } leadsTo:
                        PaxTarEntry entry = Entry(TarEntryType.SymbolicLink, path, link);
                        entry.LinkName = leadsTo;
                        archive.WriteEntry(entry);
                        Files++;
                        break;
                    case null:
                        break;
                    default:
                        Left.Add($"{path}: neither file, readable link nor directory of at most {MaxDepth} levels");
                        break;
                }
            }
            catch (ContentException gone)
            {
                // Renamed, removed or turned into something else since it was listed.
                Left.Add($"{path}: {gone.Message}");
            }
        }

        private void TakeFile(OpenedDirectory directory, byte[] name, string path)
        {
            using OpenedFile? file = directory.OpenFile(name);
            if (file is null)
                return;
            using OpenedFileStream content = new(file);
            PaxTarEntry entry = Entry(TarEntryType.RegularFile, path, file.Status);
            entry.DataStream = content;
            archive.WriteEntry(entry);
            Files++;
            if (content.HasShrunk)
                Left.Add($"{path}: became shorter while it was read");
        }

        private static PaxTarEntry Entry(TarEntryType type, string path, FileStatus status) => new(type, path)
        {
            Mode = (UnixFileMode)(status.Mode & 0x1FF),
            ModificationTime = status.Modified,
        };
    }
}
