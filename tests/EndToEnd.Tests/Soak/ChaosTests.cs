using System.Diagnostics;
using System.Text.Json;
using EndToEnd.Tests.Browser;
using Xunit;

namespace EndToEnd.Tests.Soak;

/// <summary>
/// Kernels print numbered lines; tabs connect, sleep, stall and die; the hub is killed with SIGKILL every few seconds and started again. In the
/// end every tab that lived, and the journal, holds the same numbered sequence, nothing doubled, nothing out of order, nothing missing, also of
/// what was said between the death of a hub and the start of the next. <c>HUB_LONG=1</c> lets it run for ten minutes.
/// </summary>
public sealed class ChaosTests
{
    private const int Seed = 20_260;

    // So many that about as many end while no hub lives as it is killed: their replies go to nobody, and only the recorder hears their end.
    private const int Parts = 60;

    private static readonly bool s_isLong = Environment.GetEnvironmentVariable("HUB_LONG") == "1";

    private readonly ITestOutputHelper _output;

    public ChaosTests(ITestOutputHelper output) => _output = output;

    [Fact]
    public async Task Tabs_and_journal_hold_the_same_lines_of_a_bare_kernel_whose_hub_is_killed_again_and_again()
    {
        // All of it is compared at the end: none may be dropped because it is too much.
        await using ChaosHub hub = await ChaosHub.StartAsync(await SpewKernelAsync(), "Hub:Spawner=process", "Kernels:StopOnExit=true", "Journal:BytesPerKernel=268435456");
        TimeSpan time = s_isLong ? TimeSpan.FromMinutes(10) : TimeSpan.FromSeconds(60);
        // A line per 2 ms and what the machine adds to it, which on a quiet one is next to nothing: they print on for half a minute or more after the last death,
        // so that who comes last still sees some.
        await RunAsync(hub, "spew", kernels: 3, time, lines: (int)((time + TimeSpan.FromSeconds(30)).TotalMilliseconds / Parts / 2.05), (first, count) => $"lines {first} {count} 2000");
    }

    [Fact]
    public async Task Tabs_and_journal_hold_the_same_lines_of_a_python_kernel_in_a_container_whose_hub_is_killed()
    {
        await using ChaosHub hub = await ChaosHub.StartAsync(null, "Hub:Spawner=docker", "Kernels:StopOnExit=true");
        TimeSpan time = s_isLong ? TimeSpan.FromMinutes(3) : TimeSpan.FromSeconds(25);
        await RunAsync(hub, "python3", kernels: 1, time, lines: (int)(time.TotalMilliseconds / Parts / 4), (first, count) =>
            $"import time\nfor i in range({first}, {first + count}):\n    print('line', i, flush=True)\n    time.sleep(0.005)");
    }

