using System.Text.Json.Nodes;
using Xunit;

namespace Hub.Tests.Contents;

/// <summary>The contents API as JupyterLab uses it.</summary>
public sealed class ContentsApiTests(ContentsFixture fixture) : IClassFixture<ContentsFixture>
{
    private static readonly string[] s_keys =
    [
        "name", "path", "type", "created", "last_modified", "writable", "size", "mimetype", "hash", "hash_algorithm", "format", "content",
    ];

    private readonly ContentsClient _alice = fixture.Alice;

    [Fact]
    public async Task Text_comes_back_as_it_was_saved()
    {
        ContentsAnswer saved = (await _alice.SaveAsync("gr%C3%BC%C3%9Fe%20%F0%9F%98%80.txt", "Zeile 1\nZeile 2 \u2028 \ud83d\ude00 \"quoted\" \\ \t")).EnsureStatus(201);
        Assert.Equal("grüße 😀.txt", saved["name"]);
        Assert.Null(saved["content"]);
        Assert.Equal((await _alice.GetAsync("gr%C3%BC%C3%9Fe%20%F0%9F%98%80.txt?content=0&hash=1"))["hash"], saved["hash"]);
        Assert.Equal("/user/alice/api/contents/gr%C3%BC%C3%9Fe%20%F0%9F%98%80.txt", saved.Response.Headers.Location!.OriginalString);
        ContentsAnswer read = (await _alice.GetAsync("gr%C3%BC%C3%9Fe%20%F0%9F%98%80.txt")).EnsureStatus(200);
        Assert.Equal("Zeile 1\nZeile 2 \u2028 😀 \"quoted\" \\ \t", read["content"]);
        Assert.Equal("text", read["format"]);
        Assert.Equal("text/plain", read["mimetype"]);
        Assert.Equal(saved["last_modified"], read["last_modified"]);
        (await _alice.SaveAsync("gr%C3%BC%C3%9Fe%20%F0%9F%98%80.txt", "")).EnsureStatus(200);
    }

    [Fact]
    public async Task Every_model_has_every_key()
    {
        await _alice.SaveAsync("keys.txt", "x");
        await _alice.PostAsync("", new { type = "notebook" });
        foreach (string query in new[] { "keys.txt", "keys.txt?content=0", "?content=1", "?content=0", "Untitled.ipynb", "Untitled.ipynb?content=0&hash=1" })
            Assert.Equal(s_keys.Order(), (await _alice.GetAsync(query)).Json.AsObject().Select(member => member.Key).Order());
        foreach (JsonNode? entry in (await _alice.GetAsync("")).Json["content"]!.AsArray())
            Assert.Equal(s_keys.Order(), entry!.AsObject().Select(member => member.Key).Order());
    }

    [Fact]
    public async Task The_home_itself_has_neither_name_nor_path()
    {
        ContentsAnswer home = (await _alice.GetAsync("?content=1&1795240045084")).EnsureStatus(200);
        Assert.Equal("", home["name"]);
        Assert.Equal("", home["path"]);
        Assert.Equal("directory", home["type"]);
        Assert.Equal("json", home["format"]);
        Assert.Null(home["size"]);
        (await _alice.GetAsync("?type=directory&content=0")).EnsureStatus(200);
        (await _alice.SendAsync(HttpMethod.Get, "/")).EnsureStatus(200);
    }

