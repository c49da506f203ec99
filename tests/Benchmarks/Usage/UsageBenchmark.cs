using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Spawner;
using Spawner.Docker;

namespace Benchmarks.Usage;

/// <summary>
/// What it costs to sample memory and processor time of many containers once a second. The control groups are real ones, made here where the engine makes
/// its own, and hold nobody: the kernel of the operating system keeps and prints the same figures for them.
/// </summary>
internal static class UsageBenchmark
{
    private const int Rounds = 10;

    /// <summary><c>[containers …]</c>: 1000 and 5000 unless said. Root alone may make control groups.</summary>
    public static async Task RunAsync(string[] arguments)
    {
        int[] counts = arguments.Length > 0 ? [.. arguments.Select(text => int.Parse(text, CultureInfo.InvariantCulture))] : [1000, 5000];
        DirectoryInfo run = Directory.CreateTempSubdirectory("usage-");
        await using DockerSpawner spawner = new(SpawnSite.Open(run.FullName), Options.Create(new DockerOptions { Socket = Path.Combine(run.FullName, "none") }), TimeProvider.System, NullLogger<DockerSpawner>.Instance);
        foreach (int count in counts)
        {
            SpawnedKernel[] kernels = [.. Enumerable.Range(0, count).Select(number => Kernel(count, number))];
            string[] groups = [.. kernels.SelectMany(kernel => PlacesOf(kernel.Handle))];
            try
            {
                foreach (string group in groups)
                    Directory.CreateDirectory(group);
                await spawner.MeasureAsync(kernels, CancellationToken.None);
                List<double> took = [];
                TimeSpan before = Environment.CpuUsage.TotalTime;
                long allocated = GC.GetTotalAllocatedBytes();
                for (int round = 0; round < Rounds; round++)
                {
                    long start = Stopwatch.GetTimestamp();
                    IReadOnlyDictionary<string, KernelUsage> known = await spawner.MeasureAsync(kernels, CancellationToken.None);
                    took.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                    if (known.Count != count)
                        throw new InvalidOperationException($"{known.Count} of {count} were measured");
                }

                double cpu = (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / Rounds;
                took.Sort();
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{count,6} containers: {took[Rounds / 2],6:0.0} ms each time (worst {took[^1]:0.0}), {cpu / count * 1000:0.0} µs and {(GC.GetTotalAllocatedBytes() - allocated) / Rounds / count} B each; every second that is {cpu / 10:0.0} % of a core"));
            }
            finally
            {
                foreach (string group in groups.Where(Directory.Exists))
                    Directory.Delete(group);
            }
        }

        run.Delete(recursive: true);
    }

    private static SpawnedKernel Kernel(int count, int number)
    {
        string handle = string.Create(CultureInfo.InvariantCulture, $"{0xbe9c:x}{Environment.ProcessId:x8}{count:x8}{number:x8}").PadRight(64, '0');
        return new SpawnedKernel(handle[..32], "ada", "python3", handle, new KernelEndpoint("ipc", "", 1, 2, 3, 4, 5, ""), InterruptMode.Signal, DateTimeOffset.UnixEpoch, new Dictionary<string, string>());
    }

    private static IEnumerable<string> PlacesOf(string container) => File.Exists("/sys/fs/cgroup/cgroup.controllers")
        ? [$"/sys/fs/cgroup/docker/{container}"]
        : [$"/sys/fs/cgroup/memory/docker/{container}", $"/sys/fs/cgroup/cpuacct/docker/{container}"];
}