    /// <summary>The executions of each kernel are asked for in peace, then chaos reigns while they run, then all must have arrived.</summary>
    private async Task RunAsync(ChaosHub hub, string spec, int kernels, TimeSpan time, int lines, Func<long, long, string> code)
    {
        Random random = new(Seed);
        List<Cell> cells = [];
        List<ChaosTab> dead = [];
        for (int i = 0; i < kernels; i++)
        {
            string kernel = await hub.StartKernelAsync(spec);
            Cell cell = new(kernel, await ChaosTab.OpenAsync($"kernel {i}, asker", hub.Channels(kernel), 0));
            for (int tab = 0; tab < 3; tab++)
                cell.Tabs.Add(await ChaosTab.OpenAsync($"kernel {i}, tab {tab}", hub.Channels(kernel), 0));
            for (int part = 0; part < Parts; part++)
                cell.Requests.Add(await cell.Asker.RunAsync(code(part * (long)lines, lines)));
            cells.Add(cell);
        }

        // What was asked has reached the kernels: a request that dies with the hub is the asker's to repeat, as with any server.
        await Eventually.TrueAsync(() => cells.TrueForAll(cell => cell.Asker.Transcript.Lines > 10), "the first lines");
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < time)
        {
            long calm = Stopwatch.GetTimestamp();
            TimeSpan until = TimeSpan.FromMilliseconds(random.Next(1_000, 4_000));
            while (Stopwatch.GetElapsedTime(calm) < until)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(50, 400)), TimeProvider.System, TestContext.Current.CancellationToken);
                await DisturbAsync(hub, cells[random.Next(cells.Count)], random, dead);
            }

            await hub.CrashAsync();
            // Sometimes a machine is too busy to let the recorder tell at once what it heard, also of the end.
            if (random.Next(3) == 0)
                await hub.HoldUpRecorderAsync(TimeSpan.FromMilliseconds(random.Next(500, 5_000)));
        }

        foreach (Cell cell in cells)
            await VerifyAsync(hub, cell, (long)Parts * lines);
        foreach (ChaosTab tab in dead)
            Assert.Empty(tab.Wrong);
        _output.WriteLine($"{hub.Deaths} deaths of the hub, {cells.Sum(cell => cell.Tabs.Sum(tab => tab.Connections))} connections, {dead.Count} dead tabs, {cells.Sum(cell => cell.Asker.Transcript.Gaps.Sum(gap => gap.To - gap.From)):N0} lines said while no hub lived, {cells.Sum(cell => cell.Tabs.Sum(tab => tab.Transcript.Lines)):N0} lines delivered");
        foreach (Cell cell in cells)
        {
            foreach (ChaosTab tab in cell.Tabs)
                await tab.DisposeAsync();
            await hub.DeleteKernelAsync(cell.Kernel);
        }
    }

    private static async Task DisturbAsync(ChaosHub hub, Cell cell, Random random, List<ChaosTab> dead)
    {
        ChaosTab victim = cell.Tabs[random.Next(cell.Tabs.Count)];
        switch (random.Next(10))
        {
            case < 4:
                victim.Sleep(TimeSpan.FromMilliseconds(random.Next(50, 5_000)));
                break;
            case < 7:
                victim.Stall(TimeSpan.FromMilliseconds(random.Next(50, 3_000)));
                break;
            case 7 when victim != cell.Asker:
                cell.Tabs.Remove(victim);
                await victim.DisposeAsync();
                dead.Add(victim);
                // The place of the dead is taken by somebody who sees what comes from now on.
                cell.Tabs.Add(await ChaosTab.OpenAsync("newcomer", hub.Channels(cell.Kernel), null));
                break;
        }
    }

    private static bool IsOver(Cell cell, long lines) => cell.Tabs.TrueForAll(tab => tab.Transcript.Next == lines || tab.Wrong.Count > 0)
        && cell.Requests.TrueForAll(request => cell.Asker.RepliesTo(request).Count > 0);

    private static async Task VerifyAsync(ChaosHub hub, Cell cell, long lines)
    {
        string state = "";
        try
        {
            // A busy machine takes its time; only lines that stop coming are a failure.
            for (long seen = -1, now; (now = cell.Tabs.Sum(tab => tab.Transcript.Next ?? 0)) > seen; seen = now)
            {
                await Eventually.TrueAsync(
                    () =>
                    {
                        state = string.Join("\n", cell.Tabs.Select(tab => $"{tab.Name}: next line {tab.Transcript.Next}, message {tab.Last}; {string.Join("; ", tab.Wrong)}"));
                        return IsOver(cell, lines) || cell.Tabs.Sum(tab => tab.Transcript.Next ?? 0) > now + (lines / 10);
                    },
                    "all lines and replies");
                if (IsOver(cell, lines))
                    break;
            }
        }
        catch (TimeoutException never)
        {
            Assert.Fail($"{never.Message}\n{state}\nreplies: {string.Join(", ", cell.Requests.Select(request => cell.Asker.RepliesTo(request).Count))}\n{hub.Console[^Math.Min(hub.Console.Length, 4000)..]}");
        }

        foreach (ChaosTab tab in cell.Tabs)
        {
            Assert.True(tab.Wrong.Count == 0, state);
            Assert.Equal(lines, tab.Transcript.Next);
        }

        foreach (string request in cell.Requests)
            Assert.True(cell.Asker.RepliesTo(request).Count == 1, $"number {cell.Requests.IndexOf(request)} was answered: {string.Join("; ", cell.Asker.RepliesTo(request))}");
        Transcript journal = new(0);
        JsonElement executions = (await hub.GetAsync($"user/admin/api/kernels/{cell.Kernel}/executions?outputs=true&limit={Parts}")).GetProperty("executions");
        Assert.Equal(Parts, executions.GetArrayLength());
        foreach (JsonElement execution in executions.EnumerateArray())
        {
            string id = execution.GetProperty("msg_id").GetString()!;
            Assert.True(execution.GetProperty("state").GetString() == "done", $"{execution.GetProperty("state")}, number {cell.Requests.IndexOf(id)}, {string.Join("; ", cell.Asker.RepliesTo(id))}");
            foreach (JsonElement output in execution.GetProperty("outputs").EnumerateArray())
                journal.Add(Text(output.GetProperty("text")), "journal");
        }

        Assert.Empty(journal.Wrong);
        Assert.Equal(lines, journal.Next);
        Assert.Empty(journal.Gaps);
        foreach (ChaosTab tab in cell.Tabs)
            Assert.True(tab.Transcript.Gaps.Count == 0, state);
    }

    /// <summary>nbformat allows a text and a list of lines.</summary>
    private static string Text(JsonElement text) => text.ValueKind == JsonValueKind.Array ? string.Concat(text.EnumerateArray().Select(line => line.GetString())) : text.GetString()!;

    private static async Task<string> SpewKernelAsync()
    {
        using Process build = Process.Start(new ProcessStartInfo(Path.Combine(HubProcess.RepositoryRoot(), "tests", "SpewKernel", "build")) { RedirectStandardOutput = true })!;
        string path = (await build.StandardOutput.ReadToEndAsync()).Trim();
        await build.WaitForExitAsync();
        Assert.Equal(0, build.ExitCode);
        return path;
    }

    /// <summary>One kernel, what it was asked, and who listens.</summary>
    private sealed record Cell(string Kernel, ChaosTab Asker)
    {
        public List<ChaosTab> Tabs { get; } = [Asker];

        public List<string> Requests { get; } = [];
    }
}