    [Fact]
    public async Task Bytes_come_back_as_base64_in_lines_of_76()
    {
        byte[] bytes = new byte[100];
        Random.Shared.NextBytes(bytes);
        bytes[0] = 0xFF;
        (await _alice.PutAsync("data.bin", new { type = "file", format = "base64", content = Convert.ToBase64String(bytes) })).EnsureStatus(201);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(_alice.OnDisk("data.bin")));
        ContentsAnswer read = (await _alice.GetAsync("data.bin")).EnsureStatus(200);
        Assert.Equal("base64", read["format"]);
        Assert.Equal("application/octet-stream", read["mimetype"]);
        string[] lines = read["content"]!.Split('\n');
        Assert.Equal([76, 60, 0], lines.Select(line => line.Length));
        Assert.Equal(bytes, Convert.FromBase64String(read["content"]!));
        Assert.Equal("bad format", (await _alice.GetAsync("data.bin?format=text")).EnsureStatus(400)["reason"]);
    }

    [Fact]
    public async Task Base64_may_have_lines_and_lack_its_padding()
    {
        (await _alice.PutAsync("lines.bin", new { type = "file", format = "base64", content = "aGVs\nbG8g\r\nd29ybGQ" })).EnsureStatus(201);
        Assert.Equal("hello world", await File.ReadAllTextAsync(_alice.OnDisk("lines.bin")));
        ContentsAnswer read = await _alice.GetAsync("lines.bin?format=base64");
        Assert.Equal("aGVsbG8gd29ybGQ=\n", read["content"]);
    }

    [Fact]
    public async Task The_format_may_stand_behind_the_content()
    {
        (await _alice.PutRawAsync("late.bin", """{"content":"aGVsbG8=","format":"base64","type":"file"}""")).EnsureStatus(201);
        Assert.Equal("hello", await File.ReadAllTextAsync(_alice.OnDisk("late.bin")));
        (await _alice.PutRawAsync("late.txt", """{"content":"aGVsbG8=","path":"late.txt","format":"text","type":"file"}""")).EnsureStatus(201);
        Assert.Equal("aGVsbG8=", await File.ReadAllTextAsync(_alice.OnDisk("late.txt")));
    }

    [Fact]
    public async Task The_hash_is_that_of_the_bytes_on_disk_and_times_do_not_move()
    {
        await _alice.SaveAsync("hash.txt", "hello");
        ContentsAnswer first = (await _alice.GetAsync("hash.txt?content=0&hash=1")).EnsureStatus(200);
        Assert.Equal("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", first["hash"]);
        Assert.Equal("sha256", first["hash_algorithm"]);
        ContentsAnswer second = await _alice.GetAsync("hash.txt?content=1&hash=1");
        Assert.Equal(first["hash"], second["hash"]);
        Assert.Equal(first["last_modified"], second["last_modified"]);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", first["last_modified"]);
        (await _alice.GetAsync("?content=1&hash=1")).EnsureStatus(200);
    }

    [Fact]
    public async Task New_files_take_the_names_Jupyter_gives()
    {
        await _alice.PutAsync("names", new { type = "directory" });
        IEnumerable<string?> names =
        [
            (await _alice.PostAsync("names", new { type = "notebook" })).EnsureStatus(201)["name"],
            (await _alice.PostAsync("names", new { ext = ".ipynb" }))["name"],
            (await _alice.PostAsync("names", new { type = "file", ext = ".py" }))["name"],
            (await _alice.PostAsync("names", new { type = "file", ext = ".py" }))["name"],
            (await _alice.PostAsync("names", new { type = "directory" }))["name"],
            (await _alice.PostAsync("names", new { type = "directory" }))["name"],
            (await _alice.PostAsync("names", null))["name"],
            (await _alice.PutAsync("names", null)).EnsureStatus(201)["name"],
        ];
        Assert.Equal<IEnumerable<string?>>(["Untitled.ipynb", "Untitled1.ipynb", "untitled.py", "untitled1.py", "Untitled Folder", "Untitled Folder 1", "untitled", "untitled1"], names);
        ContentsAnswer notebook = await _alice.GetAsync("names/Untitled.ipynb");
        Assert.Equal(4, notebook.Json["content"]!["nbformat"]!.GetValue<int>());
        Assert.Equal("/user/alice/api/contents/names/Untitled%20Folder%202", (await _alice.PostAsync("names", new { type = "directory" })).Response.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task Copies_are_numbered_beside_the_original_and_keep_the_name_elsewhere()
    {
        await _alice.PutAsync("copies", new { type = "directory" });
        await _alice.SaveAsync("original.txt", "content");
        Assert.Equal("original-Copy1.txt", (await _alice.PostAsync("", new { copy_from = "original.txt" })).EnsureStatus(201)["name"]);
        Assert.Equal("original-Copy2.txt", (await _alice.PostAsync("", new { copy_from = "/original-Copy1.txt" })).EnsureStatus(201)["name"]);
        Assert.Equal("copies/original.txt", (await _alice.PostAsync("copies", new { copy_from = "original.txt" }))["path"]);
        Assert.Equal("content", (await _alice.GetAsync("copies/original.txt"))["content"]);
        Assert.Equal("copies-Copy1", (await _alice.PostAsync("", new { copy_from = "copies" })).EnsureStatus(201)["name"]);
        Assert.Equal("content", (await _alice.GetAsync("copies-Copy1/original.txt"))["content"]);
        (await _alice.PostAsync("copies", new { copy_from = "copies" })).EnsureStatus(400);
        (await _alice.PostAsync("", new { copy_from = "missing.txt" })).EnsureStatus(404);
        (await _alice.PostAsync("missing", new { copy_from = "original.txt" })).EnsureStatus(404);
        Assert.Equal("Cannot POST to files, use PUT instead.", (await _alice.PostAsync("original.txt", new { type = "file" })).EnsureStatus(400).Message);
        Assert.Equal("Cannot copy with PUT, only POST", (await _alice.PutAsync("x.txt", new { copy_from = "original.txt" })).EnsureStatus(400).Message);
    }

    [Fact]
    public async Task A_rename_moves_and_never_overwrites()
    {
        await _alice.SaveAsync("old.txt", "old");
        await _alice.SaveAsync("other.txt", "other");
        await _alice.PutAsync("there", new { type = "directory" });
        ContentsAnswer clash = (await _alice.PatchAsync("old.txt", new { path = "other.txt" })).EnsureStatus(409);
        Assert.Equal("File already exists: other.txt", clash.Message);
        ContentsAnswer moved = (await _alice.PatchAsync("old.txt", new { path = "there/New.txt" })).EnsureStatus(200);
        Assert.Equal("there/New.txt", moved["path"]);
        Assert.EndsWith("/there/New.txt", moved.Response.Headers.Location!.OriginalString, StringComparison.Ordinal);
        (await _alice.GetAsync("old.txt")).EnsureStatus(404);
        (await _alice.PatchAsync("there/New.txt", new { path = "there/new.txt" })).EnsureStatus(200);
        (await _alice.PatchAsync("there", new { path = "elsewhere" })).EnsureStatus(200);
        Assert.Equal("old", (await _alice.GetAsync("elsewhere/new.txt"))["content"]);
        (await _alice.PatchAsync("elsewhere", new { path = "elsewhere/inside" })).EnsureStatus(400);
        (await _alice.PatchAsync("missing.txt", new { path = "x.txt" })).EnsureStatus(404);
        (await _alice.PatchAsync("other.txt", null)).EnsureStatus(400);
        (await _alice.PatchAsync("other.txt", new { })).EnsureStatus(400);
        (await _alice.PatchAsync("other.txt", new { path = 5 })).EnsureStatus(400);
        (await _alice.PatchAsync("other.txt", new { path = "nowhere/other.txt" })).EnsureStatus(404);
        Assert.Equal("other", (await _alice.GetAsync("other.txt"))["content"]);
    }

    [Fact]
    public async Task Directories_are_removed_with_what_is_in_them_but_never_the_home()
    {
        await _alice.PutAsync("full", new { type = "directory" });
        await _alice.PutAsync("full/inner", new { type = "directory" });
        await _alice.SaveAsync("full/inner/file.txt", "x");
        ContentsAnswer deleted = (await _alice.DeleteAsync("full")).EnsureStatus(204);
        Assert.Equal("", deleted.Text);
        Assert.Null(deleted.Response.Content.Headers.ContentType);
        Assert.False(Directory.Exists(_alice.OnDisk("full")));
        (await _alice.DeleteAsync("full")).EnsureStatus(404);
        Assert.Equal("Can't delete root", (await _alice.DeleteAsync("")).EnsureStatus(400).Message);
    }

    [Fact]
    public async Task A_directory_can_be_put_twice()
    {
        (await _alice.PutAsync("twice", new { type = "directory" })).EnsureStatus(201);
        (await _alice.PutAsync("twice", new { type = "directory" })).EnsureStatus(201);
        await _alice.SaveAsync("file-not-directory", "x");
        (await _alice.PutAsync("file-not-directory", new { type = "directory" })).EnsureStatus(400);
        (await _alice.SaveAsync("twice", "x")).EnsureStatus(400);
    }

    [Fact]
    public async Task What_is_asked_as_something_it_is_not_is_refused()
    {
        await _alice.SaveAsync("f.txt", "x");
        await _alice.PutAsync("d", new { type = "directory" });
        ContentsAnswer notDirectory = (await _alice.GetAsync("f.txt?type=directory")).EnsureStatus(400);
        Assert.Equal("f.txt is not a directory", notDirectory.Message);
        Assert.Equal("bad type", notDirectory["reason"]);
        Assert.Equal("bad type", (await _alice.GetAsync("d?type=file")).EnsureStatus(400)["reason"]);
        Assert.Equal("bad type", (await _alice.GetAsync("d?type=notebook")).EnsureStatus(400)["reason"]);
        (await _alice.GetAsync("f.txt?format=json")).EnsureStatus(400);
        (await _alice.GetAsync("f.txt?content=2")).EnsureStatus(400);
        (await _alice.GetAsync("f.txt?hash=yes")).EnsureStatus(400);
        (await _alice.GetAsync("f.txt?type=unknown")).EnsureStatus(200);
        Assert.Equal("file or directory '/nope.txt' does not exist", (await _alice.GetAsync("nope.txt")).EnsureStatus(404).Message);
    }

    [Fact]
    public async Task A_save_that_makes_no_sense_is_refused_and_changes_nothing()
    {
        await _alice.SaveAsync("keep.txt", "kept");
        (string Body, string Message)[] wrong =
        [
            ("""{"content":"x","format":"text"}""", "No file type provided"),
            ("""{"type":"file","format":"text"}""", "No file content provided"),
            ("""{"type":"file","format":"text","content":null}""", "No file content provided"),
            ("""{"type":"file","content":"x"}""", "Must specify format of file contents as 'text' or 'base64'"),
            ("""{"type":"file","format":"json","content":"x"}""", "Must specify format of file contents as 'text' or 'base64'"),
            ("""{"type":"file","format":"text","content":{"a":1}}""", "'content' of a file must be text"),
            ("""{"type":"notebook","format":"json","content":"x"}""", "'content' of a notebook must be an object"),
            ("""{"type":"notebook","content":[]}""", "'content' of a notebook must be an object"),
            ("""{"type":"spaceship","content":"x"}""", "Unhandled contents type: spaceship"),
            ("""{"type":5,"format":"text","content":"x"}""", "'type' in the body must be text"),
            ("""{"type":"file","format":"text","content":"x","chunk":"1"}""", "'chunk' in the body must be an integer"),
            ("""{"type":"notebook","content":{},"chunk":1}""", "File type \"notebook\" is not supported for large file transfer"),
            ("""{"type":"file","format":"base64","content":"a#=="}""", "'content' cannot be decoded as base64: it is not base64 (character 2, white space not counted)"),
            ("""{"type":"file","format":"base64","content":"aGVsb"}""", "'content' cannot be decoded as base64: it stops in the middle of a byte (character 6, white space not counted)"),
            ("""{"type":"file","format":"text","content":"\ud800"}""", "Invalid JSON in body of request: 'content' is not valid Unicode"),
            ("""{"type":"file","format":"text","content":"x","content":"y"}""", "Invalid JSON in body of request: 'content' is given twice"),
            ("""{"type":"file","format":"text","content":"x""", "Invalid JSON in body of request"),
            ("""{"type":"file" "format":"text","content":"x"}""", "Invalid JSON in body of request"),
            ("""{"type":"file","format":"text","content":"x"} trailing""", "Invalid JSON in body of request"),
            ("""["type","file"]""", "Invalid JSON in body of request: it must be an object"),
            ("no json at all", "Invalid JSON in body of request"),
        ];
        foreach ((string body, string message) in wrong)
            Assert.Equal(message, (await _alice.PutRawAsync("keep.txt", body)).EnsureStatus(400).EnsureRefused().Message);
        Assert.Equal("kept", await File.ReadAllTextAsync(_alice.OnDisk("keep.txt")));
        Assert.DoesNotContain(Directory.GetFiles(_alice.Home, ".*"), file => file.Contains("nbhub", StringComparison.Ordinal));
        (await _alice.SaveAsync("missing/x.txt", "x")).EnsureStatus(404);
    }

    [Fact]
    public async Task Hidden_names_are_not_there_and_cannot_be_made()
    {
        await File.WriteAllTextAsync(_alice.OnDisk(".secret"), "hidden");
        Assert.Equal("file or directory '/.secret' does not exist", (await _alice.GetAsync(".secret")).EnsureStatus(404).Message);
        Assert.Equal("Cannot create file or directory '/.h.txt'", (await _alice.SaveAsync(".h.txt", "x")).EnsureStatus(400).Message);
        (await _alice.DeleteAsync(".secret")).EnsureStatus(400);
        (await _alice.PostAsync(".dir", new { type = "file" })).EnsureStatus(400);
        await _alice.SaveAsync("visible.txt", "x");
        (await _alice.PatchAsync("visible.txt", new { path = ".hidden.txt" })).EnsureStatus(400);
        (await _alice.PatchAsync(".secret", new { path = "shown.txt" })).EnsureStatus(400);
        (await _alice.PostAsync("", new { copy_from = ".secret" })).EnsureStatus(404);
        (await _alice.PostAsync("", new { type = "file", ext = "/../../x" })).EnsureStatus(400);
        Assert.DoesNotContain((await _alice.GetAsync("")).Json["content"]!.AsArray(), entry => entry!["name"]!.ToString()[0] == '.');
        Assert.Equal("hidden", await File.ReadAllTextAsync(_alice.OnDisk(".secret")));
    }

    [Fact]
    public async Task Hidden_names_are_shown_where_the_hub_allows_it()
    {
        await using ContentsFixture open = await ContentsFixture.StartAsync("Contents:AllowHidden=true");
        (await open.Alice.SaveAsync(".env", "A=1")).EnsureStatus(201);
        Assert.Equal("A=1", (await open.Alice.GetAsync(".env"))["content"]);
        Assert.Contains((await open.Alice.GetAsync("")).Json["content"]!.AsArray(), entry => entry!["name"]!.ToString() == ".env");
    }

    [Fact]
    public async Task Directories_called_checkpoints_and_trust_stay_reachable()
    {
        await _alice.PutAsync("model", new { type = "directory" });
        (await _alice.PutAsync("model/checkpoints", new { type = "directory" })).EnsureStatus(201);
        await _alice.SaveAsync("model/checkpoints/epoch1.pt", "weights");
        Assert.Equal("directory", (await _alice.GetAsync("model/checkpoints?content=1")).EnsureStatus(200)["type"]);
        Assert.Equal("weights", (await _alice.GetAsync("model/checkpoints/epoch1.pt"))["content"]);
        Assert.Equal("untitled.txt", (await _alice.PostAsync("model/checkpoints", new { type = "file", ext = ".txt" })).EnsureStatus(201)["name"]);
        (await _alice.DeleteAsync("model/checkpoints/epoch1.pt")).EnsureStatus(204);
        (await _alice.DeleteAsync("model/checkpoints")).EnsureStatus(204);
    }

    [Fact]
    public async Task A_head_request_tells_the_same_without_content()
    {
        await _alice.SaveAsync("head.txt", "x");
        ContentsAnswer head = (await _alice.SendAsync(HttpMethod.Head, "head.txt")).EnsureStatus(200);
        Assert.NotNull(head.Response.Content.Headers.LastModified);
        Assert.Equal("", head.Text);
        (await _alice.SendAsync(HttpMethod.Head, "gone.txt")).EnsureStatus(404);
    }

    [Fact]
    public async Task A_listing_that_has_not_changed_is_not_sent_again()
    {
        await _alice.PutAsync("tagged", new { type = "directory" });
        string tag = (await _alice.GetAsync("tagged")).Response.Headers.ETag!.ToString();
        using HttpRequestMessage again = new(HttpMethod.Get, _alice.Target("user/alice/api/contents/tagged"));
        again.Headers.TryAddWithoutValidation("If-None-Match", tag);
        Assert.Equal(304, (int)(await _alice.Http.SendAsync(again)).StatusCode);
        await _alice.SaveAsync("tagged/new.txt", "x");
        Assert.NotEqual(tag, (await _alice.GetAsync("tagged")).Response.Headers.ETag!.ToString());
    }

    [Fact]
    public async Task A_listing_leaves_out_what_only_programs_want()
    {
        string folder = _alice.OnDisk("clutter");
        Directory.CreateDirectory(folder);
        foreach (string name in new[] { "shown.py", "hidden.pyc", "backup~", ".DS_Store", "x.pyo", ".nbhub-0123.tmp" })
            await File.WriteAllTextAsync(Path.Combine(folder, name), "x");
        Directory.CreateDirectory(Path.Combine(folder, "__pycache__"));
        JsonArray entries = (await _alice.GetAsync("clutter")).EnsureStatus(200).Json["content"]!.AsArray();
        Assert.Equal(["shown.py"], entries.Select(entry => entry!["name"]!.ToString()));
        Assert.Equal("clutter/shown.py", entries[0]!["path"]!.ToString());
        Assert.Equal("text/x-python", entries[0]!["mimetype"]!.ToString());
    }
}
