using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Testing;
using Xunit;

namespace Hub.Tests.Contents;

/// <summary>Directories as archives, unpacked by others than who packed them: .NET, Info-ZIP and GNU tar.</summary>
public sealed class ArchivesTests(ContentsFixture fixture) : IClassFixture<ContentsFixture>
{
    private readonly ContentsClient _alice = fixture.Alice;

    [Theory]
    [InlineData("zip", "application/zip")]
    [InlineData("tar", "application/x-tar")]
    [InlineData("tar.gz", "application/gzip")]
    public async Task A_directory_comes_whole_with_names_of_every_script(string format, string type)
    {
        string name = $"Übung {format}";
        string longName = new('l', 120);
        Dictionary<string, byte[]> wanted = new()
        {
            ["leer.txt"] = [],
            ["grüße.txt"] = "grüße"u8.ToArray(),
            ["nfd-gru\u0308ße.txt"] = "nfd"u8.ToArray(),
            ["日本語/ноты/मराठी.bin"] = RandomNumberGenerator.GetBytes(3_000_000),
            ["🙂/zeros"] = new byte[2_000_000],
            [$"{longName}/{longName}.txt"] = "long"u8.ToArray(),
        };
        foreach ((string path, byte[] bytes) in wanted)
            await WriteAsync($"{name}/{path}", bytes);
        Directory.CreateDirectory(_alice.OnDisk($"{name}/empty"));
        await _alice.OwnAsync();
        HttpResponseMessage answer = (await GetAsync($"{Uri.EscapeDataString(name)}?download=1&format={format}")).EnsureSuccessStatusCode();
        Assert.Equal(type, answer.Content.Headers.ContentType!.ToString());
        Assert.Equal($"{name}.{format}", answer.Content.Headers.ContentDisposition!.FileNameStar);
        Dictionary<string, byte[]?> found = Unpack(await answer.Content.ReadAsByteArrayAsync(), format);
        foreach ((string path, byte[] bytes) in wanted)
            Assert.True(found[$"{name}/{path}"]!.AsSpan().SequenceEqual(bytes), path);
        Assert.True(found.ContainsKey($"{name}/empty/"));
        Assert.Equal(wanted.Count, found.Count(entry => entry.Value is not null));
    }

