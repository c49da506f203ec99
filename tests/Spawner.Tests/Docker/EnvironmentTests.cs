using Spawner.Docker;
using Testing;
using Xunit;

namespace Spawner.Tests.Docker;

/// <summary>What an environment asks of the real engine beside limits: mounts, images that stay though their tag moves, networks and GPUs.</summary>
public sealed class EnvironmentTests : IAsyncLifetime
{
    private readonly HubDirectory _hub = new();
    private readonly EngineCalls _engine = TestEngine.Calls();
    private readonly DockerSpawner _spawner;
    private readonly string _name = $"notebook-hub-test/{Guid.NewGuid():N}";
    private readonly List<SpawnedKernel> _kernels = [];

    public EnvironmentTests() => _spawner = TestEngine.Open(_hub.Site, TestEngine.Options);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private SpawnRequest Python => _hub.Python() with { Image = TestEngine.Image, Limits = new ResourceLimits(MemoryBytes: 512 << 20) };

    public async ValueTask InitializeAsync() => await _spawner.EnsureAsync(TestEngine.Image, null, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        foreach (SpawnedKernel kernel in _kernels)
            await _spawner.StopAsync(kernel, TimeSpan.Zero, CancellationToken.None);
        await _engine.RemoveImageAsync(_name + ":1", CancellationToken.None);
        await _spawner.DisposeAsync();
        _engine.Client.Dispose();
        _hub.Dispose();
    }

    [Fact]
    public async Task A_mounted_directory_is_read_and_not_written_and_one_for_writing_is()
    {
        DirectoryInfo course = Directory.CreateDirectory(Path.Combine(_hub.Root, "course")), drop = Directory.CreateDirectory(Path.Combine(_hub.Root, "drop"));
        File.WriteAllText(Path.Combine(course.FullName, "data.csv"), "7,8,9");
        File.SetUnixFileMode(Path.Combine(course.FullName, "data.csv"), (UnixFileMode)0b110_110_110); // it is the mount that keeps it
        drop.UnixFileMode = course.UnixFileMode = (UnixFileMode)0b111_111_111;
        SpawnedKernel kernel = await StartAsync(Python with { Mounts = [new KernelMount(course.FullName, "/srv/course"), new KernelMount(drop.FullName, "/srv/drop", ReadOnly: false)] });
        await using KernelTalk talk = await KernelTalk.With(kernel);

        Assert.Equal("7,8,9", await talk.Run("print(open('/srv/course/data.csv').read())"));
        Assert.Equal("OSError", await talk.Run("open('/srv/course/data.csv', 'a')"));
        Assert.Equal("OSError", await talk.Run("import os; os.remove('/srv/course/data.csv')"));
        Assert.Equal("2", await talk.Run("print(open('/srv/drop/x', 'w').write('ok'))"));
        Assert.Equal("ok", File.ReadAllText(Path.Combine(drop.FullName, "x")));
    }

    [Fact]
    public async Task A_kernel_starts_from_the_image_that_is_pinned_though_its_tag_has_moved_and_lost_it()
    {
        await BuildAsync("first");
        string pinned = (await _spawner.FindAsync(_name + ":1", Cancel))!.Id;
        await _spawner.KeepAsync(pinned, Cancel);
        await BuildAsync("second");
        Assert.NotEqual(pinned, (await _spawner.FindAsync(_name + ":1", Cancel))!.Id);

        SpawnedKernel kernel = await StartAsync(Python with { Image = pinned });
        await using (KernelTalk talk = await KernelTalk.With(kernel))
            Assert.Equal("first", await talk.Run("print(open('/which').read())"));
        await _spawner.StopAsync(kernel, TimeSpan.Zero, CancellationToken.None);

        await _spawner.ReleaseAsync(pinned, Cancel);
        Assert.Null(await _spawner.FindAsync(pinned, Cancel));
        SpawnException gone = await Assert.ThrowsAsync<SpawnException>(() => _spawner.StartAsync(Python with { Image = pinned }, null, Cancel));
        Assert.Equal(SpawnFailure.ImageMissing, gone.Failure);
        Assert.Contains("named by its id", gone.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_is_built_again_when_asked_for_though_nothing_has_changed()
    {
        string before = await BuildAsync("same");
        await using DockerSpawner again = Builder("same");
        await again.EnsureAsync(_name + ":1", null, Cancel);
        Assert.Equal(before, (await again.FindAsync(_name + ":1", Cancel))!.Id);
        await again.RenewAsync(_name + ":1", null, Cancel);
        Assert.NotEqual(before, (await again.FindAsync(_name + ":1", Cancel))!.Id);
        Assert.Null(await again.FindAsync(before, Cancel));
    }

    [Fact]
    public async Task What_is_not_there_is_not_there()
    {
        Assert.True(await _spawner.HasNetworkAsync("none", Cancel));
        Assert.False(await _spawner.HasNetworkAsync(Guid.NewGuid().ToString("N"), Cancel));
        Assert.Null(await _spawner.FindAsync(_name, Cancel));
        Assert.Null(await _spawner.FindAsync("No Name", Cancel));
    }

    [Fact]
    public async Task A_GPU_this_machine_does_not_have_is_refused_in_plain_words_and_nothing_remains()
    {
        Assert.SkipWhen(File.Exists("/dev/nvidia0"), "this machine has a GPU");
        SpawnException refused = await Assert.ThrowsAsync<SpawnException>(() => _spawner.StartAsync(Python with { Gpus = "all" }, null, Cancel));

        Assert.Equal(SpawnFailure.InvalidRequest, refused.Failure);
        Assert.Contains("GPU", refused.UserMessage, StringComparison.Ordinal);
        Assert.Empty(await _engine.ListAsync($"{SpawnLabels.Hub}={_hub.Site.HubId}", Cancel));
    }

    private DockerSpawner Builder(string which)
    {
        string directory = Directory.CreateDirectory(Path.Combine(_hub.Root, "image-" + which)).FullName;
        File.WriteAllText(Path.Combine(directory, "Dockerfile"), $"FROM {TestEngine.Image}\nUSER root\nRUN echo {_name} > /dev/null; printf {which} > /which; date +%N > /when\n");
        return TestEngine.Open(_hub.Site, TestEngine.Options with { Builds = new Dictionary<string, string> { [_name + ":1"] = directory } });
    }

    private async Task<string> BuildAsync(string which)
    {
        await using DockerSpawner builder = Builder(which);
        await Eventually.Comes(builder.EnsureAsync(_name + ":1", null, Cancel));
        return (await builder.FindAsync(_name + ":1", Cancel))!.Id;
    }

    private async Task<SpawnedKernel> StartAsync(SpawnRequest request)
    {
        SpawnedKernel kernel = await Eventually.Comes(_spawner.StartAsync(request, null, Cancel));
        _kernels.Add(kernel);
        return kernel;
    }
}
