using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Hub.Kernels.Starting;

namespace Benchmarks.Spawn;

/// <summary>
/// From the wish for a kernel to the moment it is idle: one alone, ten and thirty people at once, each with a home of their own; with starts that take turns
/// and with all at the same moment; in containers and as local processes. And what an idle kernel takes of the machine. With <c>pool</c>: in containers made
/// ahead beside new ones, turn by turn, so that both meet the same machine.
/// </summary>
internal static class SpawnBenchmark
{
    private const int People = 30;

    private static readonly TimeSpan s_lookAgainAfter = TimeSpan.FromMilliseconds(10);

    /// <summary><c>[docker] [process] [pool [ready]] [Section:Key=value of the hub …]</c>: docker and process unless one is named; thirty are ready unless a number says otherwise. Docker as <c>DOCKER_HOST</c> says.</summary>
    public static async Task RunAsync(string[] arguments)
    {
        string[] settings = [.. arguments.Where(argument => argument.Contains(':', StringComparison.Ordinal))];
        string[] spawners = [.. arguments.Intersect(["docker", "process"])];
        Print($"{"",-34}{"p50",8}{"p95",8}{"last",8}{"CPU of the machine",22}");
        if (arguments.Contains("pool"))
        {
            await ComparePoolAsync(settings, arguments.Where(argument => argument.All(char.IsAsciiDigit)).Select(argument => int.Parse(argument, CultureInfo.InvariantCulture)).FirstOrDefault(People));
            if (spawners.Length == 0)
                return;
        }

        foreach (string spawner in spawners.Length > 0 ? spawners : ["docker", "process"])
        {
            await using MeasuredServer hub = MeasuredServer.Hub([$"Hub:Spawner={spawner}", "Kernels:StopOnExit=true", "Kernels:StartReplyAfter=00:01:00", .. settings]);
            await using MeasuredServer rush = MeasuredServer.Hub([$"Hub:Spawner={spawner}", "Kernels:StopOnExit=true", "Kernels:StartReplyAfter=00:01:00", "Starts:AtOnce=1000", .. settings]);
            foreach (MeasuredServer one in new[] { hub, rush })
            {
                await one.StartAsync();
                await one.CreateUsersAsync(Enumerable.Range(0, People).Select(NameOf));
                for (int i = 0; i < People; i++)
                    (await one.Client.PostAsync($"/hub/api/users/{NameOf(i)}/server", null)).EnsureSuccessStatusCode();
                // What is compiled, read from disk or made at first use is no start's fault.
                await RunAsync(one, 2);
            }

            List<double> alone = [];
            double cpu = MachineCpuSeconds();
            for (int i = 0; i < 12; i++)
                alone.AddRange((await RunAsync(hub, 1)).Took);
            Show($"{spawner}, one alone", [.. alone], (MachineCpuSeconds() - cpu) / alone.Count);
            foreach (int people in new[] { 10, People })
            {
                foreach ((MeasuredServer server, string how) in new[] { (hub, "in turn"), (rush, "all at once") })
                {
                    (double[] took, double each, double memory) = await RunAsync(server, people);
                    Show($"{spawner}, {people} people, {how}", took, each);
                    if (people == People && server == hub)
                        Print($"{$"{spawner}, memory of an idle kernel",-34}{memory / 1024,7:0} MiB of the machine's, {hub.ResidentKilobytes / 1024:0} MiB the hub with all");
                }
            }
        }
    }

    /// <summary>One alone, as often as kernels are ready; then a third of them and all at the same moment; each with a pool and without one.</summary>
    private static async Task ComparePoolAsync(string[] settings, int ready)
    {
        string[] common = ["Hub:Spawner=docker", "Kernels:StopOnExit=true", "Kernels:StartReplyAfter=00:01:00", "Kernels:Specs:python3:Image=notebook-hub/python", .. settings];
        await using MeasuredServer plain = MeasuredServer.Hub(common);
        await using MeasuredServer pooled = MeasuredServer.Hub([.. common, $"Kernels:Specs:python3:Pool={ready}"]);
        foreach (MeasuredServer one in new[] { plain, pooled })
        {
            await one.StartAsync();
            await one.CreateUsersAsync(Enumerable.Range(0, ready).Select(NameOf));
            for (int i = 0; i < ready; i++)
                (await one.Client.PostAsync($"/hub/api/users/{NameOf(i)}/server", null)).EnsureSuccessStatusCode();
        }

        await FillAsync(pooled, ready);
        await RunAsync(plain, 2);
        await RunAsync(pooled, 2);
        List<double> without = [], with = [];
        for (int i = 0; i < ready; i++)
        {
            await FillAsync(pooled, ready);
            without.AddRange((await RunAsync(plain, 1)).Took);
            with.AddRange((await RunAsync(pooled, 1)).Took);
        }

        Compare("one alone", [.. without], [.. with]);
        foreach (int people in new[] { (ready + 2) / 3, ready })
        {
            await FillAsync(pooled, ready);
            double[] asEver = (await RunAsync(plain, people)).Took;
            Compare($"{people} people", asEver, (await RunAsync(pooled, people)).Took);
        }
    }

