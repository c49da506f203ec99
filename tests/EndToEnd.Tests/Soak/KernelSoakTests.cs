using System.Diagnostics;
using System.Globalization;
using EndToEnd.Tests.Browser;
using Spawner;
using Xunit;

namespace EndToEnd.Tests.Soak;

/// <summary>
/// Kernels in containers start, run, are restarted and die in every way at random, again and again; at the end the machine holds nothing of them, and the
/// hub no more than before: no container, volume, file descriptor, thread or memory. <c>HUB_LONG=1</c> lets thirty do so for a quarter of an hour.
/// </summary>
public sealed class KernelSoakTests(ITestOutputHelper output)
{
    private const int Seed = 20_261;

    private static readonly bool s_isLong = Environment.GetEnvironmentVariable("HUB_LONG") == "1";

    private int _starts;
    private int _cells;

    [Fact]
    public async Task Kernels_that_start_run_and_die_at_random_leave_nothing_behind()
    {
        (int kernels, TimeSpan time) = s_isLong ? (30, TimeSpan.FromMinutes(15)) : (5, TimeSpan.FromSeconds(30));
        await using ChaosHub hub = await ChaosHub.StartAsync(null,
            "Hub:Spawner=docker", "Kernels:StopOnExit=true", "Docker:MemoryBytes=268435456", "Kernels:MaxPerUser=1000", "Kernels:StartReplyAfter=00:02:00");
        string label = await LabelAsync(hub);
        // What is made at first use, such as connections to the database and to the engine, is no leak.
        await RunAsync(hub, kernels, TimeSpan.FromSeconds(s_isLong ? 60 : 10));
        Figures before = await MeasureAsync(hub, label);
        await RunAsync(hub, kernels, time);
        Figures after = await MeasureAsync(hub, label);

        output.WriteLine($"{kernels} at once for {time}: {_starts} starts, {_cells} cells; before {before}; after {after}");
        output.WriteLine($"more: {after.Files.Since(before.Files)}; fewer: {before.Files.Since(after.Files)}");
        Assert.Equal((0, 0), (after.Containers, after.Volumes));
        Assert.True(after.Files.Count <= before.Files.Count + 12, $"{before.Files.Count} files were open, now {after.Files.Count}; more: {after.Files.Since(before.Files)}");
        Assert.InRange(after.RecorderFiles, 0, before.RecorderFiles + 6);
        Assert.InRange(after.Threads, 0, before.Threads + 10);
        Assert.InRange(after.Megabytes, 0, before.Megabytes + 60);
    }

    private async Task RunAsync(ChaosHub hub, int kernels, TimeSpan time)
    {
        long start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, kernels).Select(async number =>
        {
            Random random = new(Seed + number);
            do
                await LiveAsync(hub, random);
            while (Stopwatch.GetElapsedTime(start) < time);
        }));
    }

    /// <summary>One kernel from its start to one of its ends.</summary>
    private async Task LiveAsync(ChaosHub hub, Random random)
    {
        string kernel = await hub.StartKernelAsync("python3");
        Interlocked.Increment(ref _starts);
        await using (ChaosTab tab = await ChaosTab.OpenAsync(kernel, hub.Channels(kernel), null))
        {
            for (int cells = random.Next(1, 5); cells > 0; cells--)
            {
                await EndsAsync(tab, await tab.RunAsync("import time\nfor i in range(50):\n    print('x' * 1000)\ntime.sleep(0.05)"));
                Interlocked.Increment(ref _cells);
                if (random.Next(4) == 0)
                    tab.Stall(TimeSpan.FromMilliseconds(random.Next(10, 500)));
            }

            switch (random.Next(5))
            {
                case 0:
                    await tab.RunAsync("import os; os._exit(3)");
                    await DeadAsync(hub, kernel);
                    break;
                case 1:
                    await tab.RunAsync("b = b'x' * (1 << 30)");
                    await DeadAsync(hub, kernel);
                    break;
                case 2:
                    string container = (await Docker.RunAsync("ps", "-q", "--filter", $"label={SpawnLabels.KernelId}={kernel}")).Trim();
                    await Docker.RunAsync("rm", "--force", container);
                    await DeadAsync(hub, kernel);
                    break;
                case 3:
                    await hub.PostAsync($"user/admin/api/kernels/{kernel}/restart");
                    break;
            }
        }

        await hub.DeleteKernelAsync(kernel);
    }

    private static Task EndsAsync(ChaosTab tab, string request) => Eventually.TrueAsync(() => tab.RepliesTo(request).Count > 0, "a reply");

    private static Task DeadAsync(ChaosHub hub, string kernel) => Eventually.TrueAsync(
        async () => (await hub.GetAsync($"user/admin/api/kernels/{kernel}")) is { } model && model.GetProperty("execution_state").GetString() == "dead" && model.TryGetProperty("reason", out _),
        $"kernel {kernel} to be dead with a reason");

    /// <summary>By which the containers of this hub are known.</summary>
    private static async Task<string> LabelAsync(ChaosHub hub)
    {
        string kernel = await hub.StartKernelAsync("python3");
        string id = await Docker.RunAsync("ps", "--filter", $"label={SpawnLabels.KernelId}={kernel}", "--format", $"{{{{.Label \"{SpawnLabels.Hub}\"}}}}");
        await hub.DeleteKernelAsync(kernel);
        return $"label={SpawnLabels.Hub}={id.Trim()}";
    }

    /// <summary>When all has come to rest: what is measured lets go for as long as it gets less.</summary>
    private static async Task<Figures> MeasureAsync(ChaosHub hub, string label)
    {
        Figures best = await LookAsync(hub, label);
        for (int still = 0; still < 5; still++)
        {
            await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System, TestContext.Current.CancellationToken);
            Figures now = await LookAsync(hub, label);
            if (now.Files.Count < best.Files.Count || now.Threads < best.Threads || now.Megabytes < best.Megabytes - 5)
                still = -1;
            best = now;
        }

        return best;
    }

    private static async Task<Figures> LookAsync(ChaosHub hub, string label)
    {
        string status = await File.ReadAllTextAsync($"/proc/{hub.ProcessId}/status");
        return new Figures(
            Lines(await Docker.RunAsync("ps", "-aq", "--filter", label)), Lines(await Docker.RunAsync("volume", "ls", "-q", "--filter", label)),
            OpenFiles.Of(hub.ProcessId), hub.Recorders().Sum(Files), Number(status, "Threads:"), Number(status, "VmRSS:") / 1024);
    }

    private static int Files(int process) => Directory.GetFileSystemEntries($"/proc/{process}/fd").Length;

    private static int Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;

    private static int Number(string status, string name) =>
        int.Parse(status.Split('\n').First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(['\t', ' '], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);

    /// <param name="Containers">Of the hub, ended ones too.</param>
    /// <param name="Files">Open file descriptors of the hub, sockets among them.</param>
    /// <param name="RecorderFiles">And of its recorder.</param>
    /// <param name="Megabytes">Resident memory of the hub.</param>
    private sealed record Figures(int Containers, int Volumes, OpenFiles Files, int RecorderFiles, int Threads, int Megabytes)
    {
        public override string ToString() =>
            $"{Containers} containers, {Volumes} volumes, {Files.Count} files, {RecorderFiles} of the recorder, {Threads} threads, {Megabytes} MiB";
    }
}
