using System.Diagnostics.Metrics;
using Hub.Contents;
using Hub.Contents.Quotas;
using Hub.Contents.Watching;
using Hub.Events;
using Hub.Storage;
using Hub.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace Hub.Tests.Contents;

public sealed class HomesTests : IDisposable
{
    private readonly DataLayout _layout = new(Directory.CreateTempSubdirectory("hub-homes-").FullName);
    private readonly HomeImages _images;
    private readonly HomeQuotas _quotas = new(Options.Create(new HomesOptions()), [], TimeProvider.System);
    private readonly Homes _homes;

    public HomesTests()
    {
        _images = new HomeImages(_layout, Options.Create(new HomesOptions()), NullLogger<HomeImages>.Instance);
        _homes = new Homes(_layout, Options.Create(new ContentsOptions { FirstUserId = 300_000 }), _images, _quotas);
    }

    public void Dispose() => Directory.Delete(_layout.Root, recursive: true);

    [Fact]
    public void A_home_is_made_once_and_for_its_user_alone()
    {
        HomeDirectory home = _homes.Open(7, "alice");
        Assert.Equal(Path.Combine(_layout.Homes, "alice"), home.Path);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(home.Path));
        File.WriteAllText(Path.Combine(home.Path, "kept"), "x");
        Assert.Equal(home, _homes.Open(7, "alice"));
        Assert.True(File.Exists(Path.Combine(home.Path, "kept")));
        if (Environment.UserName == "root")
            Assert.Equal((300_007, 300_007), (home.UserId, home.GroupId));
        else
            Assert.Null(home.UserId);
    }

    [Theory]
    [InlineData("..")]
    [InlineData("../evil")]
    [InlineData("/etc")]
    [InlineData(".ssh")]
    public void No_name_makes_a_home_anywhere_else(string name)
    {
        HomeDirectory home = _homes.Open(8, name);
        Assert.Equal(_layout.Homes, Path.GetDirectoryName(home.Path));
        Assert.True(Directory.Exists(home.Path));
    }

    [Fact]
    public void A_link_in_the_place_of_a_home_is_not_followed()
    {
        Directory.CreateDirectory(_layout.Homes);
        File.CreateSymbolicLink(Path.Combine(_layout.Homes, "mallory"), "/tmp");
        Assert.Throws<HomeException>(() => _homes.Open(9, "mallory"));
    }

    [Fact]
    public void A_home_of_another_uid_is_given_to_nobody()
    {
        Assert.SkipUnless(Environment.UserName == "root", "Only root gives every user a uid of their own.");
        _homes.Open(10, "carol");
        HomeException refused = Assert.Throws<HomeException>(() => _homes.Open(11, "carol"));
        Assert.Contains("chown -R 300011:300011", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_home_follows_its_user_and_is_kept_aside_when_the_user_goes()
    {
        await using ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using HomeWatcher watcher = new(
            new EventStream(), new HubMetrics(services.GetRequiredService<IMeterFactory>()), Options.Create(new ContentsOptions()), TimeProvider.System, NullLogger<HomeWatcher>.Instance);
        UserHomes parts = new(_homes, _images, _quotas, watcher, NullLogger<UserHomes>.Instance);
        File.WriteAllText(Path.Combine(_homes.Open(12, "dave").Path, "file"), "x");
        await parts.RenamedAsync(12, "dave", "david", TestContext.Current.CancellationToken);
        Assert.True(File.Exists(Path.Combine(_layout.Homes, "david", "file")));
        await parts.DeletedAsync(12, "david", TestContext.Current.CancellationToken);
        Assert.Empty(Directory.GetFileSystemEntries(_homes.Open(13, "david").Path));
        Assert.True(File.Exists(Path.Combine(_layout.Homes, "%deleted-12-david", "file")));
        await parts.DeletedAsync(99, "never-there", TestContext.Current.CancellationToken);
    }
}
