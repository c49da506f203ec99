using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Hub.Contents;
using Hub.Contents.Watching;
using Microsoft.Extensions.DependencyInjection;
using Testing;
using Xunit;

namespace Hub.Tests.Contents;

/// <summary>Open pages hear of files that kernels, other tabs and the hub itself change.</summary>
public sealed class HomeWatcherTests : IAsyncLifetime
{
    private ContentsFixture? _fixture;

    private ContentsClient Alice => _fixture!.Alice;

    public async ValueTask InitializeAsync() =>
        _fixture = await ContentsFixture.StartAsync("Contents:WatchEvery=00:00:00.050", "Contents:WatchesPerUser=3", "Contents:WatchFor=00:01:00");

    public ValueTask DisposeAsync() => _fixture!.DisposeAsync();

    [Fact]
    public async Task A_page_hears_what_a_kernel_does_in_a_directory_it_listed()
    {
        using ClientWebSocket page = await SubscribeAsync();
        Directory.CreateDirectory(Alice.OnDisk("shown"));
        await Alice.OwnAsync();
        (await Alice.GetAsync("shown")).EnsureStatus(200);
        await File.WriteAllTextAsync(Alice.OnDisk("shown/new.txt"), "x");
        JsonNode made = await HearAsync(page, "shown/new.txt");
        Assert.Equal("create", (string?)made["action"]);
        Assert.Equal("https://events.jupyter.org/jupyter_server/contents_service/v1", (string?)made["schema_id"]);
        await File.WriteAllTextAsync(Alice.OnDisk("shown/new.txt"), "xx");
        Assert.Equal("save", (string?)(await HearAsync(page, "shown/new.txt"))["action"]);
        File.Move(Alice.OnDisk("shown/new.txt"), Alice.OnDisk("shown/moved.txt"));
        JsonNode moved = await HearAsync(page, "shown/moved.txt");
        Assert.Equal(("rename", "shown/new.txt"), ((string?)moved["action"], (string?)moved["source_path"]));
        File.Delete(Alice.OnDisk("shown/moved.txt"));
        Assert.Equal("delete", (string?)(await HearAsync(page, "shown/moved.txt"))["action"]);
        (await Alice.SaveAsync("shown/saved.txt", "by the hub")).EnsureStatus(201);
        Assert.Equal("save", (string?)(await HearAsync(page, "shown/saved.txt"))["action"]);
        // Nothing was said of hidden files, and of the temporary one.
        await File.WriteAllTextAsync(Alice.OnDisk("shown/.hidden"), "x");
        for (int file = 0; file < 100; file++)
            await File.WriteAllTextAsync(Alice.OnDisk($"shown/many-{file}"), "x");
        JsonNode all = await HearAsync(page, "shown");
        Assert.Equal("save", (string?)all["action"]);
    }

    [Fact]
    public async Task Each_user_has_a_bounded_number_of_watches_and_hears_nothing_of_others()
    {
        using ClientWebSocket page = await SubscribeAsync();
        HomeWatcher watcher = _fixture!.Hub.Services.GetRequiredService<HomeWatcher>();
        (await _fixture.Bob.GetAsync("")).EnsureStatus(200);
        int before = watcher.Count;
        for (int directory = 0; directory < 6; directory++)
        {
            Directory.CreateDirectory(Alice.OnDisk($"d{directory}"));
            await Alice.OwnAsync();
            (await Alice.GetAsync($"d{directory}")).EnsureStatus(200);
        }
        Assert.InRange(watcher.Count, 3, before + 3);
        await File.WriteAllTextAsync(_fixture.Bob.OnDisk("bobs.txt"), "x");
        await File.WriteAllTextAsync(Alice.OnDisk("d0/unseen.txt"), "x");
        await File.WriteAllTextAsync(Alice.OnDisk("d5/seen.txt"), "x");
        for (string? told = ""; told != "d5/seen.txt"; told = (string?)(await NextAsync(page))["path"])
            Assert.DoesNotContain(told, new[] { "bobs.txt", "d0/unseen.txt" });
    }

