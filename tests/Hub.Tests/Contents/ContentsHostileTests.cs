using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace Hub.Tests.Contents;

/// <summary>
/// Paths, links and bodies of somebody who means harm: each is refused with a 4xx that says why, nothing outside of the home is read, and nothing
/// anywhere is changed.
/// </summary>
public sealed class ContentsHostileTests(ContentsFixture fixture) : IClassFixture<ContentsFixture>
{
    private const string Secret = "bob's secret";

    private readonly ContentsClient _alice = fixture.Alice;

    private readonly ContentsClient _bob = fixture.Bob;

    public static TheoryData<string> Escapes() =>
    [
        "..", "../bob/secret.txt", "../../hub.db", "a/../../bob/secret.txt", "%2e%2e/bob/secret.txt", "%2e%2e%2fbob%2fsecret.txt", "..%2fbob/secret.txt",
        "..%2Fbob%2Fsecret.txt", "%2E./bob/secret.txt", "x%2f..%2f..%2fbob%2fsecret.txt", "%252e%252e/bob/secret.txt", "%252e%252e%252fbob%252fsecret.txt",
        "..%5cbob%5csecret.txt", @"..\bob\secret.txt", "..%255c..%255cbob", "%c0%ae%c0%ae/bob/secret.txt", "%c0%ae%c0%ae%c0%afbob", "%e0%80%ae%e0%80%ae/bob",
        "secret%00.txt", "%00", "/etc/passwd", "%2fetc%2fpasswd", "%2f%2fetc/passwd", "a//b", "a%2f%2fb", "...", "..../etc", ".", "./x", "a/./b", "%2e", "x/%2e/y",
        "%ff", "%u002e%u002e/x", "%", "%2", "%zz", "..;/bob/secret.txt", "..%00/bob", "etc/passwd",
    ];

    [Theory]
    [MemberData(nameof(Escapes))]
    public async Task No_spelling_of_a_path_leads_out_of_the_home(string path)
    {
        await PlantAsync();
        string before = Fingerprint();
        foreach (string api in new[] { "api/contents", "files", "view" })
            AssertRefused(await _alice.SendAsync(HttpMethod.Get, path, api: api));
        AssertRefused(await _alice.DeleteAsync(path));
        AssertRefused(await _alice.PatchAsync(path, new { path = "stolen.txt" }));
        AssertRefused(await _alice.PostAsync(path, new { type = "file" }));
        AssertRefused(await _alice.PostAsync(path + "/checkpoints", null));
        // A name that is merely odd may be created, but then it is a name inside of the home; those that climb may not.
        if (path.Contains("..", StringComparison.Ordinal) || (path.Contains('%', StringComparison.Ordinal) && !path.Contains("%25", StringComparison.Ordinal)) || path.Contains("//", StringComparison.Ordinal))
            AssertRefused(await _alice.SaveAsync(path, "overwritten"));
        Assert.Equal(before, Fingerprint());
    }

    [Theory]
    [InlineData("../bob/secret.txt")]
    [InlineData("..")]
    [InlineData("a/../../bob/secret.txt")]
    [InlineData("a//b")]
    [InlineData("a/./b")]
    [InlineData("nul\0.txt")]
    [InlineData("line\nbreak.txt")]
    [InlineData("bell\u0007.txt")]
    [InlineData("back\\slash.txt")]
    public async Task No_path_in_a_body_leads_out_of_the_home_either(string path)
    {
        await PlantAsync();
        await _alice.SaveAsync("mine.txt", "mine");
        string before = Fingerprint();
        (await _alice.PatchAsync("mine.txt", new { path })).EnsureStatus(400).EnsureRefused();
        AssertRefused(await _alice.PostAsync("", new { copy_from = path }));
        (await _alice.PostAsync("", new { type = "file", ext = "/" + path })).EnsureStatus(400).EnsureRefused();
        Assert.Equal(before, Fingerprint());
    }

