using System.Diagnostics;
using System.Net.Sockets;

namespace Benchmarks.Bridge;

/// <summary>
/// What stands between a browser and a kernel, measured with a kernel and a client that cost next to nothing: the same client talking
/// ZeroMQ directly, our hub, and Debian's jupyter-server with its limits off, one after the other in one run. Ratios travel, figures do not.
/// </summary>
internal static class BridgeBenchmark
{
    private static readonly string[] s_parts = ["rtt", "small", "large", "blobs", "fanout", "stalled", "restart", "idle"];

    /// <summary><c>[--only rtt,small,…] [--rounds N] [--scale N] [--no-peer] [--no-direct] [--tabs N] [--kernels N] [Section:Key=value of the hub …]</c>.</summary>
    public static async Task RunAsync(string[] arguments)
    {
        BridgeOptions options = BridgeOptions.Parse(arguments, s_parts);
        BridgeTable table = new();
        for (int round = 0; round < options.Rounds; round++)
        {
            if (options.WithDirect && options.Wants("rtt", "small", "large", "blobs"))
                await DirectAsync(table, options);
            await using (Bridge hub = await Bridge.StartHubAsync(options.Settings))
                await MeasureAsync(hub, table, options);
            if (options.WithPeer && await Bridge.StartPeerAsync() is { } peer)
            {
                await using (peer)
                    await MeasureAsync(peer, table, options);
            }
        }

        table.Print();
    }