    [Fact]
    public async Task Other_programs_find_the_archives_sound()
    {
        await WriteAsync("sound/äöü/a.bin", RandomNumberGenerator.GetBytes(500_000));
        await WriteAsync("sound/script.sh", "#!/bin/sh"u8.ToArray());
        File.SetUnixFileMode(_alice.OnDisk("sound/script.sh"), (UnixFileMode)0b111_101_101);
        await _alice.OwnAsync();
        string folder = Directory.CreateTempSubdirectory("hub-archive-").FullName;
        foreach (string format in new[] { "zip", "tar.gz" })
            await File.WriteAllBytesAsync(Path.Combine(folder, $"a.{format}"), await (await GetAsync($"sound?format={format}")).Content.ReadAsByteArrayAsync());
        await RunAsync("python3", "-c", $"import zipfile; z=zipfile.ZipFile('{folder}/a.zip'); assert z.testzip() is None; assert len(z.namelist())==3, z.namelist(); assert z.getinfo('sound/script.sh').external_attr>>16 == 0o100755");
        await RunAsync("tar", "-xzf", $"{folder}/a.tar.gz", "-C", folder);
        await RunAsync("cmp", $"{folder}/sound/äöü/a.bin", _alice.OnDisk("sound/äöü/a.bin"));
        Assert.True(File.GetUnixFileMode($"{folder}/sound/script.sh").HasFlag(UnixFileMode.UserExecute));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Links_hidden_names_and_special_files_stay_out_and_those_that_are_missed_are_named()
    {
        await WriteAsync("odd/file.txt", "x"u8.ToArray());
        await WriteAsync("odd/.secret", "s"u8.ToArray());
        await WriteAsync("odd/.ipynb_checkpoints/file-checkpoint.txt", "s"u8.ToArray());
        await WriteAsync("odd/up\\..\\up.txt", "up"u8.ToArray());
        await WriteAsync("odd/closed.txt", "closed"u8.ToArray());
        File.CreateSymbolicLink(_alice.OnDisk("odd/out"), "/etc/passwd");
        Directory.CreateSymbolicLink(_alice.OnDisk("odd/around"), _alice.OnDisk("odd"));
        await RunAsync("mkfifo", _alice.OnDisk("odd/fifo"));
        await _alice.OwnAsync();
        File.SetUnixFileMode(_alice.OnDisk("odd/closed.txt"), UnixFileMode.None);
        Dictionary<string, byte[]?> found = Unpack(await (await GetAsync("odd?format=zip")).Content.ReadAsByteArrayAsync(), "zip");
        string remarks = Encoding.UTF8.GetString(found["odd/NOT-IN-THIS-ARCHIVE.txt"]!);
        foreach (string said in new[] { "odd/out: a link", "odd/around: a link", "odd/fifo: neither", "odd/up_.._up.txt: its name" })
            Assert.Contains(said, remarks, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", remarks, StringComparison.Ordinal);
        Assert.Equal("up", Encoding.UTF8.GetString(found["odd/up_.._up.txt"]!));
        // Closed to its owner, and so to a hub that acts as them.
        Assert.Equal(found.ContainsKey("odd/closed.txt"), !remarks.Contains("odd/closed.txt: permission denied", StringComparison.Ordinal));
        Assert.DoesNotContain(found.Keys, name => name.Contains("secret", StringComparison.Ordinal) || name.Contains("checkpoint", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_whole_home_is_named_after_its_user()
    {
        await WriteAsync("in-home.txt", "x"u8.ToArray());
        HttpResponseMessage answer = await GetAsync("?format=zip");
        Assert.Equal("alice.zip", answer.Content.Headers.ContentDisposition!.FileNameStar);
        Assert.Contains("alice/in-home.txt", Unpack(await answer.Content.ReadAsByteArrayAsync(), "zip").Keys);
    }

    [Fact]
    public async Task What_makes_no_sense_is_refused()
    {
        await WriteAsync("plain.txt", "x"u8.ToArray());
        Assert.Equal(HttpStatusCode.BadRequest, (await GetAsync("?format=rar")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync("plain.txt?format=zip")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync("missing?format=zip")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(".hidden?format=zip")).StatusCode);
    }

    [Fact]
    public async Task Limits_are_named_before_anything_is_sent()
    {
        await using ContentsFixture small = await ContentsFixture.StartAsync("Contents:MaxArchiveEntries=5", "Contents:MaxArchiveBytes=1000", "Contents:MaxDirectoryDepth=4");
        ContentsClient alice = small.Alice;
        await WriteAsync("many/a", [], alice);
        for (int file = 0; file < 6; file++)
            await WriteAsync($"many/{file}", [], alice);
        await WriteAsync("large/a", new byte[600], alice);
        await WriteAsync("large/b", new byte[600], alice);
        await WriteAsync("deep/1/2/3/4/5", [], alice);
        await alice.OwnAsync();
        foreach ((string path, string limit) in new[] { ("many", "Contents:MaxArchiveEntries"), ("large", "Contents:MaxArchiveBytes"), ("deep", "Contents:MaxDirectoryDepth") })
        {
            HttpResponseMessage refused = await GetAsync($"{path}?format=tar", alice);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
            Assert.Contains(limit, await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    /// <summary>The files change all the time while they are packed: every archive is sound, and says which ones are not what they were.</summary>
    [Theory]
    [InlineData("zip")]
    [InlineData("tar")]
    public async Task Files_that_shrink_and_grow_meanwhile_leave_the_archive_sound(string format)
    {
        for (int file = 0; file < 4; file++)
            await WriteAsync($"busy-{format}/{file}", RandomNumberGenerator.GetBytes(8 << 20));
        await _alice.OwnAsync();
        using HttpRequestMessage request = new(HttpMethod.Get, _alice.Target($"user/alice/files/busy-{format}?format={format}"));
        using HttpResponseMessage answer = await _alice.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        // The hub stands still with its buffers full; nothing of the last files was read yet.
        foreach (int file in new[] { 0, 1, 2, 3 })
            using (FileStream open = File.OpenWrite(_alice.OnDisk($"busy-{format}/{file}")))
                open.SetLength(file % 2 == 0 ? 1 << 20 : 9 << 20);
        Dictionary<string, byte[]?> found = Unpack(await answer.Content.ReadAsByteArrayAsync(), format);
        Assert.Equal(4, found.Keys.Count(name => name.StartsWith($"busy-{format}/", StringComparison.Ordinal) && char.IsAsciiDigit(name[^1])));
        string remarks = Encoding.UTF8.GetString(found[$"busy-{format}/NOT-IN-THIS-ARCHIVE.txt"]!);
        Assert.Matches("became shorter|changed while", remarks);
    }

    [Fact]
    public async Task More_than_four_gibibytes_come_whole_and_with_constant_memory()
    {
        const long length = (4L << 30) + 4096;
        Directory.CreateDirectory(_alice.OnDisk("sparse"));
        await using (FileStream large = File.Create(_alice.OnDisk("sparse/large.bin")))
        {
            large.SetLength(length);
            large.Position = length - 3;
            large.Write("end"u8);
        }
        await WriteAsync("sparse/z-after.txt", "after"u8.ToArray());
        await _alice.OwnAsync();
        string file = Path.Combine(Path.GetTempPath(), $"hub-{Guid.NewGuid():N}.zip");
        long before = Environment.WorkingSet, most = 0;
        using (HttpResponseMessage answer = await _alice.Http.GetAsync(_alice.Target("user/alice/files/sparse?format=zip"), HttpCompletionOption.ResponseHeadersRead))
        await using (Stream body = await answer.Content.ReadAsStreamAsync())
        await using (FileStream to = File.Create(file))
        {
            byte[] buffer = new byte[256 << 10];
            for (int read; (read = await body.ReadAsync(buffer)) > 0; most = Math.Max(most, Environment.WorkingSet - before))
                await to.WriteAsync(buffer.AsMemory(0, read));
        }
        Assert.InRange(most, 0, 300 << 20);
        await RunAsync("python3", "-c", $"import zipfile; z=zipfile.ZipFile('{file}'); i=z.getinfo('sparse/large.bin'); assert i.file_size=={length}; assert z.read('sparse/z-after.txt')==b'after'; assert z.testzip() is None");
        File.Delete(file);
    }

    [Fact]
    public async Task As_many_archives_at_once_as_the_option_says()
    {
        await using ContentsFixture small = await ContentsFixture.StartAsync("Contents:ArchivesPerUser=1");
        await WriteAsync("slow/a.bin", RandomNumberGenerator.GetBytes(32 << 20), small.Alice);
        await small.Alice.OwnAsync();
        HttpResponseMessage first = await small.Alice.Http.GetAsync(small.Alice.Target("user/alice/files/slow?format=tar"), HttpCompletionOption.ResponseHeadersRead);
        HttpResponseMessage second = await GetAsync("slow?format=tar", small.Alice);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, second.StatusCode);
        Assert.Contains("Contents:ArchivesPerUser", await second.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        first.Dispose();
        await Eventually.Holds(async () => (await GetAsync("slow?format=tar", small.Alice)).IsSuccessStatusCode);
    }

    private static Dictionary<string, byte[]?> Unpack(byte[] archive, string format)
    {
        Dictionary<string, byte[]?> found = [];
        if (format == "zip")
        {
            using ZipArchive zip = new(new MemoryStream(archive));
            foreach (ZipArchiveEntry entry in zip.Entries)
                found.Add(entry.FullName, entry.FullName.EndsWith('/') ? null : Bytes(entry.Open()));
            return found;
        }
        using Stream bytes = format == "tar" ? new MemoryStream(archive) : new GZipStream(new MemoryStream(archive), CompressionMode.Decompress);
        using TarReader tar = new(bytes);
        while (tar.GetNextEntry() is { } entry)
            found.Add(entry.Name, entry.EntryType == TarEntryType.Directory ? null : entry.DataStream is null ? [] : Bytes(entry.DataStream));
        return found;
    }

    private static byte[] Bytes(Stream stream)
    {
        using MemoryStream copy = new();
        using (stream)
            stream.CopyTo(copy);
        return copy.ToArray();
    }

    private Task<HttpResponseMessage> GetAsync(string path, ContentsClient? client = null) =>
        (client ?? _alice).Http.GetAsync((client ?? _alice).Target($"user/alice/files/{path}"));

    private async Task WriteAsync(string path, byte[] bytes, ContentsClient? client = null)
    {
        string place = (client ?? _alice).OnDisk(path);
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        await File.WriteAllBytesAsync(place, bytes);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        string said = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program}: {said}");
    }
}
