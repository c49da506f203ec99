using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Hub.Backup;
using Hub.Storage;
using Xunit;

namespace Hub.Tests.Backup;

/// <summary>Archives that nobody's backup is.</summary>
public sealed class HostileArchiveTests : IDisposable
{
    private const string Manifest = """{"product":"Notebook Hub","format":1,"version":"0.1.0","at":"2026-11-21T00:00:00Z","homes":true}""";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("hub-hostile-");

    private string Root => Path.Combine(_directory.FullName, "root");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("../escaped", TarEntryType.RegularFile)]
    [InlineData("/tmp/escaped", TarEntryType.RegularFile)]
    [InlineData("homes/../../escaped", TarEntryType.RegularFile)]
    [InlineData("homes/./x", TarEntryType.RegularFile)]
    [InlineData("homes//x", TarEntryType.RegularFile)]
    [InlineData("homes", TarEntryType.RegularFile)]
    [InlineData("run/hub.sock", TarEntryType.RegularFile)]
    [InlineData("hub.db", TarEntryType.RegularFile)]
    [InlineData("..", TarEntryType.Directory)]
    [InlineData("homes/ada/missing/x", TarEntryType.RegularFile)]
    [InlineData("keys", TarEntryType.SymbolicLink)]
    [InlineData("keys/key.xml", TarEntryType.SymbolicLink)]
    [InlineData("homes/eve", TarEntryType.SymbolicLink)]
    [InlineData("database.ndjson", TarEntryType.SymbolicLink)]
    [InlineData("homes/ada/hard", TarEntryType.HardLink)]
    [InlineData("homes/ada/fifo", TarEntryType.Fifo)]
    [InlineData("homes/ada/device", TarEntryType.BlockDevice)]
    [InlineData("homes/ada/link", TarEntryType.RegularFile)]
    [InlineData("homes/ada/link/x", TarEntryType.RegularFile)]
    [InlineData("homes/ada/link", TarEntryType.Directory)]
    [InlineData("homes/ada/file/x", TarEntryType.RegularFile)]
    public void An_entry_that_leads_elsewhere_or_is_of_another_kind_is_refused_by_name(string name, TarEntryType type)
    {
        Directory.CreateDirectory(Root);
        using MemoryStream archive = Pack(
            (TarEntryType.Directory, "homes", ""), (TarEntryType.Directory, "keys", ""), (TarEntryType.Directory, "homes/ada", ""), (TarEntryType.RegularFile, "homes/ada/file", "x"),
            (TarEntryType.SymbolicLink, "homes/ada/link", _directory.FullName), (type, name, type is TarEntryType.SymbolicLink or TarEntryType.HardLink ? "homes/ada/file" : "x"));
        InvalidDataException refused = Assert.Throws<InvalidDataException>(() => new ArchiveReader(Root).Read(archive, default));
        Assert.Contains($"'{name}", refused.Message, StringComparison.Ordinal);
        Assert.Equal(["root"], _directory.EnumerateFileSystemInfos().Select(entry => entry.Name));
    }

    [Fact]
    public void Privileges_are_not_taken_over_and_links_are_made_as_they_were()
    {
        Directory.CreateDirectory(Root);
        using MemoryStream archive = Pack((TarEntryType.Directory, "homes", ""), (TarEntryType.Directory, "homes/ada", ""), (TarEntryType.RegularFile, "homes/ada/suid", "x"), (TarEntryType.SymbolicLink, "homes/ada/link", "/etc/passwd"));
        Assert.Equal(2, new ArchiveReader(Root).Read(archive, default));
        Assert.Equal((UnixFileMode)0x1FF, File.GetUnixFileMode(Path.Combine(Root, "homes/ada/suid")));
        Assert.Equal("/etc/passwd", new FileInfo(Path.Combine(Root, "homes/ada/link")).LinkTarget);
    }

    [Theory]
    [InlineData(Manifest, """{"format":1,"schema":1,"engine":"sqlite"}""", "line 2: it is cut off")]
    [InlineData(Manifest, """{"format":1,"schema":9999,"engine":"sqlite"}""", "9999")]
    [InlineData(Manifest, "DROP TABLE users;", "line 1")]
    [InlineData(Manifest, "{\"format\":1,\"schema\":1,\"engine\":\"sqlite\"}\n{\"table\":\"users; --\",\"columns\":[\"id\"]}", "users; --")]
    [InlineData(Manifest, "{\"format\":1,\"schema\":1,\"engine\":\"sqlite\"}\n{\"table\":\"users\",\"columns\":[\"id\"]}", "users")]
    [InlineData(Manifest, "{\"format\":1,\"schema\":1,\"engine\":\"sqlite\"}\n{\"end\":true,\"rows\":0}", "tables are missing")]
    [InlineData("""{"product":"Another","format":1,"version":"1","at":"2026-11-21T00:00:00Z","homes":true}""", "x", "Another")]
    [InlineData("{", "x", "cannot be restored")]
    public async Task A_damaged_database_or_manifest_is_refused_and_changes_nothing(string manifest, string database, string said)
    {
        string file = Path.Combine(_directory.FullName, "backup.tar.gz");
        using (MemoryStream archive = Pack((TarEntryType.RegularFile, "manifest.json", manifest), (TarEntryType.RegularFile, "database.ndjson", database + "\n")))
            File.WriteAllBytes(file, archive.ToArray());
        StorageException refused = await Assert.ThrowsAsync<StorageException>(async () => await BackupCommand.RestoreAsync([file, "--data", Root, .. await HubFixture.DatabaseOfAsync(Root)], default));
        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(Root, "homes")));
        await using HubFixture hub = await HubFixture.StartAsync(data: Root);
        using HttpClient client = hub.Client();
        Assert.Equal(System.Net.HttpStatusCode.OK, (await client.GetAsync("hub/api/users/admin")).StatusCode);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(40)]
    [InlineData(200)]
    public async Task An_archive_that_is_cut_off_is_refused(int bytes)
    {
        string file = Path.Combine(_directory.FullName, "backup.tar.gz");
        using (MemoryStream archive = Pack((TarEntryType.RegularFile, "manifest.json", Manifest), (TarEntryType.RegularFile, "database.ndjson", string.Concat(Enumerable.Range(0, 2000)))))
            File.WriteAllBytes(file, archive.ToArray()[..bytes]);
        StorageException refused = await Assert.ThrowsAsync<StorageException>(async () => await BackupCommand.RestoreAsync([file, "--data", Root, .. await HubFixture.DatabaseOfAsync(Root)], default));
        Assert.Contains("cannot be restored", refused.Message, StringComparison.Ordinal);
    }

    private static MemoryStream Pack(params (TarEntryType Type, string Name, string Content)[] entries)
    {
        MemoryStream packed = new();
        using (GZipStream zip = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        using (TarWriter tar = new(zip, TarEntryFormat.Pax))
        {
            foreach ((TarEntryType type, string name, string content) in entries)
            {
                PaxTarEntry entry = new(type, name) { Mode = (UnixFileMode)0xFFF };
                if (type == TarEntryType.RegularFile)
                    entry.DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content));
                else if (type is TarEntryType.SymbolicLink or TarEntryType.HardLink)
                    entry.LinkName = content;
                tar.WriteEntry(entry);
            }
        }
        packed.Position = 0;
        return packed;
    }
}
