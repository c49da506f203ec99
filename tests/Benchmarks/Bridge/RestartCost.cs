using System.Diagnostics;
using System.Net.Sockets;

namespace Benchmarks.Bridge;

/// <summary>How long people wait for their kernels when the hub is killed (<c>kill -9</c>) and launched again.</summary>
internal static class RestartCost
{
    private const int Kernels = 100;

    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    public static async Task MeasureAsync(Bridge bridge, BridgeTable table)
    {
        List<string> kernels = [];
        for (int i = 0; i < Kernels; i++)
            kernels.Add(await bridge.StartKernelAsync());
        using (Tab tab = bridge.OpenTab(kernels[0]))
            tab.Execute("x");

        await bridge.KillAndLaunchAsync();
        long launched = Stopwatch.GetTimestamp();
        await AnswersAsync(bridge, kernels[0], launched);
        table.Add("restart", "first tab live after, ms", bridge.Name, Stopwatch.GetElapsedTime(launched).TotalMilliseconds);
        foreach (string kernel in kernels)
            await AnswersAsync(bridge, kernel, launched);
        table.Add("restart", $"a tab on each of {Kernels} kernels live after, ms", bridge.Name, Stopwatch.GetElapsedTime(launched).TotalMilliseconds);
        foreach (string kernel in kernels)
            await bridge.StopKernelAsync(kernel);
    }

    /// <summary>Tries as a page does, only more often, until the kernel behind a socket has run something.</summary>
    private static async Task AnswersAsync(Bridge bridge, string kernel, long since)
    {
        while (true)
        {
            try
            {
                using Tab tab = bridge.OpenTab(kernel);
                tab.Execute("x");
                return;
            }
            catch (Exception e) when (e is SocketException or IOException && Stopwatch.GetElapsedTime(since) < s_patience)
            {
                await Task.Delay(s_retry, TimeProvider.System);
            }
        }
    }
}
