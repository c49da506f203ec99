using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Testing;
using Xunit;

namespace Hub.Tests.Contents;

/// <summary>Saves that are large, interrupted, simultaneous, or meet a full disk.</summary>
public sealed class ContentsSaveTests(ContentsFixture fixture) : IClassFixture<ContentsFixture>
{
    private const int Large = 100 << 20;

    private readonly HubFixture _hub = fixture.Hub;
    private readonly ContentsClient _alice = fixture.Alice;

    [Fact]
    public async Task A_file_of_100_MB_goes_up_in_pieces_and_comes_down_whole()
    {
        const int piece = 1 << 20;
        byte[] bytes = new byte[piece];
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await _alice.SaveAsync("large.bin", "before");
        for (int number = 1; number <= Large / piece; number++)
        {
            Random.Shared.NextBytes(bytes);
            hash.AppendData(bytes);
            int chunk = number == Large / piece ? -1 : number;
            ContentsAnswer answer = (await _alice.PutAsync("large.bin", new { type = "file", format = "base64", name = "large.bin", chunk, content = Convert.ToBase64String(bytes) })).EnsureStatus(200);
            Assert.Equal((number * (long)piece).ToString(System.Globalization.CultureInfo.InvariantCulture), answer["size"]);
            if (chunk != -1)
                Assert.Equal(6, new FileInfo(_alice.OnDisk("large.bin")).Length);
        }
        string wanted = Convert.ToHexStringLower(hash.GetHashAndReset());
        Assert.Equal(wanted, (await _alice.GetAsync("large.bin?content=0&hash=1"))["hash"]);
        await using Stream down = await _alice.Http.GetStreamAsync(_alice.Target("user/alice/files/large.bin"));
        Assert.Equal(wanted, Convert.ToHexStringLower(await SHA256.HashDataAsync(down)));
        Assert.DoesNotContain(Directory.GetFiles(_alice.Home, ".nbhub-*"), file => file.EndsWith(".upload", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_body_of_100_MB_is_saved_while_it_comes()
    {
        using HttpRequestMessage request = new(HttpMethod.Put, _alice.Target("user/alice/api/contents/streamed.txt")) { Content = new LargeText(Large) };
        using HttpResponseMessage response = await _alice.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(Large, new FileInfo(_alice.OnDisk("streamed.txt")).Length);
        using HttpResponseMessage read = await _alice.Http.GetAsync(_alice.Target("user/alice/api/contents/streamed.txt"), HttpCompletionOption.ResponseHeadersRead);
        long length = 0;
        await using Stream body = await read.Content.ReadAsStreamAsync();
        byte[] buffer = new byte[1 << 20];
        for (int got; (got = await body.ReadAsync(buffer)) > 0;)
            length += got;
        Assert.InRange(length, Large, Large + 1000);
    }

    [Fact]
    public async Task Pieces_out_of_order_are_refused_and_the_order_can_be_mended()
    {
        (await SendPieceAsync("order.txt", 2, "b")).EnsureStatus(409).EnsureRefused();
        (await SendPieceAsync("order.txt", -1, "b")).EnsureStatus(409).EnsureRefused();
        (await SendPieceAsync("order.txt", 0, "b")).EnsureStatus(400).EnsureRefused();
        (await SendPieceAsync("order.txt", -2, "b")).EnsureStatus(400).EnsureRefused();
        (await SendPieceAsync("order.txt", 1, "a")).EnsureStatus(201);
        (await SendPieceAsync("order.txt", 2, "b")).EnsureStatus(201);
        (await SendPieceAsync("order.txt", 2, "b")).EnsureStatus(409);
        Assert.Equal("expected chunk 3", (await SendPieceAsync("order.txt", 4, "d")).EnsureStatus(409)["reason"]);
        Assert.False(File.Exists(_alice.OnDisk("order.txt")));
        (await SendPieceAsync("order.txt", 3, "c")).EnsureStatus(201);
        (await SendPieceAsync("order.txt", -1, "d")).EnsureStatus(201);
        Assert.Equal("abcd", await File.ReadAllTextAsync(_alice.OnDisk("order.txt")));
        (await SendPieceAsync("order.txt", -1, "d")).EnsureStatus(409);
        (await SendPieceAsync("order.txt", 1, "x")).EnsureStatus(200);
        (await SendPieceAsync("order.txt", 3, "y")).EnsureStatus(409);
        (await _alice.DeleteAsync("order.txt?upload=1")).EnsureStatus(204);
        (await _alice.DeleteAsync("order.txt?upload=1")).EnsureStatus(404);
        (await SendPieceAsync("order.txt", 1, "new")).EnsureStatus(200); // what was given up is in nobody's way
        (await SendPieceAsync("order.txt", -1, "!")).EnsureStatus(200);
        Assert.Equal("new!", await File.ReadAllTextAsync(_alice.OnDisk("order.txt")));
    }

    [Fact]
    public async Task An_upload_goes_on_after_a_cut_where_it_was()
    {
        (await _alice.GetAsync("cut.txt?upload=1")).EnsureStatus(404).EnsureRefused();
        (await SendPieceAsync("cut.txt", 1, "one,")).EnsureStatus(201);
        (await SendPieceAsync("cut.txt", 2, "two,")).EnsureStatus(201);
        // The third piece is cut off in the middle: it never was.
        using (TcpClient half = new(_alice.Http.BaseAddress!.Host, _alice.Http.BaseAddress.Port))
        {
            string head = $"PUT /user/alice/api/contents/cut.txt HTTP/1.1\r\nHost: x\r\nAuthorization: {_alice.Http.DefaultRequestHeaders.Authorization}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n";
            await half.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head + """{"type":"file","format":"text","chunk":3,"content":"thr"""));
        }
        ContentsAnswer state = null!;
        await Eventually.Holds(async () => (state = await _alice.GetAsync("cut.txt?upload=1&hash=1")).Status == 200);
        Assert.Equal("3", state["next_chunk"]);
        Assert.Equal("8", state["size"]);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData("one,two,"u8)), state["hash"]);
        (await SendPieceAsync("cut.txt", 3, "three,")).EnsureStatus(201);
        (await SendPieceAsync("cut.txt", -1, "four")).EnsureStatus(201);
        (await _alice.GetAsync("cut.txt?upload=1")).EnsureStatus(404);
        Assert.Equal("one,two,three,four", await File.ReadAllTextAsync(_alice.OnDisk("cut.txt")));
    }

    [Fact]
    public async Task An_upload_beyond_its_limit_is_refused_by_the_name_of_the_limit()
    {
        await using ContentsFixture small = await ContentsFixture.StartAsync("Contents:MaxUploadBytes=2000");
        object Piece(int chunk, int length) => new { type = "file", format = "text", chunk, content = new string('x', length) };
        (await small.Alice.PutAsync("up.txt", Piece(1, 1500))).EnsureStatus(201);
        Assert.Contains("Contents:MaxUploadBytes", (await small.Alice.PutAsync("up.txt", Piece(2, 1000))).EnsureStatus(413).Message, StringComparison.Ordinal);
        (await small.Alice.PutAsync("up.txt", Piece(2, 500))).EnsureStatus(201);
        (await small.Alice.PutAsync("up.txt", Piece(-1, 0))).EnsureStatus(201);
        Assert.Equal(2000, new FileInfo(small.Alice.OnDisk("up.txt")).Length);
    }

    [Fact]
    public async Task Two_uploads_of_different_files_to_one_name_are_never_mixed()
    {
        (await SendPieceAsync("two.txt", 1, "aa")).EnsureStatus(201);
        ContentsAnswer refused = (await SendPieceAsync("two.txt", 1, "bb")).EnsureStatus(409);
        Assert.Contains("Another upload to '/two.txt' is under way", refused.Message, StringComparison.Ordinal);
        (await SendPieceAsync("two.txt", 1, "aa")).EnsureStatus(201); // the same one, begun again
        (await SendPieceAsync("two.txt", 2, "aa")).EnsureStatus(201);

        using HttpResponseMessage made = await _alice.Http.PostAsJsonAsync("hub/api/users/alice/tokens", new { });
        string token = (await made.Content.ReadFromJsonAsync<System.Text.Json.Nodes.JsonObject>())!["token"]!.GetValue<string>();
        ContentsClient other = new(_hub.Client(token), "alice", _alice.Home);
        (await other.PutAsync("two.txt", new { type = "file", format = "text", chunk = 3, content = "bb" })).EnsureStatus(409);
        (await other.PutAsync("two.txt", new { type = "file", format = "text", chunk = 1, content = "aa" })).EnsureStatus(409);

        (await SendPieceAsync("two.txt", -1, "aa")).EnsureStatus(201);
        Assert.Equal("aaaaaa", await File.ReadAllTextAsync(_alice.OnDisk("two.txt")));
        (await other.PutAsync("two.txt", new { type = "file", format = "text", chunk = 1, content = "bb" })).EnsureStatus(200);
        (await other.PutAsync("two.txt", new { type = "file", format = "text", chunk = -1, content = "bb" })).EnsureStatus(200);
        Assert.Equal("bbbb", await File.ReadAllTextAsync(_alice.OnDisk("two.txt")));
    }

    [Fact]
    public async Task A_save_that_breaks_off_changes_nothing_and_leaves_nothing()
    {
        await _alice.PutAsync("broken", new { type = "directory" });
        await _alice.SaveAsync("broken/file.txt", "before");
        using HttpRequestMessage request = new(HttpMethod.Put, _alice.Target("user/alice/api/contents/broken/file.txt")) { Content = new BreakingText() };
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => _alice.Http.SendAsync(request));
        await Eventually.Holds(() => Directory.GetFileSystemEntries(_alice.OnDisk("broken")).Length == 1);
        Assert.Equal("before", await File.ReadAllTextAsync(_alice.OnDisk("broken/file.txt")));
    }

    [Fact]
    public async Task Two_saves_at_once_leave_one_of_them_whole()
    {
        string[] texts = [.. Enumerable.Range(0, 8).Select(number => new string((char)('a' + number), 300_000))];
        await _alice.SaveAsync("contested.txt", texts[0]);
        Task<ContentsAnswer>[] saves = [.. texts.Select(text => _alice.SaveAsync("contested.txt", text))];
        while (!Task.WhenAll(saves).IsCompleted)
            Assert.Contains((await _alice.GetAsync("contested.txt"))["content"], texts);
        Assert.All(await Task.WhenAll(saves), save => save.EnsureStatus(200));
        Assert.Contains(await File.ReadAllTextAsync(_alice.OnDisk("contested.txt")), texts);
        Assert.DoesNotContain(Directory.GetFiles(_alice.Home, ".nbhub-*"), file => file.EndsWith(".tmp", StringComparison.Ordinal) && new FileInfo(file).Length == 300_000);
    }

    [Fact]
    public async Task A_save_keeps_the_mode_of_a_file_and_respects_one_that_may_not_be_written()
    {
        await _alice.SaveAsync("script.sh", "echo 1");
        File.SetUnixFileMode(_alice.OnDisk("script.sh"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        (await _alice.SaveAsync("script.sh", "echo 2")).EnsureStatus(200);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_alice.OnDisk("script.sh")));
        File.SetUnixFileMode(_alice.OnDisk("script.sh"), UnixFileMode.UserRead);
        (await _alice.SaveAsync("script.sh", "echo 3")).EnsureStatus(403).EnsureRefused();
        Assert.False((bool)(await _alice.GetAsync("script.sh?content=0")).Json["writable"]!);
        Assert.Equal("echo 2", await File.ReadAllTextAsync(_alice.OnDisk("script.sh")));
    }

    [Fact]
    public async Task On_a_full_disk_saves_fail_clearly_and_everything_else_goes_on()
    {
        Assert.SkipUnless(Environment.UserName == "root", "A small disk of its own is mounted by root.");
        string disk = Directory.CreateDirectory(_alice.OnDisk("small")).FullName;
        string owner = await OutputAsync("stat", "-c", "uid=%u,gid=%g", _alice.Home);
        Assert.Equal("", await OutputAsync("mount", "-t", "tmpfs", "-o", $"size=1m,{owner}", "tmpfs", disk));
        try
        {
            (await _alice.SaveAsync("small/kept.txt", new string('k', 500_000))).EnsureStatus(201);
            (await _alice.PutAsync("small/nb.ipynb", Notebook("1"))).EnsureStatus(201);
            (await SendPieceAsync("small/up.txt", 1, new string('1', 100_000))).EnsureStatus(201);
            foreach (string path in new[] { "small/kept.txt", "small/other.txt" })
            {
                ContentsAnswer full = (await _alice.SaveAsync(path, new string('n', 700_000))).EnsureStatus(507);
                Assert.Contains("The disk is full", full.Message, StringComparison.Ordinal);
            }
            (await _alice.PutAsync("small/nb.ipynb", Notebook(new string('2', 900_000)))).EnsureStatus(507);
            (await SendPieceAsync("small/up.txt", 2, new string('2', 800_000))).EnsureStatus(507);
            (await _alice.PostAsync("small", new { copy_from = "small/kept.txt" })).EnsureStatus(507);
            (await _alice.PostAsync("small/kept.txt/checkpoints", null)).EnsureStatus(507);
            Assert.Equal(new string('k', 500_000), (await _alice.GetAsync("small/kept.txt")).EnsureStatus(200)["content"]);
            Assert.Equal("1", (await _alice.GetAsync("small/nb.ipynb")).EnsureStatus(200).Json["content"]!["cells"]![0]!["source"]!.ToString());
            Assert.Equal(["kept.txt", "nb.ipynb"], (await _alice.GetAsync("small")).Json["content"]!.AsArray().Select(entry => entry!["name"]!.ToString()).Order());
            Assert.Empty(Directory.GetFiles(disk, "*.tmp"));
            (await _alice.DeleteAsync("small/kept.txt")).EnsureStatus(204);
            (await SendPieceAsync("small/up.txt", 2, new string('2', 300_000))).EnsureStatus(201);
            (await SendPieceAsync("small/up.txt", -1, "3")).EnsureStatus(201);
            Assert.Equal(400_001, new FileInfo(Path.Combine(disk, "up.txt")).Length);
        }
        finally
        {
            await OutputAsync("umount", "-l", disk);
        }
    }

    [Fact]
    public async Task What_a_crash_left_is_removed_when_it_is_old()
    {
        string folder = Directory.CreateDirectory(_alice.OnDisk("littered")).FullName;
        string young = Path.Combine(folder, $".nbhub-{Guid.NewGuid():N}.tmp");
        string old = Path.Combine(folder, $".nbhub-{Guid.NewGuid():N}.upload");
        string oldTree = Path.Combine(folder, $".nbhub-{Guid.NewGuid():N}.tmp");
        string stranger = Path.Combine(folder, ".nbhub-notes");
        Directory.CreateDirectory(Path.Combine(oldTree, "inner"));
        foreach (string path in new[] { young, old, stranger, Path.Combine(oldTree, "inner", "x") })
            await File.WriteAllTextAsync(path, "x");
        DateTime past = TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-25);
        File.SetLastWriteTimeUtc(old, past);
        File.SetLastWriteTimeUtc(stranger, past);
        Directory.SetLastWriteTimeUtc(oldTree, past);
        await _alice.OwnAsync();
        Assert.Empty((await _alice.GetAsync("littered")).Json["content"]!.AsArray());
        Assert.Equal(new HashSet<string> { young, stranger }, Directory.GetFileSystemEntries(folder).ToHashSet());
    }

    [Fact]
    public async Task A_directory_of_ten_thousand_files_is_listed_whole()
    {
        string folder = Directory.CreateDirectory(_alice.OnDisk("many")).FullName;
        foreach (int number in Enumerable.Range(0, 10_000))
            await File.Create(Path.Combine(folder, $"file-{number:d5}.txt")).DisposeAsync();
        await _alice.OwnAsync();
        JsonArray entries = (await _alice.GetAsync("many")).EnsureStatus(200).Json["content"]!.AsArray();
        Assert.Equal(10_000, entries.Select(entry => entry!["name"]!.ToString()).Distinct().Count());
        (await _alice.DeleteAsync("many")).EnsureStatus(204);
    }

    private Task<ContentsAnswer> SendPieceAsync(string path, int chunk, string content) =>
        _alice.PutAsync(path, new { type = "file", format = "text", chunk, content });

    private static object Notebook(string source) => new
    {
        type = "notebook",
        format = "json",
        content = new
        {
            cells = new[] { new { cell_type = "raw", id = "a", metadata = new { }, source } },
            metadata = new { },
            nbformat = 4,
            nbformat_minor = 5,
        },
    };

    private static async Task<string> OutputAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string output = await process.StandardOutput.ReadToEndAsync() + await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output.Trim();
    }

    /// <summary>A body whose content is as long as asked for, made while it is sent.</summary>
    private sealed class LargeText : HttpContent
    {
        private readonly int _length;

        public LargeText(int length)
        {
            _length = length;
            Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync("""{"type":"file","format":"text","content":" """.TrimEnd().Select(letter => (byte)letter).ToArray());
            byte[] piece = Encoding.ASCII.GetBytes(new string('x', 1 << 20));
            for (int sent = 0; sent < _length; sent += piece.Length)
                await stream.WriteAsync(piece);
            await stream.WriteAsync("\"}"u8.ToArray());
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    /// <summary>A body that ends in the middle, as when a tab is closed.</summary>
    private sealed class BreakingText : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync("""{"type":"file","format":"text","content":"half"""u8.ToArray());
            await stream.WriteAsync(new byte[1 << 20].Select(_ => (byte)'x').ToArray());
            await stream.FlushAsync();
            throw new IOException("The tab was closed.");
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
