using System.Text.Json.Nodes;
using Xunit;

namespace Hub.Tests.Contents;

/// <summary>Several kept states of a file, and going back to any of them.</summary>
public sealed class CheckpointsTests(ContentsFixture fixture) : IClassFixture<ContentsFixture>
{
    private readonly ContentsClient _alice = fixture.Alice;

    [Fact]
    public async Task The_last_five_states_are_kept_oldest_first_and_each_can_be_restored()
    {
        for (int version = 1; version <= 8; version++)
            await KeepAsync("several.txt", $"version {version}");
        List<string> ids = await IdsAsync("several.txt");
        Assert.Equal(5, ids.Count);
        Assert.Equal(ids.Order(), ids);
        Assert.Equal("version 8", await File.ReadAllTextAsync(_alice.OnDisk(".ipynb_checkpoints/several-checkpoint.txt")));
        await _alice.SaveAsync("several.txt", "not kept yet");
        (await _alice.PostAsync($"several.txt/checkpoints/{ids[2]}", null)).EnsureStatus(204);
        Assert.Equal("version 6", (await _alice.GetAsync("several.txt"))["content"]);
        // What was replaced was kept, and is the newest state now.
        (await _alice.PostAsync("several.txt/checkpoints/checkpoint", null)).EnsureStatus(204);
        Assert.Equal("not kept yet", (await _alice.GetAsync("several.txt"))["content"]);
    }

    [Fact]
    public async Task A_state_that_is_kept_already_is_not_kept_twice_but_becomes_younger()
    {
        await KeepAsync("same.txt", "same");
        DateTimeOffset first = (await TimesAsync("same.txt")).Single();
        File.SetLastWriteTimeUtc(_alice.OnDisk(".ipynb_checkpoints/same-checkpoint.txt"), DateTime.UnixEpoch);
        await KeepAsync("same.txt", "same");
        Assert.True((await TimesAsync("same.txt")).Single() >= first);
    }

    [Fact]
    public async Task The_one_state_of_another_Jupyter_server_can_be_read_and_restored()
    {
        await _alice.SaveAsync("brought.txt", "now");
        Directory.CreateDirectory(_alice.OnDisk(".ipynb_checkpoints"));
        await File.WriteAllTextAsync(_alice.OnDisk(".ipynb_checkpoints/brought-checkpoint.txt"), "before");
        await _alice.OwnAsync();
        Assert.Equal(["checkpoint"], await IdsAsync("brought.txt"));
        (await _alice.PostAsync("brought.txt/checkpoints/checkpoint", null)).EnsureStatus(204);
        Assert.Equal("before", (await _alice.GetAsync("brought.txt"))["content"]);
        Assert.Equal(2, (await IdsAsync("brought.txt")).Count);
    }

    [Fact]
    public async Task With_one_state_per_file_there_is_what_Jupyter_has()
    {
        await using ContentsFixture one = await ContentsFixture.StartAsync("Contents:CheckpointsPerFile=1");
        for (int version = 1; version <= 3; version++)
            await KeepAsync("one.txt", $"version {version}", one.Alice);
        Assert.Equal(["checkpoint"], await IdsAsync("one.txt", one.Alice));
        await one.Alice.SaveAsync("one.txt", "changed");
        (await one.Alice.PostAsync("one.txt/checkpoints/checkpoint", null)).EnsureStatus(204);
        Assert.Equal("version 3", (await one.Alice.GetAsync("one.txt"))["content"]);
        Assert.Equal(["one-checkpoint.txt"], Directory.GetFiles(one.Alice.OnDisk(".ipynb_checkpoints")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Large_states_go_earlier_but_the_newest_stays()
    {
        await using ContentsFixture small = await ContentsFixture.StartAsync("Contents:MaxCheckpointBytes=2500");
        for (int version = 1; version <= 4; version++)
            await KeepAsync("large.txt", new string((char)('0' + version), 1000), small.Alice);
        Assert.Equal(2, (await IdsAsync("large.txt", small.Alice)).Count);
        await KeepAsync("large.txt", new string('x', 5000), small.Alice);
        Assert.Single(await IdsAsync("large.txt", small.Alice));
    }

    [Fact]
    public async Task In_a_full_home_old_states_make_room_for_new_ones()
    {
        await using ContentsFixture full = await ContentsFixture.StartAsync("Homes:QuotaBytes=1048576", "Homes:QuotaKind=measured");
        for (int version = 1; version <= 4; version++)
            await KeepAsync("grows.txt", new string((char)('0' + version), 200_000), full.Alice);
        Assert.InRange((await IdsAsync("grows.txt", full.Alice)).Count, 3, 4);
        await KeepAsync("grows.txt", new string('5', 200_000), full.Alice);
        await KeepAsync("grows.txt", new string('6', 200_000), full.Alice);
        Assert.Equal(new string('6', 200_000), await File.ReadAllTextAsync(full.Alice.OnDisk(".ipynb_checkpoints/grows-checkpoint.txt")));
    }

    [Fact]
    public async Task Kept_states_follow_a_rename_with_their_ids()
    {
        await KeepAsync("old.txt", "1");
        await KeepAsync("old.txt", "2");
        List<string> ids = await IdsAsync("old.txt");
        (await _alice.PatchAsync("old.txt", new { path = "new.txt" })).EnsureStatus(200);
        Assert.Equal(ids, await IdsAsync("new.txt"));
        (await _alice.DeleteAsync("new.txt")).EnsureStatus(204);
        Assert.DoesNotContain(Directory.GetFiles(_alice.OnDisk(".ipynb_checkpoints")), file => Path.GetFileName(file).StartsWith("new-", StringComparison.Ordinal));
    }

    private async Task KeepAsync(string path, string text, ContentsClient? client = null)
    {
        await (client ?? _alice).SaveAsync(path, text);
        ContentsAnswer kept = (await (client ?? _alice).PostAsync($"{path}/checkpoints", null)).EnsureStatus(201);
        Assert.NotNull(kept["last_modified"]);
    }

    private async Task<List<string>> IdsAsync(string path, ContentsClient? client = null) =>
        [.. (await ListAsync(path, client)).Select(state => (string)state!["id"]!)];

    private async Task<List<DateTimeOffset>> TimesAsync(string path) => [.. (await ListAsync(path, null)).Select(state => (DateTimeOffset)state!["last_modified"]!)];

    private async Task<JsonArray> ListAsync(string path, ContentsClient? client) => (await (client ?? _alice).GetAsync($"{path}/checkpoints")).EnsureStatus(200).Json.AsArray();
}
