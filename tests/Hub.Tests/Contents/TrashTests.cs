using Xunit;

namespace Hub.Tests.Contents;

/// <summary>Deleting into the home's trash, where the hub is told to, and what never stands in the way of making room.</summary>
public sealed class TrashTests : IAsyncLifetime
{
    private ContentsFixture? _fixture;

    private ContentsClient Alice => _fixture!.Alice;

    public async ValueTask InitializeAsync() =>
        _fixture = await ContentsFixture.StartAsync("Contents:DeleteToTrash=true", "Homes:QuotaBytes=1048576", "Homes:QuotaKind=measured", "Homes:LookEvery=00:00:00.050", "Homes:MeasureEvery=00:00:01");

    public ValueTask DisposeAsync() => _fixture!.DisposeAsync();

    [Fact]
    public async Task What_is_deleted_lies_in_the_trash_as_desktops_know_it()
    {
        await Alice.SaveAsync("gr%C3%BC%C3%9Fe%201.txt", "first");
        (await Alice.DeleteAsync("gr%C3%BC%C3%9Fe%201.txt")).EnsureStatus(204);
        await Alice.SaveAsync("gr%C3%BC%C3%9Fe%201.txt", "second");
        (await Alice.DeleteAsync("gr%C3%BC%C3%9Fe%201.txt")).EnsureStatus(204);
        Assert.Equal("first", await File.ReadAllTextAsync(InTrash("files/grüße 1.txt")));
        Assert.Equal("second", await File.ReadAllTextAsync(InTrash("files/grüße 1.txt.2")));
        string[] info = await File.ReadAllLinesAsync(InTrash("info/grüße 1.txt.trashinfo"));
        Assert.Equal("[Trash Info]", info[0]);
        Assert.Equal($"Path={string.Join('/', Alice.OnDisk("grüße 1.txt").Split('/').Select(Uri.EscapeDataString))}", info[1]);
        Assert.Matches(@"^DeletionDate=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$", info[2]);
        (await Alice.GetAsync("gr%C3%BC%C3%9Fe%201.txt")).EnsureStatus(404);
    }

    [Fact]
    public async Task A_directory_goes_there_whole()
    {
        (await Alice.PutAsync("folder", new { type = "directory" })).EnsureStatus(201);
        await Alice.SaveAsync("folder/a.txt", "a");
        (await Alice.DeleteAsync("folder")).EnsureStatus(204);
        Assert.Equal("a", await File.ReadAllTextAsync(InTrash("files/folder/a.txt")));
    }

    [Fact]
    public async Task What_is_too_old_goes_with_the_next_deletion()
    {
        await Alice.SaveAsync("old.txt", "old");
        await Alice.DeleteAsync("old.txt");
        File.SetLastWriteTimeUtc(InTrash("info/old.txt.trashinfo"), DateTime.UnixEpoch);
        await Alice.SaveAsync("new.txt", "new");
        (await Alice.DeleteAsync("new.txt")).EnsureStatus(204);
        Assert.False(File.Exists(InTrash("files/old.txt")));
        Assert.False(File.Exists(InTrash("info/old.txt.trashinfo")));
        Assert.True(File.Exists(InTrash("files/new.txt")));
    }

    [Fact]
    public async Task In_a_home_that_is_nearly_full_deleting_makes_room()
    {
        await Alice.SaveAsync("large.bin", new string('x', 1_030_000));
        await Testing.Eventually.Holds(async () =>
        {
            // Until the home was measured, one goes to the trash and fills it from there.
            if ((await Alice.SaveAsync("large.bin", new string('x', 1_030_000))).Status == 507)
            {
                if (File.Exists(InTrash("files/large.bin")))
                    File.Delete(InTrash("files/large.bin"));
                return false;
            }

            (await Alice.DeleteAsync("large.bin")).EnsureStatus(204);
            return !File.Exists(InTrash("files/large.bin"));
        });
        (await Alice.SaveAsync("again.bin", new string('x', 500_000))).EnsureStatus(201);
    }

    [Fact]
    public async Task A_trash_that_leads_out_of_the_home_takes_nothing()
    {
        string outside = Directory.CreateTempSubdirectory("hub-trash-").FullName;
        Directory.CreateDirectory(Alice.OnDisk(".local/share"));
        Directory.CreateSymbolicLink(Alice.OnDisk(".local/share/Trash"), outside);
        await Alice.OwnAsync();
        await Alice.SaveAsync("stays.txt", "x");
        ContentsAnswer refused = (await Alice.DeleteAsync("stays.txt")).EnsureStatus(400).EnsureRefused();
        Assert.Contains("Contents:DeleteToTrash", refused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(outside));
        Assert.True(File.Exists(Alice.OnDisk("stays.txt")));
        Directory.Delete(outside, recursive: true);
    }

    private string InTrash(string path) => Alice.OnDisk($".local/share/Trash/{path}");
}