    /// <summary>Waits until all that are to be ready are.</summary>
    private static async Task FillAsync(MeasuredServer hub, int ready)
    {
        long start = Stopwatch.GetTimestamp();
        string full = string.Create(CultureInfo.InvariantCulture, $"hub_kernels_ready {ready}");
        while (!(await hub.Client.GetStringAsync("/hub/metrics")).Split('\n').Any(line => line == full || line.StartsWith(full + " ", StringComparison.Ordinal)))
        {
            if (Stopwatch.GetElapsedTime(start) > TimeSpan.FromMinutes(5))
                throw new InvalidOperationException("the pool is not full after five minutes");
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }
    }

    private static void Compare(string what, double[] without, double[] with)
    {
        Show($"docker, {what}", without, null);
        Show($"pool, {what}", with, null);
        Print($"{"",4}with a pool it takes {Median(with) / Median(without):0.00} of the time, the last {with.Max() / without.Max():0.00}");
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);

    /// <summary>So many people want a kernel in the same moment; all are stopped after.</summary>
    /// <returns>Milliseconds of each to idle; seconds of the machine's processors each; kibibytes of its memory each.</returns>
    private static async Task<(double[] Took, double Cpu, double Memory)> RunAsync(MeasuredServer hub, int people)
    {
        double cpu = MachineCpuSeconds(), free = AvailableKilobytes();
        (string Path, double Took)[] all = await Task.WhenAll(Enumerable.Range(0, people).Select(i => StartAsync(hub, NameOf(i))));
        double used = MachineCpuSeconds() - cpu;
        await Task.Delay(people > 1 ? TimeSpan.FromSeconds(2) : TimeSpan.Zero, TimeProvider.System);
        double memory = free - AvailableKilobytes();
        await Task.WhenAll(all.Select(async one => (await hub.Client.DeleteAsync(one.Path)).EnsureSuccessStatusCode()));
        return ([.. all.Select(one => one.Took)], used / people, memory / people);
    }

    private static async Task<(string Path, double Took)> StartAsync(MeasuredServer hub, string name)
    {
        long start = Stopwatch.GetTimestamp();
        using HttpResponseMessage answer = await hub.Client.PostAsJsonAsync($"/user/{name}/api/kernels", new { });
        string text = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"no kernel: {(int)answer.StatusCode} {text}");
        JsonElement kernel = JsonDocument.Parse(text).RootElement;
        string path = $"/user/{name}/api/kernels/{kernel.GetProperty("id").GetString()}";
        while (kernel.GetProperty("execution_state").GetString() != "idle")
        {
            await Task.Delay(s_lookAgainAfter, TimeProvider.System);
            kernel = await hub.Client.GetFromJsonAsync<JsonElement>(path);
        }

        return (path, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    private static string NameOf(int person) => string.Create(CultureInfo.InvariantCulture, $"student-{person:00}");

    /// <summary>All that is not idle, of all processors: what a start costs is mostly work of the kernel and of the engine.</summary>
    private static double MachineCpuSeconds()
    {
        double[] ticks = [.. File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(word => double.Parse(word, CultureInfo.InvariantCulture))];
        return (ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]) / 100;
    }

    private static double AvailableKilobytes() => (new MachineMemory().Available ?? double.NaN) / 1024;

    private static void Show(string what, double[] took, double? cpu)
    {
        double[] sorted = [.. took.Order()];
        Print($"{what,-34}{sorted[sorted.Length / 2],5:0} ms{sorted[(int)(sorted.Length * 0.95)],5:0} ms{sorted[^1],5:0} ms{(cpu is { } seconds ? string.Create(CultureInfo.InvariantCulture, $"{seconds * 1000,13:0} ms each") : "")}");
    }

    private static void Print(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
