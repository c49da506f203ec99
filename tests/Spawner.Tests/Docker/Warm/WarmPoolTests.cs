using System.Text.Json;
using Spawner.Docker;
using Testing;
using Xunit;

namespace Spawner.Tests.Docker.Warm;

/// <summary>Kernels from containers made ahead, on the real engine: what people get, what they must never see, and what is left behind.</summary>
public sealed class WarmPoolTests : IAsyncLifetime
{
    private readonly HubDirectory _hub = new();
    private readonly EngineCalls _engine = TestEngine.Calls();
    private readonly List<DockerSpawner> _opened = [];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        DockerSpawner last = Open();
        foreach (SpawnedKernel kernel in await last.ListAsync(CancellationToken.None)) await last.StopAsync(kernel, TimeSpan.Zero, CancellationToken.None);
        foreach (DockerSpawner spawner in _opened) await spawner.DisposeAsync();
        await last.ListAsync(CancellationToken.None).ContinueWith(static _ => { }, TaskScheduler.Default);
        Assert.DoesNotContain(Mounted(), mount => mount.Contains(_hub.Root, StringComparison.Ordinal));
        _engine.Client.Dispose();
        _hub.Dispose();
    }

    [Fact]
    public async Task A_kernel_made_ahead_is_as_one_that_was_not()
    {
        DockerSpawner spawner = Open();
        SpawnRequest request = Python() with { WorkingDirectory = "lessons", Environment = new Dictionary<string, string> { ["LESSON"] = "it's \"one\"\n$HOME", ["JPY_SESSION_NAME"] = "a b.ipynb" } };
        Own(Directory.CreateDirectory(Path.Combine(_hub.Home, "lessons")).FullName);
        const string look = """
            import os, sys, getpass, json
            me = {k: v for k, v in os.environ.items()}
            print(json.dumps([os.getcwd(), os.environ['HOME'], getpass.getuser(), os.environ['LESSON'], sys.argv, sys.path, me, os.stat('.').st_uid == os.getuid(),
                os.listdir('/home'), sys.orig_argv, __name__, sorted(vars(sys.modules['__main__']).keys() - {'look'})]))
            """;
        string plain, warm;
        SpawnedKernel first = await StartPlain(request);
        await using (KernelTalk talk = await KernelTalk.With(first)) plain = await talk.Run(look);
        await _opened[^1].StopAsync(first, TimeSpan.Zero, CancellationToken.None);
        await Fill(spawner, request, 1);
        SpawnedKernel kernel = await StartWarm(spawner, request with { KernelId = Guid.NewGuid().ToString() });
        await using (KernelTalk talk = await KernelTalk.With(kernel))
        {
            Assert.Equal("42", await talk.Run("print(6*7)"));
            warm = await talk.Run(look);
            await talk.Run("open('made.txt', 'w').write('here')");
        }

        Assert.Equal(WithoutTheLibrarys(plain), WithoutTheLibrarys(warm));
        using (JsonDocument seen = JsonDocument.Parse(warm))
        {
            Assert.Equal("/home/ada/lessons", seen.RootElement[0].GetString());
            Assert.Equal("ada", seen.RootElement[2].GetString());
        }
        Assert.Equal($"{_hub.UserId}:{_hub.UserId}", await OwnerOf(Path.Combine(_hub.Home, "lessons", "made.txt")));
        Assert.Equal("class/first notebook.ipynb", kernel.Labels["path"]);
        Assert.Equal(512 << 20, kernel.MemoryLimit);
        Assert.NotEmpty(await spawner.MeasureAsync([kernel], CancellationToken.None));

        await spawner.StopAsync(kernel, TimeSpan.FromSeconds(5), CancellationToken.None);
        await spawner.DisposeAsync();
        await NothingRemains();
        Assert.Equal("here", await File.ReadAllTextAsync(Path.Combine(_hub.Home, "lessons", "made.txt"), CancellationToken.None));
    }

    /// <summary>The order of variables, and what libraries say of themselves, are nobody's concern.</summary>
    private static string WithoutTheLibrarys(string seen)
    {
        using JsonDocument document = JsonDocument.Parse(seen);
        return string.Join('\n', document.RootElement.EnumerateArray().Select(one => one.ValueKind == JsonValueKind.Object
            ? string.Join(';', one.EnumerateObject().Select(pair => $"{pair.Name}={pair.Value}").Order(StringComparer.Ordinal)) : one.ToString()));
    }

    private DockerSpawner Open(DockerOptions? options = null)
    {
        DockerSpawner spawner = TestEngine.Open(_hub.Site, options ?? TestEngine.Options);
        _opened.Add(spawner);
        return spawner;
    }

    private SpawnRequest Python() => new()
    {
        KernelId = Guid.NewGuid().ToString(),
        UserName = "ada",
        KernelSpecName = "python3",
        Command = ["python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        HomeDirectory = _hub.Home,
        UserId = _hub.UserId,
        GroupId = _hub.UserId,
        Key = Guid.NewGuid().ToString(),
        Image = "notebook-hub/minimal",
        Limits = new ResourceLimits(MemoryBytes: 512 << 20),
        Labels = new Dictionary<string, string> { ["path"] = "class/first notebook.ipynb" },
    };

    private static SpawnRequest Template(SpawnRequest request) => request with { KernelId = "template", UserName = "nobody", HomeDirectory = "/", UserId = 1, GroupId = 1, Key = "", Labels = new Dictionary<string, string>() };

    /// <summary>Tends until so many are ready.</summary>
    private static async Task Fill(DockerSpawner spawner, SpawnRequest like, int count)
    {
        await spawner.EnsureAsync(like.Image!, null, CancellationToken.None);
        using CancellationTokenSource limit = new(Eventually.Timeout);
        while (spawner.Ready < count) Assert.True(await spawner.TendAsync([new WarmEnvironment(Template(like), count)], limit.Token));
    }

    private static async Task<SpawnedKernel> StartWarm(DockerSpawner spawner, SpawnRequest request)
    {
        int ready = spawner.Ready;
        SpawnedKernel kernel = await spawner.StartAsync(request, null, CancellationToken.None);
        Assert.Equal(ready - 1, spawner.Ready);
        Assert.True(IsFromPool(kernel), "the kernel came from a new container");
        return kernel;
    }

    private async Task<SpawnedKernel> StartPlain(SpawnRequest request)
    {
        SpawnedKernel kernel = await Open().StartAsync(request, null, CancellationToken.None);
        Assert.False(IsFromPool(kernel));
        return kernel;
    }

    /// <summary>A slot's volume has a "p" before its number.</summary>
    private static bool IsFromPool(SpawnedKernel kernel) => kernel.Endpoint.Ip.Contains("-p", StringComparison.Ordinal) || (Path.GetDirectoryName(kernel.Endpoint.Ip) is { } link && new DirectoryInfo(link).LinkTarget?.Contains("-p", StringComparison.Ordinal) == true);

    private void Own(string directory) => File.SetUnixFileMode(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | Chown(directory));

    private UnixFileMode Chown(string path)
    {
        using System.Diagnostics.Process process = System.Diagnostics.Process.Start("chown", [$"{_hub.UserId}:{_hub.UserId}", path]);
        process.WaitForExit();
        return UnixFileMode.None;
    }

    private static async Task<string> OwnerOf(string path)
    {
        using System.Diagnostics.Process process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("stat", ["-c", "%u:%g", path]) { RedirectStandardOutput = true })!;
        return (await process.StandardOutput.ReadToEndAsync()).Trim();
    }

    private static string[] Mounted() => File.ReadAllLines("/proc/self/mountinfo");

    private async Task<List<string>> Remains()
    {
        string label = $"{SpawnLabels.Hub}={_hub.Site.HubId}";
        List<string> remains = [.. (await _engine.ListAsync(label, CancellationToken.None)).Select(container => $"container {container.Id} {container.State}")];
        remains.AddRange((await _engine.ListVolumesAsync(label, CancellationToken.None)).Select(volume => $"volume {volume.Name}"));
        remains.AddRange(Mounted().Where(mount => mount.Contains(_hub.Root, StringComparison.Ordinal)));
        foreach (string directory in new[] { Path.Combine(_hub.Root, "run", "p"), $"/run/notebook-hub/{_hub.Site.HubId}" })
        {
            if (Directory.Exists(directory)) remains.AddRange(Directory.EnumerateFileSystemEntries(directory));
        }
        return remains;
    }

    private async Task NothingRemains()
    {
        List<string> remains = [];
        try
        {
            await Eventually.Holds(async () => (remains = await Remains()).Count == 0);
        }
        catch (TimeoutException)
        {
            Assert.Empty(remains);
        }
    }
}