    private static async Task DirectAsync(BridgeTable table, BridgeOptions options)
    {
        using DirectKernel kernel = await DirectKernel.StartAsync();
        if (options.Wants("rtt"))
            RoundTrips(table, "direct", options.Scale, () => kernel.Execute("x"), () => 0);
        foreach ((string part, int count, int size) in Floods(options))
        {
            long start = Stopwatch.GetTimestamp();
            long heard = kernel.Execute($"spew {count} {size}");
            table.Add(part, "messages/s", "direct", heard / Stopwatch.GetElapsedTime(start).TotalSeconds);
            table.Add(part, "delivered %", "direct", 100.0 * heard / count);
        }

        if (options.Wants("blobs"))
        {
            kernel.Execute("blob 2 10000000");
            long start = Stopwatch.GetTimestamp();
            long heard = kernel.Execute("blob 50 10000000");
            table.Add("blobs", "MB/s", "direct", heard * 10 / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
    }

    private static async Task MeasureAsync(Bridge bridge, BridgeTable table, BridgeOptions options)
    {
        string kernel = await bridge.StartKernelAsync();
        using (Tab tab = bridge.OpenTab(kernel))
        {
            tab.Info();
            if (options.Wants("rtt"))
                RoundTrips(table, bridge.Name, options.Scale, () => tab.Execute("x"), () => bridge.CpuSeconds);
            foreach ((string part, int count, int size) in Floods(options))
            {
                tab.ExecuteCounting($"spew {(bridge.Name == "hub" ? count : count / 4)} {size}"); // the hub has code to compile
                await FloodAsync(bridge, table, part, () => tab.ExecuteCounting($"spew {count} {size}").Messages, count);
            }

            if (options.Wants("blobs"))
                await BlobsAsync(bridge, table, tab, options.Scale);
        }

        if (options.Wants("fanout"))
            await FanOutAsync(bridge, table, kernel, options.Scale);
        if (options.Wants("stalled"))
            await StalledAsync(bridge, table, kernel);
        await bridge.StopKernelAsync(kernel);
        if (options.Wants("restart") && bridge.Name == "hub")
            await RestartCost.MeasureAsync(bridge, table);
        if (!options.Wants("idle"))
            return;
        try
        {
            await IdleCost.MeasureAsync(bridge, table, options);
        }
        catch (SocketException refused) when (bridge.Name != "hub")
        {
            // The peer gives up before it holds so many tabs: then there is no figure of its.
            Console.WriteLine($"idle {bridge.Name}: {refused.Message}");
        }
    }

    private static IEnumerable<(string Part, int Count, int Size)> Floods(BridgeOptions options)
    {
        if (options.Wants("small"))
            yield return ("small", 100_000 * options.Scale, 300);
        if (options.Wants("large"))
            yield return ("large", 20_000 * options.Scale, 10_000);
    }

    /// <summary>Questions before the first one counts: below it, the time it takes to compile the hub's code is what is measured.</summary>
    private const int QuestionsToWarmUp = 20_000;

    private static void RoundTrips(BridgeTable table, string who, int scale, Action once, Func<double> cpu)
    {
        int count = who == "jupyter-server" ? 200 : 5_000 * scale;
        for (int i = 0; i < (who == "jupyter-server" ? count / 5 : QuestionsToWarmUp); i++)
            once();
        double before = cpu();
        double[] micros = Times(count, once);
        table.Add("rtt", "p50 µs", who, micros[count / 2]);
        table.Add("rtt", "p99 µs", who, micros[count * 99 / 100]);
        table.Add("rtt", "CPU µs", who, who == "direct" ? double.NaN : (cpu() - before) / count * 1e6);
    }

    private static double[] Times(int count, Action once)
    {
        double[] micros = new double[count];
        for (int i = 0; i < count; i++)
        {
            long start = Stopwatch.GetTimestamp();
            once();
            micros[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }

        Array.Sort(micros);
        return micros;
    }

    private static async Task FloodAsync(Bridge bridge, BridgeTable table, string part, Func<long> spew, int count)
    {
        double allocated = await bridge.AllocatedAsync();
        double cpu = bridge.CpuSeconds;
        long start = Stopwatch.GetTimestamp();
        long heard = spew();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        table.Add(part, part == "fanout" ? "deliveries/s" : "messages/s", bridge.Name, heard / seconds);
        table.Add(part, "delivered %", bridge.Name, 100.0 * heard / count);
        table.Add(part, "CPU µs each", bridge.Name, (bridge.CpuSeconds - cpu) / count * 1e6);
        table.Add(part, "allocated B each", bridge.Name, (await bridge.AllocatedAsync() - allocated) / count);
        table.Add(part, "resident MiB after", bridge.Name, bridge.ResidentKilobytes / 1024);
    }

    private static async Task BlobsAsync(Bridge bridge, BridgeTable table, Tab tab, int scale)
    {
        const int size = 10_000_000;
        int count = bridge.Name == "hub" ? 50 * scale : 20;
        tab.ExecuteCounting($"blob 4 {size}");
        double allocated = await bridge.AllocatedAsync();
        double cpu = bridge.CpuSeconds;
        long start = Stopwatch.GetTimestamp();
        Tab.Tally heard = tab.ExecuteCounting($"blob {count} {size}");
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        table.Add("blobs", "MB/s", bridge.Name, heard.Bytes / 1e6 / seconds);
        table.Add("blobs", "delivered %", bridge.Name, 100.0 * heard.Messages / count);
        table.Add("blobs", "CPU ms each", bridge.Name, (bridge.CpuSeconds - cpu) / count * 1e3);
        table.Add("blobs", "allocated kB each", bridge.Name, (await bridge.AllocatedAsync() - allocated) / count / 1e3);
        table.Add("blobs", "resident MiB after", bridge.Name, bridge.ResidentKilobytes / 1024);
    }

    private static async Task FanOutAsync(Bridge bridge, BridgeTable table, string kernel, int scale)
    {
        const int tabs = 10;
        int messages = 10_000 * scale;
        List<Tab> all = [.. Enumerable.Range(0, tabs).Select(_ => bridge.OpenTab(kernel))];
        foreach (Tab tab in all)
            tab.Info();
        Spread(all, messages);
        await FloodAsync(bridge, table, "fanout", () => Spread(all, messages), tabs * messages);
        all.ForEach(tab => tab.Dispose());
    }

    /// <summary>The first asks, each reads in a thread of its own.</summary>
    private static long Spread(List<Tab> tabs, int messages)
    {
        Tab.Tally[] tallies = [.. tabs.Select(_ => new Tab.Tally())];
        string request = tabs[0].Begin($"spew {messages} 300");
        Thread[] threads = [.. tabs.Select((tab, i) => new Thread(() => tab.Follow(request, tallies[i])))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        return tallies.Sum(tally => tally.Messages);
    }

    /// <summary>A healthy tab's round trips alone, then with twenty beside it that read nothing while the kernel has said far more than their queues hold.</summary>
    private static async Task StalledAsync(Bridge bridge, BridgeTable table, string kernel)
    {
        int count = bridge.Name == "hub" ? 3_000 : 100;
        using Tab healthy = bridge.OpenTab(kernel);
        healthy.Info();
        Times(count / 3, () => healthy.Execute("x"));
        double[] alone = Times(count, () => healthy.Execute("x"));
        List<Tab> stalled = [.. Enumerable.Range(0, 20).Select(_ => bridge.OpenTab(kernel))];
        int flood = bridge.Name == "hub" ? 100_000 : 10_000;
        healthy.ExecuteCounting($"spew {flood} 1000");
        double[] beside = Times(count, () => healthy.Execute("x"));
        table.Add("stalled", "p99 µs alone", bridge.Name, alone[count * 99 / 100]);
        table.Add("stalled", "p99 µs beside 20 stalled", bridge.Name, beside[count * 99 / 100]);
        table.Add("stalled", "p50 µs alone", bridge.Name, alone[count / 2]);
        table.Add("stalled", "p50 µs beside 20 stalled", bridge.Name, beside[count / 2]);
        table.Add("stalled", "resident MiB after", bridge.Name, bridge.ResidentKilobytes / 1024);
        stalled.ForEach(tab => tab.Dispose());
        await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
    }
}
