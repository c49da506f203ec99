using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Hub.Kernels.Starting;
using Spawner;

namespace Benchmarks.Spawn;

/// <summary>How many idle kernels in containers a machine bears: the memory each takes of it, with all that the engine and the system hold for it.</summary>
internal static class DensityBenchmark
{
    private const int AtOnce = 4;

    private const double Gibibyte = 1L << 30;

    /// <summary><c>[kernels]</c>: 100 unless said. Starting stops when less than 2 GiB of the machine's memory are free.</summary>
    public static async Task RunAsync(string[] arguments)
    {
        int count = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 100;
        await using SpawnGround ground = new();
        ConcurrentBag<SpawnedKernel> kernels = [];
        try
        {
            // The engine grows at its first, which is no kernel's fault.
            kernels.Add(await ground.Spawner.StartAsync(ground.Request(SpawnGround.Ipykernel), null, CancellationToken.None));
            await RestAsync();
            double before = Free();
            long start = Stopwatch.GetTimestamp();
            await Parallel.ForEachAsync(Enumerable.Range(1, count), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (_, token) =>
            {
                if (Free() > 2 * Gibibyte)
                    kernels.Add(await ground.Spawner.StartAsync(ground.Request(SpawnGround.Ipykernel), null, token));
            });
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            await RestAsync();
            int more = kernels.Count - 1;
            double each = (before - Free()) / more;
            double inside = (await ground.Spawner.MeasureAsync([.. kernels], CancellationToken.None)).Values.Average(usage => (double)usage.MemoryBytes);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{more} more idle kernels, one each {seconds / more * 1000:0} ms: {each / (1 << 20):0.0} MiB of the machine's memory each, {inside / (1 << 20):0.0} MiB of it in its container; {20 * Gibibyte / each:0} in 20 GiB; {Free() / Gibibyte:0.0} GiB are free"));
        }
        finally
        {
            await Parallel.ForEachAsync(kernels, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (kernel, _) => await ground.Spawner.StopAsync(kernel, TimeSpan.Zero, CancellationToken.None));
        }
    }

    private static Task RestAsync() => Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System);

    private static double Free() => new MachineMemory().Available ?? double.NaN;
}
