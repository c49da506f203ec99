using System.Diagnostics;
using System.Net.Http.Json;
using Hub.Contents;
using Hub.Contents.FileSystem;
using Xunit;

namespace Hub.Tests.Contents;

/// <summary>Two tabs and a kernel write the same file, and who knows what they write over loses nothing of anybody's.</summary>
public sealed class ConflictsTests(ContentsFixture fixture) : IClassFixture<ContentsFixture>
{
    private readonly ContentsClient _alice = fixture.Alice;

    [Fact]
    public async Task A_save_with_the_tag_it_is_based_on_is_refused_after_somebody_elses()
    {
        string first = Tag(await _alice.SaveAsync("tagged.txt", "1"));
        Assert.Equal(first, Tag(await _alice.GetAsync("tagged.txt")));
        Assert.Equal(first, Tag(await _alice.GetAsync("tagged.txt?content=0&hash=1")));
        Assert.Equal(first, Tag(await _alice.SendAsync(HttpMethod.Get, "tagged.txt", api: "files")));
        string second = Tag((await SaveAsync("tagged.txt", "2", "If-Match", first)).EnsureStatus(200));
        Assert.NotEqual(first, second);
        ContentsAnswer refused = (await SaveAsync("tagged.txt", "3", "If-Match", first)).EnsureStatus(412).EnsureRefused();
        Assert.Contains("changed by somebody else", refused.Message, StringComparison.Ordinal);
        (await SaveAsync("tagged.txt", "3", "If-Match", $"W/{second}")).EnsureStatus(412);
        (await SaveAsync("tagged.txt", "3", "If-Match", "nonsense")).EnsureStatus(400);
        (await SaveAsync("tagged.txt", "3", "If-Match", $"\"x\", {second}")).EnsureStatus(200);
        await File.WriteAllTextAsync(_alice.OnDisk("tagged.txt"), "kernel");
        (await SaveAsync("tagged.txt", "4", "If-Match", Tag(await _alice.GetAsync("tagged.txt")))).EnsureStatus(200);
        await File.WriteAllTextAsync(_alice.OnDisk("tagged.txt"), "kernel");
        (await SaveAsync("tagged.txt", "5", "If-Match", first)).EnsureStatus(412);
        Assert.Equal("kernel", await File.ReadAllTextAsync(_alice.OnDisk("tagged.txt")));
        (await SaveAsync("tagged.txt", "6", "If-Match", "*")).EnsureStatus(200);
        (await SaveAsync("absent.txt", "6", "If-Match", "*")).EnsureStatus(412);
        Assert.False(File.Exists(_alice.OnDisk("absent.txt")));
    }

    [Fact]
    public async Task A_new_file_can_be_asked_to_be_new()
    {
        (await SaveAsync("fresh.txt", "1", "If-None-Match", "*")).EnsureStatus(201);
        (await SaveAsync("fresh.txt", "2", "If-None-Match", "*")).EnsureStatus(412);
        Assert.Equal("1", (await _alice.GetAsync("fresh.txt"))["content"]);
        int[] made = await Task.WhenAll(Enumerable.Range(0, 8).Select(async number => (await SaveAsync("raced.txt", $"{number}", "If-None-Match", "*")).Status));
        Assert.Single(made, 201);
        Assert.Equal(7, made.Count(status => status == 412));
    }

