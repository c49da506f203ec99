using System.Collections.Concurrent;
using System.Diagnostics;
using Spawner.Docker;
using Testing;
using Xunit;

namespace Spawner.Tests.Docker;

/// <summary>Images built by the real engine, from a Dockerfile that takes a moment.</summary>
public sealed class ImageTests : IAsyncLifetime
{
    private readonly HubDirectory _hub = new();
    private readonly EngineCalls _engine = TestEngine.Calls();
    private readonly string _image = $"notebook-hub-test/{Guid.NewGuid():N}";

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _engine.RemoveImageAsync(_image, CancellationToken.None);
        _engine.Client.Dispose();
        _hub.Dispose();
    }

    private DockerSpawner Open(string dockerfile, Func<DockerOptions, DockerOptions>? change = null)
    {
        string directory = Directory.CreateDirectory(Path.Combine(_hub.Root, "image")).FullName;
        File.WriteAllText(Path.Combine(directory, "Dockerfile"), dockerfile);
        DockerOptions options = TestEngine.Options with { Builds = new Dictionary<string, string> { [_image] = directory } };
        return TestEngine.Open(_hub.Site, change?.Invoke(options) ?? options);
    }

    private string Unique => $"RUN echo {_image}";

    [Fact]
    public async Task A_missing_image_is_built_once_for_everybody_who_waits()
    {
        await using DockerSpawner spawner = Open($"ARG BASE\nFROM ${{BASE}}\n{Unique}\nRUN sleep 1");
        ConcurrentQueue<SpawnProgress> first = new(), second = new();

        await Eventually.Comes(Task.WhenAll(
            spawner.EnsureAsync(_image, new Collector(first), CancellationToken.None),
            spawner.EnsureAsync(_image, new Collector(second), CancellationToken.None)));

        Assert.Contains(first, step => step.Message.Contains("step 3 of", StringComparison.Ordinal));
        Assert.NotEmpty(second);
        Assert.Equal(first.Select(step => step.Percent).Order(), first.Select(step => step.Percent));
        EngineAnswers.Image image = (await _engine.FindImageAsync(_image, CancellationToken.None))!;
        Assert.NotNull(image.Config!.Labels![ImageStore.ContextLabel]);

        ConcurrentQueue<SpawnProgress> again = new();
        await spawner.EnsureAsync(_image + ":latest", new Collector(again), CancellationToken.None);
        Assert.Empty(again);
    }

    [Fact]
    public async Task A_changed_Dockerfile_is_built_again()
    {
        await using (DockerSpawner before = Open($"ARG BASE\nFROM ${{BASE}}\n{Unique}")) await Eventually.Comes(before.EnsureAsync(_image, null, CancellationToken.None));
        string? old = (await _engine.FindImageAsync(_image, CancellationToken.None))!.Id;

        await using DockerSpawner after = Open($"ARG BASE\nFROM ${{BASE}}\n{Unique} changed");
        await Eventually.Comes(after.EnsureAsync(_image, null, CancellationToken.None));

        Assert.NotEqual(old, (await _engine.FindImageAsync(_image, CancellationToken.None))!.Id);
    }

    [Fact]
    public async Task When_a_changed_Dockerfile_cannot_be_built_the_old_image_stays()
    {
        await using (DockerSpawner before = Open($"ARG BASE\nFROM ${{BASE}}\n{Unique}")) await Eventually.Comes(before.EnsureAsync(_image, null, CancellationToken.None));
        string? old = (await _engine.FindImageAsync(_image, CancellationToken.None))!.Id;

        await using DockerSpawner after = Open($"ARG BASE\nFROM ${{BASE}}\nRUN exit 3");
        await Eventually.Comes(after.EnsureAsync(_image, null, CancellationToken.None));

        Assert.Equal(old, (await _engine.FindImageAsync(_image, CancellationToken.None))!.Id);
        ConcurrentQueue<SpawnProgress> again = new();
        await after.EnsureAsync(_image, new Collector(again), CancellationToken.None);
        Assert.Empty(again);
    }

    [Fact]
    public async Task A_build_that_fails_says_so_with_its_last_lines()
    {
        await using DockerSpawner spawner = Open("ARG BASE\nFROM ${BASE}\nRUN echo why it failed; exit 3");

        SpawnException failure = await Assert.ThrowsAsync<SpawnException>(() => spawner.EnsureAsync(_image, null, CancellationToken.None));

        Assert.Equal(SpawnFailure.ImageMissing, failure.Failure);
        Assert.Contains("why it failed", failure.Message, StringComparison.Ordinal);
        Assert.Contains(_image, failure.UserMessage, StringComparison.Ordinal);
        Assert.Null(await _engine.FindImageAsync(_image, CancellationToken.None));
    }

    [Fact]
    public async Task A_context_over_its_limit_is_refused_by_the_name_of_the_limit()
    {
        await using DockerSpawner spawner = Open("FROM scratch\n# " + new string('x', 2000), options => options with { BuildContextBytes = 1024 });

        Assert.Contains("Docker:BuildContextBytes", (await Assert.ThrowsAsync<SpawnException>(() => spawner.EnsureAsync(_image, null, CancellationToken.None))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_leaves_does_not_end_the_build_for_the_others()
    {
        await using DockerSpawner spawner = Open($"ARG BASE\nFROM ${{BASE}}\n{Unique}\nRUN sleep 1");
        using CancellationTokenSource leaves = new();
        Task first = spawner.EnsureAsync(_image, null, leaves.Token);
        Task second = spawner.EnsureAsync(_image, null, CancellationToken.None);

        await leaves.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await Eventually.Comes(second);
        Assert.NotNull(await _engine.FindImageAsync(_image, CancellationToken.None));
    }

    [Fact]
    public async Task The_script_that_builds_images_and_the_hub_know_the_same_image_as_current()
    {
        DirectoryInfo root = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "tools", "build-image"))) root = root.Parent!;
        ProcessStartInfo start = new(Path.Combine(root.FullName, "tools", "build-image"), ["--hash", "python"]) { RedirectStandardOutput = true };
        start.Environment.Remove("HUB_BASE_IMAGE");
        using Process script = Process.Start(start)!;
        string said = (await script.StandardOutput.ReadToEndAsync()).Trim();

        Dictionary<string, string> arguments = new() { ["BASE"] = new DockerOptions().BaseImage };
        Assert.Equal(said, (await BuildContext.ReadAsync(BuildDirectories.Find(BuildDirectories.Python, new DockerOptions())!, arguments, 1 << 20, CancellationToken.None)).Hash);
    }

    private sealed class Collector(ConcurrentQueue<SpawnProgress> seen) : IProgress<SpawnProgress>
    {
        public void Report(SpawnProgress value) => seen.Enqueue(value);
    }
}
