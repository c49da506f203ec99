using System.Diagnostics;

namespace Benchmarks.Bridge;

/// <summary>What kernels and tabs cost that do nothing.</summary>
internal static class IdleCost
{
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(60);

    public static async Task MeasureAsync(Bridge bridge, BridgeTable table, BridgeOptions options)
    {
        bool isHub = bridge.Name == "hub";
        int kernelCount = isHub ? options.Kernels : Math.Max(1, options.Kernels / 20);
        int tabCount = isHub ? options.Tabs : Math.Max(1, options.Tabs / 10);
        List<string> kernels = [];
        List<Tab> tabs = [];

        // What the first ones bring to life is not a cost of each.
        int warm = Math.Min(20, kernelCount / 4);
        for (int i = 0; i < warm; i++)
            await StartAsync(bridge, kernels);
        await Task.Delay(TimeSpan.FromMilliseconds(2_000), TimeProvider.System);
        double before = bridge.ResidentKilobytes;
        long start = Stopwatch.GetTimestamp();
        for (int i = warm; i < kernelCount; i += 8)
            await Task.WhenAll(Enumerable.Range(0, Math.Min(8, kernelCount - i)).Select(_ => StartAsync(bridge, kernels)));
        table.Add("idle", "kernels started per s", bridge.Name, (kernelCount - warm) / Stopwatch.GetElapsedTime(start).TotalSeconds);
        await Task.Delay(TimeSpan.FromMilliseconds(5_000), TimeProvider.System);
        table.Add("idle", $"CPU % of a core, {options.Kernels} kernels (peer: a twentieth)", bridge.Name, await RestAsync(bridge));
        table.Add("idle", "KiB per kernel", bridge.Name, (bridge.ResidentKilobytes - before) / Math.Max(1, kernelCount - warm));

        for (int i = 0; i < Math.Min(100, tabCount / 4); i++)
            tabs.Add(Joined(bridge, kernels[i % kernels.Count]));
        before = bridge.ResidentKilobytes;
        int counted = tabCount - tabs.Count;
        while (tabs.Count < tabCount)
            tabs.Add(Joined(bridge, kernels[tabs.Count % kernels.Count]));
        await Task.Delay(TimeSpan.FromMilliseconds(5_000), TimeProvider.System);
        table.Add("idle", $"CPU % of a core, and {options.Tabs} tabs (peer: a tenth)", bridge.Name, await RestAsync(bridge));
        table.Add("idle", "KiB per tab", bridge.Name, (bridge.ResidentKilobytes - before) / Math.Max(1, counted));
        table.Add("idle", "resident MiB with all", bridge.Name, bridge.ResidentKilobytes / 1024);
        tabs.ForEach(tab => tab.Dispose());
        await Parallel.ForEachAsync(kernels, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (kernel, _) => await bridge.StopKernelAsync(kernel));
    }

    private static Tab Joined(Bridge bridge, string kernel)
    {
        Tab tab = bridge.OpenTab(kernel);
        tab.Info();
        return tab;
    }

    private static async Task StartAsync(Bridge bridge, List<string> kernels)
    {
        string kernel = await bridge.StartKernelAsync();
        lock (kernels)
            kernels.Add(kernel);
    }

    private static async Task<double> RestAsync(Bridge bridge)
    {
        double cpu = bridge.CpuSeconds;
        await Task.Delay(s_rest, TimeProvider.System);
        return (bridge.CpuSeconds - cpu) / s_rest.TotalSeconds * 100;
    }
}