    [Fact]
    public async Task A_save_can_be_bound_to_a_time()
    {
        await _alice.SaveAsync("timed.txt", "1");
        File.SetLastWriteTimeUtc(_alice.OnDisk("timed.txt"), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        (await SaveAsync("timed.txt", "2", "If-Unmodified-Since", "Tue, 31 Dec 2019 23:59:59 GMT")).EnsureStatus(412);
        (await SaveAsync("timed.txt", "2", "If-Unmodified-Since", "Wed, 01 Jan 2020 00:00:00 GMT")).EnsureStatus(200);
        (await SaveAsync("timed.txt", "3", "If-Unmodified-Since", "yesterday")).EnsureStatus(400);
    }

    [Fact]
    public async Task Renames_and_removals_can_be_bound_to_a_tag_too()
    {
        string old = Tag(await _alice.SaveAsync("bound.txt", "1"));
        string now = Tag(await _alice.SaveAsync("bound.txt", "2"));
        (await SendAsync(HttpMethod.Patch, "bound.txt", JsonContent.Create(new { path = "moved.txt" }), "If-Match", old)).EnsureStatus(412);
        (await SendAsync(HttpMethod.Delete, "bound.txt", null, "If-Match", old)).EnsureStatus(412);
        (await SendAsync(HttpMethod.Delete, "bound.txt", null, "If-Match", now)).EnsureStatus(204);
    }

    [Fact]
    public async Task The_hash_a_save_is_based_on_makes_it_safe_and_its_answer_has_the_next()
    {
        string? hash = (await _alice.SaveAsync("hashed.txt", "1"))["hash"];
        Assert.Equal((await _alice.GetAsync("hashed.txt?content=0&hash=1"))["hash"], hash);
        string? next = (await SaveWithHashAsync("hashed.txt", "2", hash)).EnsureStatus(200)["hash"];
        ContentsAnswer refused = (await SaveWithHashAsync("hashed.txt", "3", hash)).EnsureStatus(409).EnsureRefused();
        Assert.Contains("hash", refused.Message, StringComparison.Ordinal);
        Assert.Equal("changed", refused["reason"]);
        // The same bytes again are no change, whoever wrote them.
        await File.WriteAllTextAsync(_alice.OnDisk("hashed.txt"), "2");
        (await SaveWithHashAsync("hashed.txt", "3", next)).EnsureStatus(200);
        (await SaveWithHashAsync("brand-new.txt", "1", next)).EnsureStatus(201);
        (await _alice.PutAsync("hashed.txt", new { type = "file", format = "text", content = "4", hash = "x", hash_algorithm = "md5" })).EnsureStatus(400);
        object notebook = new { nbformat = 4, nbformat_minor = 5, metadata = new { }, cells = Array.Empty<object>() };
        string? of = (await _alice.PutAsync("hashed.ipynb", new { type = "notebook", content = notebook }))["hash"];
        (await _alice.PutAsync("hashed.ipynb", new { type = "notebook", content = notebook, hash = of })).EnsureStatus(200);
        await File.AppendAllTextAsync(_alice.OnDisk("hashed.ipynb"), " ");
        (await _alice.PutAsync("hashed.ipynb", new { type = "notebook", content = notebook, hash = of })).EnsureStatus(409);
    }

    [Fact]
    public async Task The_last_piece_of_an_upload_is_bound_as_well()
    {
        string old = Tag(await _alice.SaveAsync("pieces.txt", "old"));
        (await SendAsync(HttpMethod.Put, "pieces.txt", JsonContent.Create(new { type = "file", format = "text", chunk = 1, content = "a" }), "If-Match", old)).EnsureStatus(200);
        await File.WriteAllTextAsync(_alice.OnDisk("pieces.txt"), "kernel's");
        (await SendAsync(HttpMethod.Put, "pieces.txt", JsonContent.Create(new { type = "file", format = "text", chunk = -1, content = "b" }), "If-Match", old)).EnsureStatus(412);
        Assert.Equal("kernel's", await File.ReadAllTextAsync(_alice.OnDisk("pieces.txt")));
    }

    /// <summary>Each writer adds one to the number in the file, told to do nothing if somebody else did: no addition is lost.</summary>
    [Fact]
    public async Task Writers_who_know_what_they_overwrite_never_lose_anything()
    {
        const int writers = 4, additions = 25;
        await _alice.SaveAsync("counter.txt", "0");
        await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(async () =>
        {
            for (int added = 0; added < additions;)
            {
                ContentsAnswer read = await _alice.GetAsync("counter.txt");
                int next = int.Parse(read["content"]!, System.Globalization.CultureInfo.InvariantCulture) + 1;
                ContentsAnswer saved = await SaveAsync("counter.txt", $"{next}", "If-Match", Tag(read));
                Assert.True(saved.Status is 200 or 412, saved.Text);
                added += saved.Status == 200 ? 1 : 0;
            }
        })));
        Assert.Equal($"{writers * additions}", (await _alice.GetAsync("counter.txt"))["content"]);
        Assert.Empty(Directory.GetFiles(_alice.Home, ".nbhub-*.tmp"));
    }

    /// <summary>A kernel puts file after file in the same place; each save of the hub that did not expect it gives way, and each kernel's file is the hub's or still there.</summary>
    [Fact]
    public void A_kernel_that_writes_in_the_very_moment_of_a_save_wins()
    {
        string folder = Directory.CreateTempSubdirectory("hub-conflict-").FullName;
        using ContentRoot root = ContentRoot.Open(new HomeDirectory("x", folder, null, null));
        using OpenedDirectory directory = root.OpenDirectory(ContentPath.Root);
        byte[] name = FileName.Encode("f");
        int written = 0, refused = 0;
        using CancellationTokenSource end = new();
        Thread kernel = new(() =>
        {
            for (int number = 0; !end.IsCancellationRequested; number++)
            {
                File.WriteAllText(Path.Combine(folder, "k"), $"kernel {number}");
                File.Move(Path.Combine(folder, "k"), Path.Combine(folder, "f"), overwrite: true);
            }
        });
        File.WriteAllText(Path.Combine(folder, "f"), "start");
        kernel.Start();
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(1);)
        {
            FileStatus seen = directory.FindStatus(name)!.Value;
            using PendingFile file = PendingFile.Create(directory, "/f", durable: false);
            file.Write("hub"u8);
            if (file.TryReplace(name, FileModes.File, seen) is null)
                refused++;
            else
                written++;
        }
        end.Cancel();
        kernel.Join();
        Assert.True(refused > 0, $"{written} written, {refused} refused");
        Assert.Matches("^(hub|kernel)", File.ReadAllText(Path.Combine(folder, "f")));
        Assert.Equal(["f"], Directory.GetFileSystemEntries(folder).Select(Path.GetFileName));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task An_unchanged_file_is_not_described_again()
    {
        string tag = Tag(await _alice.SaveAsync("known.txt", "1"));
        Assert.Equal(304, (await SendAsync(HttpMethod.Get, "known.txt?content=0", null, "If-None-Match", tag)).Status);
        await _alice.SaveAsync("known.txt", "2");
        Assert.Equal(200, (await SendAsync(HttpMethod.Get, "known.txt?content=0", null, "If-None-Match", tag)).Status);
    }

    private static string Tag(ContentsAnswer answer) => answer.Response.Headers.GetValues("ETag").Single();

    private Task<ContentsAnswer> SaveWithHashAsync(string path, string text, string? hash) =>
        _alice.PutAsync(path, new { type = "file", format = "text", content = text, hash, hash_algorithm = "sha256" });

    private Task<ContentsAnswer> SaveAsync(string path, string text, string header, string value) =>
        SendAsync(HttpMethod.Put, path, JsonContent.Create(new { type = "file", format = "text", content = text }), header, value);

    private async Task<ContentsAnswer> SendAsync(HttpMethod method, string path, HttpContent? content, string header, string value)
    {
        using HttpRequestMessage request = new(method, _alice.Target($"user/alice/api/contents/{path}")) { Content = content };
        request.Headers.TryAddWithoutValidation(header, value);
        HttpResponseMessage response = await _alice.Http.SendAsync(request);
        return new ContentsAnswer((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response);
    }
}