    [Fact]
    public async Task Names_and_paths_that_are_too_long_are_refused_by_the_name_of_the_limit()
    {
        string segment = new('n', 300);
        Assert.Contains("Contents:MaxNameBytes", (await _alice.SaveAsync(segment, "x")).EnsureStatus(400).EnsureRefused().Message, StringComparison.Ordinal);
        Assert.Contains("Contents:MaxNameBytes", (await _alice.GetAsync(segment)).EnsureStatus(400).Message, StringComparison.Ordinal);
        string path = string.Join('/', Enumerable.Repeat("abcdefghi", 500));
        Assert.Contains("Contents:MaxPathBytes", (await _alice.SaveAsync(path, "x")).EnsureStatus(400).EnsureRefused().Message, StringComparison.Ordinal);
        Assert.Contains("Contents:MaxPathBytes", (await _alice.PatchAsync("x", new { path })).EnsureStatus(400).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_with_a_line_break_cannot_be_made_but_one_from_a_kernel_can_be_removed()
    {
        Assert.Contains("control character U+000A", (await _alice.SaveAsync("a%0Ab.txt", "x")).EnsureStatus(400).EnsureRefused().Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync(_alice.OnDisk("from\nkernel.txt"), "x");
        Assert.Equal("x", (await _alice.GetAsync("from%0Akernel.txt")).EnsureStatus(200)["content"]);
        (await _alice.DeleteAsync("from%0Akernel.txt")).EnsureStatus(204);
    }

    [Fact]
    public async Task Links_that_lead_out_of_the_home_are_refused_by_the_operating_system()
    {
        await PlantAsync();
        string links = Directory.CreateDirectory(_alice.OnDisk("links")).FullName;
        (string Name, string Target)[] outside =
        [
            ("passwd", "/etc/passwd"), ("etc", "/etc"), ("relative", "../../../../../../../../etc/passwd"), ("bob", _bob.Home), ("secret", _bob.OnDisk("secret.txt")),
            ("up", "../../bob"), ("chain", "relative"), ("proc", "/proc/self/root/etc/passwd"), ("absolute-inside", _alice.OnDisk("mine.txt")),
        ];
        foreach ((string name, string target) in outside)
            File.CreateSymbolicLink(Path.Combine(links, name), target);
        await _alice.OwnAsync();
        string before = Fingerprint();
        foreach ((string name, _) in outside)
        {
            foreach (string path in new[] { $"links/{name}", $"links/{name}/passwd", $"links/{name}/secret.txt", $"links/{name}?content=0&hash=1" })
            {
                AssertRefused(await _alice.GetAsync(path));
                AssertRefused(await _alice.SendAsync(HttpMethod.Get, path, api: "files"));
            }
            AssertRefused(await _alice.SaveAsync($"links/{name}", "overwritten"));
            AssertRefused(await _alice.SaveAsync($"links/{name}/new.txt", "planted"));
            AssertRefused(await _alice.PutAsync($"links/{name}/new", new { type = "directory" }));
            AssertRefused(await _alice.PostAsync($"links/{name}", new { type = "file" }));
            AssertRefused(await _alice.PostAsync("", new { copy_from = $"links/{name}" }));
            AssertRefused(await _alice.PatchAsync("mine.txt", new { path = $"links/{name}/mine.txt" }));
            AssertRefused(await _alice.DeleteAsync($"links/{name}/secret.txt"));
            AssertRefused(await _alice.PostAsync($"links/{name}/checkpoints", null));
        }
        Assert.Empty((await _alice.GetAsync("links")).EnsureStatus(200).Json["content"]!.AsArray());
        Assert.Equal(before, Fingerprint());
    }

    [Fact]
    public async Task A_link_out_of_the_home_can_be_removed_and_takes_nothing_with_it()
    {
        await PlantAsync();
        string folder = Directory.CreateDirectory(_alice.OnDisk("with-links")).FullName;
        File.CreateSymbolicLink(Path.Combine(folder, "etc"), "/etc");
        File.CreateSymbolicLink(Path.Combine(folder, "bob"), _bob.Home);
        File.CreateSymbolicLink(_alice.OnDisk("bob-link"), _bob.Home);
        await _alice.OwnAsync();
        (await _alice.DeleteAsync("bob-link")).EnsureStatus(204);
        (await _alice.DeleteAsync("with-links")).EnsureStatus(204);
        Assert.False(Directory.Exists(folder));
        Assert.Equal(Secret, await File.ReadAllTextAsync(_bob.OnDisk("secret.txt")));
        Assert.True(File.Exists("/etc/passwd"));
    }

    [Fact]
    public async Task A_copy_of_a_directory_copies_links_as_links()
    {
        await PlantAsync();
        string folder = Directory.CreateDirectory(_alice.OnDisk("to-copy")).FullName;
        File.CreateSymbolicLink(Path.Combine(folder, "secret"), _bob.OnDisk("secret.txt"));
        await _alice.OwnAsync();
        (await _alice.PostAsync("", new { copy_from = "to-copy" })).EnsureStatus(201);
        Assert.Equal(_bob.OnDisk("secret.txt"), new FileInfo(_alice.OnDisk("to-copy-Copy1/secret")).LinkTarget);
        AssertRefused(await _alice.GetAsync("to-copy-Copy1/secret"));
    }

    [Fact]
    public async Task Links_inside_of_the_home_work_and_survive_a_save()
    {
        Directory.CreateDirectory(_alice.OnDisk("inside/real"));
        await File.WriteAllTextAsync(_alice.OnDisk("inside/real/data.txt"), "data");
        File.CreateSymbolicLink(_alice.OnDisk("inside/link.txt"), "real/data.txt");
        File.CreateSymbolicLink(_alice.OnDisk("inside/folder"), "real");
        File.CreateSymbolicLink(_alice.OnDisk("inside/real/up.txt"), "../link.txt");
        await _alice.OwnAsync();
        Assert.Equal("data", (await _alice.GetAsync("inside/folder/up.txt")).EnsureStatus(200)["content"]);
        (await _alice.SaveAsync("inside/folder/up.txt", "new data")).EnsureStatus(200);
        Assert.Equal("new data", await File.ReadAllTextAsync(_alice.OnDisk("inside/real/data.txt")));
        Assert.NotNull(new FileInfo(_alice.OnDisk("inside/link.txt")).LinkTarget);
        Assert.NotNull(new FileInfo(_alice.OnDisk("inside/real/up.txt")).LinkTarget);
        JsonArray entries = (await _alice.GetAsync("inside")).Json["content"]!.AsArray();
        Assert.Equal(["folder:directory", "link.txt:file", "real:directory"], entries.Select(entry => $"{entry!["name"]}:{entry["type"]}").Order());
    }

    [Fact]
    public async Task Links_that_lead_nowhere_or_in_a_circle_are_refused()
    {
        Directory.CreateDirectory(_alice.OnDisk("dead"));
        File.CreateSymbolicLink(_alice.OnDisk("dead/nowhere"), "missing.txt");
        File.CreateSymbolicLink(_alice.OnDisk("dead/a"), "b");
        File.CreateSymbolicLink(_alice.OnDisk("dead/b"), "a");
        await _alice.OwnAsync();
        foreach (string path in new[] { "dead/nowhere", "dead/a", "dead/a/x" })
        {
            AssertRefused(await _alice.GetAsync(path));
            AssertRefused(await _alice.SaveAsync(path, "x"));
        }
        Assert.Empty((await _alice.GetAsync("dead")).Json["content"]!.AsArray());
        (await _alice.DeleteAsync("dead")).EnsureStatus(204);
    }

    [Fact]
    public async Task Fifos_sockets_and_devices_are_never_opened()
    {
        string folder = Directory.CreateDirectory(_alice.OnDisk("special")).FullName;
        await RunAsync("mkfifo", Path.Combine(folder, "fifo"));
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder, "socket")));
        bool hasDevice = Environment.UserName == "root" && await RunAsync("mknod", Path.Combine(folder, "device"), "c", "1", "3") == 0;
        await _alice.OwnAsync();
        foreach (string name in hasDevice ? ["fifo", "socket", "device"] : new[] { "fifo", "socket" })
        {
            AssertRefused(await _alice.GetAsync($"special/{name}"));
            AssertRefused(await _alice.SendAsync(HttpMethod.Get, $"special/{name}", api: "files"));
            AssertRefused(await _alice.SaveAsync($"special/{name}", "x"));
            AssertRefused(await _alice.PostAsync("", new { copy_from = $"special/{name}" }));
            AssertRefused(await _alice.PostAsync($"special/{name}/checkpoints", null));
        }
        Assert.Empty((await _alice.GetAsync("special")).EnsureStatus(200).Json["content"]!.AsArray());
        (await _alice.PostAsync("", new { copy_from = "special" })).EnsureStatus(201);
        (await _alice.DeleteAsync("special")).EnsureStatus(204);
    }

