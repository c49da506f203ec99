using System.Diagnostics;

namespace Benchmarks.Zmtp;

/// <summary>How much is measured, and with what.</summary>
internal static class Load
{
    public const int WarmUp = 2_000;
    public const int RoundTrips = 20_000;
    public const int IdleSockets = 1_000;
    public const int WarmUpSockets = 100;

    /// <summary>About 300 bytes in six frames, as a small Jupyter message is.</summary>
    public static byte[][] SixFrames { get; } = [new byte[9], new byte[64], new byte[140], new byte[60], new byte[2], new byte[25]];

    public static int Messages(int size) => size > 1000 ? 200_000 : 1_500_000;

    public static double Median(List<long> ticks)
    {
        ticks.Sort();
        return Stopwatch.GetElapsedTime(0, ticks[ticks.Count / 2]).TotalMicroseconds;
    }

    public static double ResidentMegabytes()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        using Process self = Process.GetCurrentProcess();
        return self.WorkingSet64 / 1e6;
    }

    /// <summary>Measures what lies between its making and <see cref="Figures"/>.</summary>
    public sealed class Watch
    {
        private readonly long _start = Stopwatch.GetTimestamp();
        private readonly TimeSpan _cpu = Environment.CpuUsage.TotalTime;
        private readonly long _allocated = GC.GetTotalAllocatedBytes(precise: true);

        /// <returns>Thousand messages per second, CPU microseconds and allocated bytes per message.</returns>
        public double[] Figures(int messages) =>
        [
            messages / Stopwatch.GetElapsedTime(_start).TotalSeconds / 1000,
            (Environment.CpuUsage.TotalTime - _cpu).TotalMicroseconds / messages,
            (double)(GC.GetTotalAllocatedBytes(precise: true) - _allocated) / messages,
        ];
    }
}