    [Fact]
    public async Task A_directory_that_is_gone_is_watched_no_more()
    {
        HomeWatcher watcher = _fixture!.Hub.Services.GetRequiredService<HomeWatcher>();
        Directory.CreateDirectory(Alice.OnDisk("goes"));
        await Alice.OwnAsync();
        int before = watcher.Count;
        (await Alice.GetAsync("goes")).EnsureStatus(200);
        Assert.Equal(before + 1, watcher.Count);
        Directory.Delete(Alice.OnDisk("goes"));
        await Eventually.Holds(() => watcher.Count == before);
    }

    [Fact]
    public async Task Nobody_hears_of_the_home_of_a_former_user_of_their_name()
    {
        HomeWatcher watcher = _fixture!.Hub.Services.GetRequiredService<HomeWatcher>();
        Directory.CreateDirectory(_fixture.Bob.OnDisk("deep"));
        await _fixture.Bob.OwnAsync();
        int before = watcher.Count;
        (await _fixture.Bob.GetAsync("deep")).EnsureStatus(200);
        Assert.True(watcher.Count > before);
        using HttpClient admin = _fixture.Hub.Client();
        (await admin.DeleteAsync("hub/api/users/bob")).EnsureSuccessStatusCode();
        await Eventually.Holds(() => watcher.Count < before);
    }

    [Fact]
    public void Many_changes_are_told_as_one_and_a_save_by_renaming_is_a_save()
    {
        ContentNewsPlan plan = new(ContentPath.Parse("a", new ContentsOptions()), 3, name => name[0] != '.');
        plan.Add(new DirectoryChange(1, Inotify.Created, 0, ".tmp"));
        plan.Add(new DirectoryChange(1, Inotify.MovedFrom, 7, ".tmp"));
        plan.Add(new DirectoryChange(1, Inotify.MovedTo, 7, "kept.txt"));
        plan.Add(new DirectoryChange(1, Inotify.Created, 0, "new.txt"));
        plan.Add(new DirectoryChange(1, Inotify.Written, 0, "new.txt"));
        plan.Add(new DirectoryChange(1, Inotify.MovedFrom, 8, "gone-elsewhere.txt"));
        Assert.Equal(
            [new ContentNews("save", "a/kept.txt"), new ContentNews("create", "a/new.txt"), new ContentNews("delete", "a/gone-elsewhere.txt")], plan.News());
        plan.Add(new DirectoryChange(1, Inotify.Created, 0, "one-too-many.txt"));
        Assert.Equal([new ContentNews("save", "a")], plan.News());
    }

    private async Task<ClientWebSocket> SubscribeAsync()
    {
        ClientWebSocket page = new();
        page.Options.SetRequestHeader("Authorization", Alice.Http.DefaultRequestHeaders.Authorization!.ToString());
        await page.ConnectAsync(new Uri($"ws://{Alice.Http.BaseAddress!.Authority}/user/alice/api/events/subscribe"), CancellationToken.None);
        return page;
    }

    private static async Task<JsonNode> HearAsync(ClientWebSocket page, string path)
    {
        while (true)
        {
            JsonNode told = await NextAsync(page);
            Assert.DoesNotContain("/.", (string)told["path"]!, StringComparison.Ordinal);
            if ((string?)told["path"] == path)
                return told;
        }
    }

    private static async Task<JsonNode> NextAsync(ClientWebSocket page)
    {
        byte[] frame = new byte[4096];
        while (true)
        {
            WebSocketReceiveResult received = await Eventually.Comes(page.ReceiveAsync(frame, CancellationToken.None));
            JsonNode told = JsonNode.Parse(Encoding.UTF8.GetString(frame, 0, received.Count))!;
            if (((string?)told["schema_id"])!.Contains("contents_service", StringComparison.Ordinal))
                return told;
        }
    }
}
