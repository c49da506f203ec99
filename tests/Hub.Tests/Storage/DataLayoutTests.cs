using Hub.Storage;
using Xunit;

namespace Hub.Tests.Storage;

/// <summary>Who may look into the data directory.</summary>
public sealed class DataLayoutTests : IDisposable
{
    private const UnixFileMode PassThrough =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("hub-layout-");

    [Fact]
    public void Others_may_pass_through_to_homes_and_see_nothing_else()
    {
        var layout = new DataLayout(Path.Combine(_directory.FullName, "data"));
        layout.Create();
        Assert.All([layout.Root, layout.Homes, layout.Run], path => Assert.Equal(PassThrough, File.GetUnixFileMode(path)));
        Assert.All([layout.Keys, layout.Journal, layout.Profiles], path => Assert.Equal(OwnerOnly, File.GetUnixFileMode(path)));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(layout.Database));
    }

    [Fact]
    public void A_root_that_was_there_keeps_its_mode_and_its_files()
    {
        var layout = new DataLayout(_directory.FullName);
        File.SetUnixFileMode(layout.Root, OwnerOnly);
        File.WriteAllText(layout.Database, "rows");
        layout.Create();
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(layout.Root));
        Assert.Equal("rows", File.ReadAllText(layout.Database));
    }

    [Fact]
    public void A_place_that_cannot_be_a_directory_is_named_with_its_setting()
    {
        string file = Path.Combine(_directory.FullName, "file");
        File.WriteAllText(file, "");
        StorageException refused = Assert.Throws<StorageException>(() => new DataLayout(Path.Combine(file, "data")).Create());
        Assert.Contains("Hub:Data", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_keys_of_a_running_hub_are_readable_by_the_hub_alone_and_survive_a_restart()
    {
        string data = Path.Combine(_directory.FullName, "hub");
        await (await HubFixture.StartAsync(data: data)).DisposeAsync();
        string key = Assert.Single(Directory.GetFiles(Path.Combine(data, "keys")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(key));
        await (await HubFixture.StartAsync(data: data)).DisposeAsync();
        Assert.Equal(key, Assert.Single(Directory.GetFiles(Path.Combine(data, "keys"))));
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
