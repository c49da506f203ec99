using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Spawner.Docker;
using Testing;
using Xunit;

namespace Spawner.Tests.Docker.Warm;

/// <summary>What the tests stand on: a hub's directories, spawners that come and go, and a look from outside and inside.</summary>
public sealed partial class WarmPoolTests : IAsyncLifetime
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

    /// <summary>Runs Python in a container beside its program, as its user, and returns what it printed.</summary>
    private async Task<string> Inside(string container, string code)
    {
        object exec = new { AttachStdout = true, AttachStderr = true, Cmd = new[] { "python3", "-c", code } };
        string id = (await _engine.Client.AskAsync<JsonElement>(HttpMethod.Post, $"/containers/{container}/exec", exec, CancellationToken.None)).GetProperty("Id").GetString()!;
        using HttpResponseMessage answer = await _engine.Client.OpenAsync(HttpMethod.Post, $"/exec/{id}/start", () => JsonContent.Create(new { Detach = false, Tty = false }), Eventually.Timeout, CancellationToken.None);
        await using Stream stream = await answer.Content.ReadAsStreamAsync(CancellationToken.None);
        return await LogFrames.ReadTailAsync(stream, 64 << 10, CancellationToken.None);
    }

    /// <summary>Cancels when a start says it has come so far.</summary>
    private sealed class Cancels(CancellationTokenSource source, int percent) : IProgress<SpawnProgress>
    {
        public void Report(SpawnProgress value)
        {
            if (value.Percent >= percent) source.Cancel();
        }
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

    private SpawnRequest Python() => _hub.Python() with { Command = ["python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"], Image = "notebook-hub/minimal", Limits = new ResourceLimits(MemoryBytes: 512 << 20) };

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

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    private static async Task<string> OwnerOf(string path)
    {
        using Process process = Process.Start(new ProcessStartInfo("stat", ["-c", "%u:%g", path]) { RedirectStandardOutput = true })!;
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

    private Task NothingRemains() => Remaining.NothingAsync(async () => await Remains());
}
