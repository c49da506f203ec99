using System.Globalization;
using System.Text.Json;
using Hub.Http;
using Hub.Storage;
using Hub.Storage.Copies;

namespace Hub.Backup;

/// <summary>
/// Puts an archive of <see cref="BackupWriter"/> in the place of what the hub keeps, on whichever database the settings name:
/// 1. the data directory must be nobody's at the moment, and empty unless forced;
/// 2. the archive is laid out aside; whatever is wrong with it is found here, and nothing has happened;
/// 3. what was there moves to <c>before-restore-…</c>, with a copy of the database;
/// 4. the database is filled in one transaction, and brought to this program's schema;
/// 5. the files move into place, and homes get their owners.
/// </summary>
internal sealed class BackupReader(DataLayout layout, DataLock dataLock, DatabaseLock databaseLock, DatabaseImport import, DatabaseExport export, Migrator migrator, HomeOwners owners, TimeProvider time)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <exception cref="StorageException">In use, not empty, or not a backup of a hub; the message says what to do.</exception>
    public async Task<BackupResult> ReadAsync(string file, bool force, CancellationToken cancellationToken)
    {
        if (!File.Exists(file))
            throw new StorageException($"There is no file {file}.");
        layout.Create();
        if (!dataLock.TryTake())
            throw new StorageException($"A hub runs on {layout.Root}. End it first; its kernels may run on.");
        await databaseLock.TakeAsync(cancellationToken);
        bool isEmpty = Contents.All(directory => !Directory.EnumerateFileSystemEntries(directory).Any()) && await import.IsEmptyAsync(cancellationToken);
        if (!isEmpty && !force)
            throw new StorageException($"There are accounts or files in {layout.Root} or its database already. Restore into an empty one, or use --force: what is there now moves to before-restore-… in it.");
        string stamp = time.GetUtcNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        string aside = Path.Combine(layout.Root, $"restore-{stamp}");
        Directory.CreateDirectory(aside, OwnerOnly);
        try
        {
            long files = LayOut(file, aside, cancellationToken) - 2;
            if (!isEmpty)
                await KeepAsync(Path.Combine(layout.Root, $"before-restore-{stamp}"), cancellationToken);
            long rows;
            using (StreamReader copy = new(Path.Combine(aside, BackupManifest.Database)))
                rows = await import.ReadAsync(copy, Migration.BuiltIn, cancellationToken);
            MoveIn(aside);
            await migrator.RunAsync(Migration.BuiltIn, cancellationToken);
            return new BackupResult(rows, files, await owners.GiveAsync(cancellationToken));
        }
        finally
        {
            Directory.Delete(aside, recursive: true);
        }
    }

    private string[] Contents => [layout.Keys, layout.Profiles, layout.Classes, layout.Homes, layout.HomeImages];

    private static long LayOut(string file, string aside, CancellationToken cancellationToken)
    {
        try
        {
            using FileStream archive = File.OpenRead(file);
            long files = new ArchiveReader(aside).Read(archive, cancellationToken);
            string head = Path.Combine(aside, BackupManifest.Entry);
            if (!File.Exists(head) || !File.Exists(Path.Combine(aside, BackupManifest.Database)))
                throw new InvalidDataException("it has no manifest or no database.");
            BackupManifest? manifest = JsonSerializer.Deserialize<BackupManifest>(File.ReadAllBytes(head), ApiJson.Options);
            return manifest is { Product: BackupManifest.ProductName, Format: BackupManifest.CurrentFormat }
                ? files
                : throw new InvalidDataException($"it is of {manifest?.Product} in format {manifest?.Format}, not of {BackupManifest.ProductName} in format {BackupManifest.CurrentFormat}.");
        }
        catch (Exception wrong) when (wrong is InvalidDataException or JsonException)
        {
            throw new StorageException($"{file} cannot be restored: {wrong.Message} Nothing was changed.", wrong);
        }
    }

    /// <summary>What was there, for whoever forced the wrong archive.</summary>
    private async Task KeepAsync(string place, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(place, OwnerOnly);
        if (!await import.IsEmptyAsync(cancellationToken))
        {
            await using StreamWriter copy = new(Path.Combine(place, BackupManifest.Database));
            await export.WriteAsync(copy, cancellationToken);
        }
        foreach (string directory in Contents)
            Directory.Move(directory, Path.Combine(place, Path.GetFileName(directory)));
        layout.Create();
    }

    private void MoveIn(string aside)
    {
        foreach (string directory in Contents)
        {
            string restored = Path.Combine(aside, Path.GetFileName(directory));
            if (!Directory.Exists(restored))
                continue;
            Directory.Delete(directory);
            Directory.Move(restored, directory);
        }
        layout.Create(); // modes of the directories themselves are the hub's, not the archive's
    }
}
