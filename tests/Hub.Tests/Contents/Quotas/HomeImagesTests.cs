using System.Net.Http.Json;
using Hub.Contents.Quotas;
using Hub.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Testing;
using Xunit;

namespace Hub.Tests.Contents.Quotas;

/// <summary>Homes that are file systems of their own, really made and mounted.</summary>
public sealed class HomeImagesTests : IAsyncLifetime
{
    private const long Quota = 4 << 20;

    private readonly string _data = Directory.CreateTempSubdirectory("hub-image-").FullName;
    private HubFixture? _hub;

    private ContentsClient Alice => new(_hub!.Client(), "alice", Path.Combine(_data, "homes", "alice"));

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(ImageSupport.Problem() is null, $"Homes cannot be images here: {ImageSupport.Problem()}");
        // A user's own uid is to reach its home, as kernels do.
        File.SetUnixFileMode(_data, File.GetUnixFileMode(_data) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        await StartAsync();
        await MakeAsync("alice");
    }

    public async ValueTask DisposeAsync()
    {
        if (_hub is not null)
            await _hub.DisposeAsync();
        foreach (string home in Directory.Exists(Path.Combine(_data, "homes")) ? Directory.GetDirectories(Path.Combine(_data, "homes")) : [])
            await HomeWalkTests.RunAsync("umount", "--lazy", home);
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task What_writes_past_the_hub_meets_a_wall_and_the_hub_can_still_save_read_and_delete()
    {
        object notebook = new { nbformat = 4, nbformat_minor = 5, metadata = new { }, cells = Array.Empty<object>() };
        (await Alice.PutAsync("note.ipynb", new { type = "notebook", content = notebook })).EnsureStatus(201);
        string said = await FillAsync(Alice);
        Assert.Contains("No space left on device", said, StringComparison.Ordinal);
        Assert.InRange(new FileInfo(Alice.OnDisk("filler")).Length, Quota - (200 << 10), Quota * 3);

        Assert.Equal(2, (await Alice.GetAsync("")).EnsureStatus(200).Json["content"]!.AsArray().Count);
        (await Alice.GetAsync("note.ipynb")).EnsureStatus(200);
        // The reserve is the hub's alone: what replaces a file is written though a kernel left no block.
        (await Alice.PutAsync("note.ipynb", new { type = "notebook", content = notebook })).EnsureStatus(200);
        ContentsAnswer refused = (await Alice.PostAsync("", new { type = "notebook" })).EnsureStatus(507);
        Assert.Contains("of 4 MiB are used", refused.Message, StringComparison.Ordinal);
        (await Alice.DeleteAsync("filler")).EnsureStatus(204);
        (await Alice.PostAsync("", new { type = "notebook" })).EnsureStatus(201);
    }

    [Fact]
    public async Task A_home_is_its_users_alone_and_empty_at_first()
    {
        Assert.True(MountPoint.IsMounted(Alice.Home));
        Assert.All(Directory.GetFileSystemEntries(Alice.Home), entry => Assert.StartsWith(".nbhub-spare-", Path.GetFileName(entry), StringComparison.Ordinal));
        Assert.Empty((await Alice.GetAsync("")).EnsureStatus(200).Json["content"]!.AsArray());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Alice.Home));
        string options = (await File.ReadAllLinesAsync("/proc/self/mountinfo", TestContext.Current.CancellationToken)).Single(line => line.Contains($" {Alice.Home} ", StringComparison.Ordinal));
        Assert.Contains("nosuid", options, StringComparison.Ordinal);
        Assert.Contains("nodev", options, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_next_run_of_the_hub_finds_it_mounted_or_mounts_it_again()
    {
        (await Alice.SaveAsync("kept.txt", "kept")).EnsureStatus(201);
        await _hub!.StopAsync();
        Assert.True(MountPoint.IsMounted(Alice.Home));
        await StartAsync();
        Assert.Equal("kept", (await Alice.GetAsync("kept.txt")).EnsureStatus(200)["content"]);
        await _hub.StopAsync();
        await HomeWalkTests.RunAsync("umount", Alice.Home);
        Assert.Empty(Directory.GetFileSystemEntries(Alice.Home));
        // Also when there is no quota any more: where the files are does not depend on it.
        await StartAsync(quota: 0);
        Assert.Equal("kept", (await Alice.GetAsync("kept.txt")).EnsureStatus(200)["content"]);
    }

    [Fact]
    public async Task A_home_that_is_used_through_an_older_mount_is_never_two_file_systems()
    {
        // As a kernel has it that outlives the hub: open while the hub unmounts and mounts again.
        await using FileStream held = new(Alice.OnDisk("held.txt"), FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
        await HomeWalkTests.RunAsync("umount", "--lazy", Alice.Home);
        (await Alice.SaveAsync("new.txt", "new")).EnsureStatus(201);
        await held.WriteAsync("through the old one"u8.ToArray(), TestContext.Current.CancellationToken);
        await held.FlushAsync(TestContext.Current.CancellationToken);
        Assert.Equal("through the old one", await HomeWalkTests.RunAsync("cat", Alice.OnDisk("held.txt")));
    }

    [Fact]
    public async Task A_home_that_rests_is_unmounted_and_comes_back_when_it_is_opened()
    {
        await _hub!.StopAsync();
        await StartAsync("Homes:RestAfter=00:00:01");
        (await Alice.SaveAsync("kept.txt", "kept")).EnsureStatus(201);
        await Eventually.Holds(() => !MountPoint.IsMounted(Alice.Home));
        Assert.Equal("kept", (await Alice.GetAsync("kept.txt")).EnsureStatus(200)["content"]);
    }

    [Fact]
    public async Task A_raised_quota_makes_it_larger_with_what_is_in_it()
    {
        (await Alice.SaveAsync("kept.txt", "kept")).EnsureStatus(201);
        await _hub!.StopAsync();
        await UnmountAsync(Alice);
        await StartAsync(quota: 64 << 20);
        Assert.Equal("kept", (await Alice.GetAsync("kept.txt")).EnsureStatus(200)["content"]);
        Assert.True(new DriveInfo(Alice.Home).AvailableFreeSpace >= 64 << 20);
        Assert.Equal(64 << 20, _hub.Services.GetRequiredService<HomeQuotas>().Find("alice")!.Value.LimitBytes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_raised_quota_moves_the_wall_while_a_file_is_written_or_says_why_not(bool inFull)
    {
        await _hub!.StopAsync();
        await StartAsync($"Homes:AllocateInFull={inFull}");
        await MakeAsync("carol");
        ContentsClient carol = new(_hub.Client(), "carol", Path.Combine(_data, "homes", "carol"));
        // As a kernel has it open all the time, and as one that fills its home.
        await using FileStream held = new(carol.OnDisk("held.bin"), FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
        held.Write(new byte[100_000]);
        Assert.Contains("No space left on device", await FillAsync(carol), StringComparison.Ordinal);
        long wall = new FileInfo(carol.OnDisk("filler")).Length;
        File.Delete(carol.OnDisk("filler"));

        using HttpClient admin = _hub.Client();
        (await admin.PostAsJsonAsync("hub/api/groups/large", new { }, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        (await admin.PostAsJsonAsync("hub/api/groups/large/users", new { users = new[] { "carol" } }, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        HomeQuotas quotas = _hub.Services.GetRequiredService<HomeQuotas>();
        await Eventually.Holds(() => quotas.Find("carol") is { LimitBytes: 48 << 20 });
        string image = Path.Combine(_data, "home-images", "carol.ext4");
        if (!ImageGrowth.HasCapability(ImageGrowth.MayResize))
        {
            // This machine's kernel lets nobody here resize what is mounted: the image is as it was, and grows when it is mounted the next time.
            await held.DisposeAsync();
            await _hub.StopAsync();
            await UnmountAsync(carol);
            await StartAsync();
            carol = new ContentsClient(_hub.Client(), "carol", carol.Home);
            (await carol.GetAsync("")).EnsureStatus(200);
        }
        await Eventually.Holds(() => ImageGrowth.SizeOf(image) >= 48 << 20 && new DriveInfo(carol.Home).AvailableFreeSpace >= 47 << 20);
        Assert.Contains("No space left on device", await FillAsync(carol), StringComparison.Ordinal);
        Assert.InRange(new FileInfo(carol.OnDisk("filler")).Length, 47L << 20, 58L << 20);
        Assert.True(wall < 12 << 20, $"the wall was at {wall} already");
        File.Delete(carol.OnDisk("filler"));
        if (held.CanWrite)
        {
            // Through what was opened before the wall was moved, more than the whole image could hold then.
            held.Write(new byte[40 << 20]);
            held.Flush(flushToDisk: true);
            Assert.Equal((40 << 20) + 100_000, new FileInfo(carol.OnDisk("held.bin")).Length);
        }
        await held.DisposeAsync();
        await _hub.StopAsync();
        await UnmountAsync(carol);
        Assert.DoesNotContain("UNEXPECTED", await HomeWalkTests.RunAsync("e2fsck", "-f", "-n", image), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_home_of_somebody_with_more_is_made_as_large_at_once()
    {
        using HttpClient admin = _hub!.Client();
        (await admin.PostAsJsonAsync("hub/api/groups/large", new { }, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        (await admin.PostAsJsonAsync("hub/api/users/dora", new { }, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        (await admin.PostAsJsonAsync("hub/api/groups/large/users", new { users = new[] { "dora" } }, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        HomeQuotas quotas = _hub.Services.GetRequiredService<HomeQuotas>();
        await Eventually.Holds(() => quotas.LimitOf("dora") == 48 << 20);
        (await admin.PostAsJsonAsync("hub/api/users/dora/server", new { }, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        (await new ContentsClient(admin, "dora", "").GetAsync("")).EnsureStatus(200);
        Assert.Equal(ImagePlan.For(48 << 20).ImageBytes, ImageGrowth.SizeOf(Path.Combine(_data, "home-images", "dora.ext4")));
        Assert.Equal(ImagePlan.For(Quota).ImageBytes, ImageGrowth.SizeOf(Path.Combine(_data, "home-images", "alice.ext4")));
    }

    [Fact]
    public async Task Who_ends_all_kernels_finds_no_home_mounted_afterwards_and_no_loop_device()
    {
        await MakeAsync("bob");
        ContentsClient bob = new(_hub!.Client(), "bob", Path.Combine(_data, "homes", "bob"));
        (await Alice.SaveAsync("kept.txt", "kept")).EnsureStatus(201);
        string[] images = Directory.GetFiles(Path.Combine(_data, "home-images"));
        Assert.Equal(2, images.Length);
        string[] stopAll = ["stop-all", "--data", _data, "Hub:Spawner=process", .. await HubFixture.DatabaseOfAsync(_data)];

        // A hub that runs does it, and mounts again what is opened.
        Assert.Equal(0, await HubProcess.RunAsync(stopAll));
        await NothingIsMountedAsync();
        // 503 asks to try again, while the last of the old mount goes.
        await Eventually.Holds(async () => (await Alice.GetAsync("kept.txt")).Status == 200);
        Assert.Equal("kept", (await Alice.GetAsync("kept.txt")).EnsureStatus(200)["content"]);
        Assert.True(MountPoint.IsMounted(Alice.Home));

        // One that ends leaves it mounted, and without one it is done likewise.
        await _hub.StopAsync();
        Assert.True(MountPoint.IsMounted(Alice.Home));
        Assert.Equal(0, await HubProcess.RunAsync(stopAll));
        await NothingIsMountedAsync();

        // And a hub whose kernels end with it.
        await StartAsync("Kernels:StopOnExit=true");
        Assert.Equal("kept", (await Alice.GetAsync("kept.txt")).EnsureStatus(200)["content"]);
        (await new ContentsClient(_hub.Client(), "bob", bob.Home).GetAsync("")).EnsureStatus(200);
        Assert.True(MountPoint.IsMounted(Alice.Home) && MountPoint.IsMounted(bob.Home));
        await _hub.StopAsync();
        await NothingIsMountedAsync();

        async Task NothingIsMountedAsync()
        {
            Assert.False(MountPoint.IsMounted(Alice.Home) || MountPoint.IsMounted(bob.Home));
            foreach (string image in images)
                await IsFreeAsync(image);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_image_takes_what_is_in_it_or_on_wish_all_of_its_room_at_once(bool inFull)
    {
        await _hub!.StopAsync();
        await StartAsync($"Homes:AllocateInFull={inFull}", quota: 64 << 20);
        await MakeAsync("bob");
        string[] said = (await HomeWalkTests.RunAsync("stat", "-c", "%b %s", Path.Combine(_data, "home-images", "bob.ext4"))).Split(' ');
        long allocated = long.Parse(said[0], System.Globalization.CultureInfo.InvariantCulture) * 512;
        long length = long.Parse(said[1], System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(length >= 64 << 20);
        Assert.True(inFull ? allocated >= length : allocated <= 8 << 20, $"{allocated} of {length} bytes are allocated");
    }

    [Fact]
    public async Task It_follows_a_renamed_user_and_waits_in_the_directory_of_a_deleted_one()
    {
        (await Alice.SaveAsync("kept.txt", "kept")).EnsureStatus(201);
        using HttpClient admin = _hub!.Client();
        (await admin.DeleteAsync("hub/api/users/alice/server", TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        (await admin.PatchAsJsonAsync("hub/api/users/alice", new { name = "alicia" }, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        (await admin.PostAsJsonAsync("hub/api/users/alicia/server", new { }, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        ContentsClient alicia = new(_hub.Client(), "alicia", Path.Combine(_data, "homes", "alicia"));
        Assert.Equal("kept", (await alicia.GetAsync("kept.txt")).EnsureStatus(200)["content"]);
        Assert.True(MountPoint.IsMounted(alicia.Home));
        (await admin.DeleteAsync("hub/api/users/alicia/server", TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        (await admin.DeleteAsync("hub/api/users/alicia", TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        string aside = Assert.Single(Directory.GetDirectories(Path.Combine(_data, "homes"), "%deleted-*"));
        Assert.Equal([HomeImages.LeftName], Directory.GetFiles(aside).Select(Path.GetFileName));
        Assert.Empty(Directory.GetFiles(Path.Combine(_data, "home-images")));
    }

    [Fact]
    public async Task A_home_that_was_used_already_stays_a_directory()
    {
        await _hub!.StopAsync();
        await StartAsync(quota: 0);
        await MakeAsync("bob");
        await MakeAsync("carol");
        ContentsClient bob = new(_hub.Client(), "bob", Path.Combine(_data, "homes", "bob"));
        (await bob.SaveAsync("old.txt", "old")).EnsureStatus(201);
        await _hub.StopAsync();
        await StartAsync();
        bob = new ContentsClient(_hub.Client(), "bob", bob.Home);
        Assert.Equal("old", (await bob.GetAsync("old.txt")).EnsureStatus(200)["content"]);
        Assert.False(MountPoint.IsMounted(bob.Home));
        ContentsClient carol = new(_hub.Client(), "carol", Path.Combine(_data, "homes", "carol"));
        (await carol.SaveAsync("first.txt", "first")).EnsureStatus(201);
        Assert.False(MountPoint.IsMounted(carol.Home));
        (await bob.SaveAsync("big.txt", new string('b', 5 << 20))).EnsureStatus(507);
    }

    [Fact]
    public async Task A_home_whose_image_cannot_be_mounted_is_not_opened_and_not_taken_for_an_empty_one()
    {
        (await Alice.SaveAsync("kept.txt", "kept")).EnsureStatus(201);
        await HomeWalkTests.RunAsync("umount", Alice.Home);
        string image = Path.Combine(_data, "home-images", "alice.ext4");
        await HomeWalkTests.RunAsync("dd", "if=/dev/zero", $"of={image}", "bs=1M", "count=1", "conv=notrunc");
        Assert.Contains("operator", (await Alice.GetAsync("")).EnsureStatus(500).Message, StringComparison.Ordinal);
        (await Alice.SaveAsync("new.txt", "new")).EnsureStatus(500);
        Assert.Empty(Directory.GetFileSystemEntries(Alice.Home));
        Assert.True(File.Exists(image));
    }

    [Fact]
    public async Task Who_reads_all_homes_finds_those_mounted_that_are_not()
    {
        (await Alice.SaveAsync("kept.txt", "kept")).EnsureStatus(201);
        await _hub!.StopAsync();
        await HomeWalkTests.RunAsync("umount", Alice.Home);
        new HomeImages(new DataLayout(_data), Options.Create(new HomesOptions()), NullLogger<HomeImages>.Instance).FindAll();
        Assert.Equal("kept", await File.ReadAllTextAsync(Alice.OnDisk("kept.txt"), TestContext.Current.CancellationToken));
    }

    private static async Task MakeAsync(HttpClient admin, string user)
    {
        (await admin.PostAsJsonAsync($"hub/api/users/{user}", new { })).EnsureSuccessStatusCode();
        (await admin.PostAsJsonAsync($"hub/api/users/{user}/server", new { })).EnsureSuccessStatusCode();
    }

    private async Task MakeAsync(string user)
    {
        using HttpClient admin = _hub!.Client();
        await MakeAsync(admin, user);
        (await new ContentsClient(admin, user, "").GetAsync("")).EnsureStatus(200);
    }

    private async Task StartAsync(string? more = null, long quota = Quota)
    {
        string[] settings = [$"Homes:QuotaBytes={quota}", "Homes:LookEvery=00:00:00.050", "Homes:QuotasEvery=00:00:00.050", $"Homes:Quotas:large:Bytes={48 << 20}", "Homes:Quotas:large:Groups:0=large"];
        settings = quota == 0 ? settings[..3] : settings;
        _hub = await HubFixture.StartAsync(more is null ? settings : [.. settings, more], data: _data);
    }

    private async Task UnmountAsync(ContentsClient whose)
    {
        await HomeWalkTests.RunAsync("umount", whose.Home);
        await IsFreeAsync(Path.Combine(_data, "home-images", whose.User + ".ext4"));
    }

    /// <summary>The machine lets go of a loop device with the last mount namespace that knew it, such as that of a container that starts just now.</summary>
    private static Task IsFreeAsync(string image) => Eventually.Holds(async () => (await HomeWalkTests.RunAsync("losetup", "-j", image)).Length == 0);

    /// <summary>As a kernel would: with the user's own uid and no more rights.</summary>
    private static async Task<string> FillAsync(ContentsClient whose)
    {
        string owner = (await HomeWalkTests.RunAsync("stat", "-c", "%u", whose.Home)).Trim();
        return await HomeWalkTests.RunAsync("setpriv", $"--reuid={owner}", $"--regid={owner}", "--clear-groups", "--bounding-set=-all", "dd", "if=/dev/zero", $"of={whose.OnDisk("filler")}", "bs=64k", "count=2000");
    }
}