    [Fact]
    public async Task Names_that_are_no_text_do_not_break_a_listing()
    {
        Directory.CreateDirectory(_alice.OnDisk("bytes"));
        await RunAsync("sh", "-c", $"cd '{_alice.OnDisk("bytes")}' && touch \"$(printf 'bad\\377name')\" good.txt && mkdir \"$(printf 'dir\\376')\"");
        await _alice.OwnAsync();
        Assert.Equal(["good.txt"], (await _alice.GetAsync("bytes")).EnsureStatus(200).Json["content"]!.AsArray().Select(entry => entry!["name"]!.ToString()));
        (await _alice.DeleteAsync("bytes")).EnsureStatus(204);
        Assert.False(Directory.Exists(_alice.OnDisk("bytes")));
    }

    [Fact]
    public async Task Another_users_hard_linked_file_is_as_closed_as_its_permissions_say()
    {
        await PlantAsync();
        if (Environment.UserName != "root")
            return; // Without an own uid per user all files are the hub's own.
        File.SetUnixFileMode(_bob.OnDisk("secret.txt"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await RunAsync("ln", _bob.OnDisk("secret.txt"), _alice.OnDisk("hard"));
        (await _alice.GetAsync("hard")).EnsureStatus(403).EnsureRefused();
        (await _alice.SaveAsync("hard", "x")).EnsureStatus(403).EnsureRefused();
        (await _alice.SendAsync(HttpMethod.Get, "hard", api: "files")).EnsureStatus(403);
        Assert.Equal(Secret, await File.ReadAllTextAsync(_bob.OnDisk("secret.txt")));
    }

    [Fact]
    public async Task Files_the_hub_makes_belong_to_their_user()
    {
        await _alice.PutAsync("owned", new { type = "directory" });
        await _alice.SaveAsync("owned/file.txt", "x");
        await _alice.PostAsync("owned", new { type = "notebook" });
        await _alice.PostAsync("", new { copy_from = "owned" });
        await _alice.PostAsync("owned/file.txt/checkpoints", null);
        string owner = await OutputAsync("stat", "-c", "%u:%g", _alice.Home);
        if (Environment.UserName == "root")
            Assert.NotEqual("0:0", owner);
        foreach (string path in Directory.GetFileSystemEntries(_alice.OnDisk("owned"), "*", SearchOption.AllDirectories).Append(_alice.OnDisk("owned")))
            Assert.Equal($"{owner} {(Directory.Exists(path) ? "755" : "644")}", await OutputAsync("stat", "-c", "%u:%g %a", path));
        Assert.Equal("700", await OutputAsync("stat", "-c", "%a", _alice.Home));
    }

    [Fact]
    public async Task A_notebook_that_is_not_JSON_or_too_deep_is_refused_with_its_place()
    {
        await File.WriteAllTextAsync(_alice.OnDisk("broken.ipynb"), "{\n \"cells\": [,]\n}");
        Assert.Equal("Unreadable Notebook: broken.ipynb: it is not JSON (line 2, byte 11)", (await _alice.GetAsync("broken.ipynb")).EnsureStatus(400).EnsureRefused().Message);
        (await _alice.GetAsync("broken.ipynb?type=file")).EnsureStatus(200);
        (await _alice.GetAsync("broken.ipynb?content=0")).EnsureStatus(200);
        await File.WriteAllTextAsync(_alice.OnDisk("deep.ipynb"), $"{{\"nbformat\":4,\"metadata\":{new string('[', 5000)}{new string(']', 5000)}}}");
        Assert.Contains("Contents:MaxJsonDepth", (await _alice.GetAsync("deep.ipynb")).EnsureStatus(400).EnsureRefused().Message, StringComparison.Ordinal);
        string deep = $"{{\"type\":\"notebook\",\"format\":\"json\",\"content\":{{\"cells\":{new string('[', 100_000)}{new string(']', 100_000)}}}}}";
        Assert.Contains("Contents:MaxJsonDepth", (await _alice.PutRawAsync("deep2.ipynb", deep)).EnsureStatus(400).EnsureRefused().Message, StringComparison.Ordinal);
        string deepMember = $"{{\"type\":{new string('[', 5000)}{new string(']', 5000)}}}";
        (await _alice.PutRawAsync("deep2.ipynb", deepMember)).EnsureStatus(400).EnsureRefused();
        Assert.False(File.Exists(_alice.OnDisk("deep2.ipynb")));
        await File.WriteAllBytesAsync(_alice.OnDisk("latin.ipynb"), [.. "{\"nbformat\":4,\"x\":\""u8, 0xE9, .. "\"}"u8]);
        Assert.Contains("not UTF-8", (await _alice.GetAsync("latin.ipynb")).EnsureStatus(400).EnsureRefused().Message, StringComparison.Ordinal);
        foreach (string content in new[] { "[]", "5", "\"x\"", "{}", "{\"nbformat\":\"4\"}", "{\"nbformat\":2}", "{\"nbformat\":99}", "" })
        {
            await File.WriteAllTextAsync(_alice.OnDisk("odd.ipynb"), content);
            Assert.StartsWith("Unreadable Notebook: odd.ipynb:", (await _alice.GetAsync("odd.ipynb")).EnsureStatus(400).EnsureRefused().Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Deeply_nested_directories_can_be_removed()
    {
        // Deeper than any path can be: made from inside, as a kernel would.
        await RunAsync("sh", "-c", $"mkdir '{_alice.OnDisk("deep")}' && cd '{_alice.OnDisk("deep")}' && i=0; while [ $i -lt 700 ]; do mkdir directory && cd -P directory && touch file || exit 1; i=$((i+1)); done");
        await _alice.OwnAsync();
        (await _alice.PostAsync("", new { copy_from = "deep" })).EnsureStatus(400).EnsureRefused();
        (await _alice.DeleteAsync("deep")).EnsureStatus(204);
        Assert.False(Directory.Exists(_alice.OnDisk("deep")));
        Assert.DoesNotContain(Directory.GetFileSystemEntries(_alice.Home), entry => entry.Contains(".nbhub-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Bodies_beyond_their_limits_are_refused_by_the_name_of_the_limit()
    {
        await using ContentsFixture small = await ContentsFixture.StartAsync("Contents:MaxBodyBytes=10000", "Contents:MaxNotebookBytes=2000", "Contents:MaxModelBytes=1024");
        ContentsAnswer tooLong = (await small.Alice.SaveAsync("big.txt", new string('x', 20_000))).EnsureStatus(413).EnsureRefused();
        Assert.Contains("Contents:MaxBodyBytes", tooLong.Message, StringComparison.Ordinal);
        ContentsAnswer notebook = (await small.Alice.PutAsync("big.ipynb", new { type = "notebook", content = new { cells = new string('x', 5000) } })).EnsureStatus(413);
        Assert.Contains("Contents:MaxNotebookBytes", notebook.Message, StringComparison.Ordinal);
        ContentsAnswer model = (await small.Alice.PutAsync("big.txt", new { type = "file", note = new string('x', 5000), content = "", format = "text" })).EnsureStatus(413);
        Assert.Contains("Contents:MaxModelBytes", model.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(small.Alice.Home));
    }

    [Fact]
    public async Task Somebody_elses_home_is_closed()
    {
        using HttpClient nobody = fixture.Hub.Client(token: null);
        Assert.Equal(HttpStatusCode.Forbidden, (await nobody.GetAsync("user/alice/api/contents")).StatusCode);
        using HttpClient wrong = fixture.Hub.Client("wrong-token-wrong-token");
        Assert.Equal(HttpStatusCode.Forbidden, (await wrong.GetAsync("user/alice/api/contents")).StatusCode);
    }

    private static void AssertRefused(ContentsAnswer answer)
    {
        answer.EnsureRefused();
        Assert.DoesNotContain(Secret, answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("root:", answer.Text, StringComparison.Ordinal);
    }

    private async Task PlantAsync()
    {
        if (!File.Exists(_bob.OnDisk("secret.txt")))
            (await _bob.SaveAsync("secret.txt", Secret)).EnsureStatus(201);
    }

    /// <summary>Every file of Bob and every name of the data directory, so that a change anywhere shows.</summary>
    private string Fingerprint()
    {
        StringBuilder all = new();
        foreach (string path in Directory.GetFileSystemEntries(fixture.Hub.Data, "*", new EnumerationOptions { RecurseSubdirectories = false }).Order())
            all.AppendLine(path);
        foreach (string path in Directory.GetFileSystemEntries(Path.Combine(fixture.Hub.Data, "homes")).Order())
            all.AppendLine(path);
        foreach (string path in Directory.GetFiles(_bob.Home, "*", SearchOption.AllDirectories).Order())
            all.Append(path).AppendLine(File.ReadAllText(path));
        return all.ToString();
    }

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    private static async Task<string> OutputAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output.Trim();
    }
}
