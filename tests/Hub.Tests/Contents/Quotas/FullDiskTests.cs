using Xunit;

namespace Hub.Tests.Contents.Quotas;

/// <summary>A home on a real file system of 1 MiB that is full to the last byte.</summary>
public sealed class FullDiskTests : IAsyncLifetime
{
    private ContentsFixture? _fixture;
    private bool _mounted;

    private ContentsClient Alice => _fixture!.Alice;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(Environment.UserName == "root", "Only root may mount.");
        _fixture = await ContentsFixture.StartAsync();
        string owner = (await HomeWalkTests.RunAsync("stat", "-c", "%u", Alice.Home)).Trim();
        string said = await HomeWalkTests.RunAsync("mount", "-t", "tmpfs", "-o", $"size=1m,mode=0700,uid={owner},gid={owner}", "tmpfs", Alice.Home);
        Assert.SkipUnless(said.Length == 0, $"This machine does not mount: {said}");
        _mounted = true;
    }

    public async ValueTask DisposeAsync()
    {
        if (_mounted)
            await HomeWalkTests.RunAsync("umount", "--lazy", Alice.Home);
        if (_fixture is not null)
            await _fixture.DisposeAsync();
    }

    [Fact]
    public async Task It_can_be_listed_opened_and_read_and_what_is_new_is_refused_in_words()
    {
        object notebook = new { nbformat = 4, nbformat_minor = 5, metadata = new { }, cells = Array.Empty<object>() };
        (await Alice.PutAsync("note.ipynb", new { type = "notebook", content = notebook })).EnsureStatus(201);
        await HomeWalkTests.RunAsync("dd", "if=/dev/zero", $"of={Alice.OnDisk("filler")}", "bs=4096");
        await Alice.OwnAsync();

        Assert.Equal(2, (await Alice.GetAsync("")).EnsureStatus(200).Json["content"]!.AsArray().Count);
        Assert.Equal("notebook", (await Alice.GetAsync("note.ipynb")).EnsureStatus(200)["type"]);
        (await Alice.SendAsync(HttpMethod.Get, "note.ipynb", api: "files")).EnsureStatus(200);
        (await Alice.GetAsync("note.ipynb/checkpoints")).EnsureStatus(200);

        ContentsAnswer refused = (await Alice.PostAsync("", new { type = "notebook" })).EnsureStatus(507);
        Assert.Contains("disk is full", refused.Message, StringComparison.Ordinal);
        (await Alice.SaveAsync("new.txt", new string('x', 10_000))).EnsureStatus(507);
        (await Alice.PostAsync("", new { copy_from = "note.ipynb" })).EnsureStatus(507);
        (await Alice.PatchAsync("note.ipynb", new { path = "renamed.ipynb" })).EnsureStatus(200);
        Assert.Equal(["filler", "renamed.ipynb"], Directory.GetFiles(Alice.Home).Select(Path.GetFileName).Order());

        (await Alice.DeleteAsync("filler")).EnsureStatus(204);
        (await Alice.PostAsync("", new { type = "notebook" })).EnsureStatus(201);
    }
}
