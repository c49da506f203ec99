using System.Diagnostics;
using System.Globalization;

namespace Benchmarks.Kernels;

/// <summary>
/// What lies between a kernel's sockets and the hub: our <c>KernelClient</c> beside plain libzmq in one run, each side in a process of its own. The
/// kernel is libzmq too, so that its habits are a real kernel's.
/// </summary>
internal static class KernelsBenchmark
{
    /// <summary>First argument with which this program starts itself for one side.</summary>
    public const string PartName = "kernels-part";

    private const int Rounds = 3;

    public static async Task ReceiveAsync(string[] arguments)
    {
        Console.WriteLine("stream messages of 300 B, signed, ipc: thousand messages/s; CPU µs and bytes allocated each");
        foreach (string who in (string[])["client", "kept", "libzmq"])
            Console.WriteLine($"  {Label(who),-52} {Text(await RepeatAsync(who, "receive"))}");
    }

    public static async Task IdleAsync(string[] arguments) =>
        Console.WriteLine($"{Parts.IdleKernels} kernels at rest, five sockets each: KiB resident, KiB managed and CPU ms per second, all of it each  {Text(await RepeatAsync("client", "idle"))}");

    public static async Task BurstAsync(string[] arguments)
    {
        int cores = Environment.ProcessorCount;
        foreach (int spinners in (int[])[0, cores])
        {
            List<Process> busy = [.. Enumerable.Range(0, spinners).Select(_ => Start("spin", "spin", ""))];
            try
            {
                Console.WriteLine($"bursts of {string.Join(", ", Parts.Bursts)} messages of 300 B by a publisher with libzmq's default marks, % that came (worst of three), {spinners} of {cores} cores busy");
                foreach (string who in (string[])["client", "libzmq"])
                    Console.WriteLine($"  {Label(who),-52} {Text(await RepeatAsync(who, "burst"))}");
            }
            finally
            {
                busy.ForEach(one => one.Kill());
            }
        }
    }

    public static async Task RunPartAsync(string[] arguments)
    {
        (string who, string part, string prefix) = (arguments[0], arguments[1], arguments[2]);
        if (who == "spin")
            Parts.Spin();
        if (who == "kernel")
            await Parts.BeKernelAsync(part, prefix);
        double[] figures = await Parts.MeasureAsync(who, part, prefix);
        Console.WriteLine(string.Join(' ', figures.Select(figure => figure.ToString("R", CultureInfo.InvariantCulture))));
    }

    private static string Label(string who) => who switch
    {
        "client" => "KernelClient, messages released",
        "kept" => "KernelClient, messages left to the collector",
        _ => "libzmq, frames copied out, nothing verified or read",
    };

    private static async Task<List<double[]>> RepeatAsync(string who, string part)
    {
        List<double[]> all = [];
        for (int round = 0; round < Rounds; round++)
            all.Add(await MeasureAsync(who, part));
        return all;
    }

    private static async Task<double[]> MeasureAsync(string who, string part)
    {
        string prefix = $"{Path.GetTempPath()}bench-{Guid.NewGuid():N}";
        using Process kernel = Start("kernel", part, prefix);
        try
        {
            // It says when it listens.
            await kernel.StandardOutput.ReadLineAsync();
            using Process one = Start(who, part, prefix);
            string line = await one.StandardOutput.ReadLineAsync() ?? throw new IOException($"{who} {part} said nothing");
            one.Kill();
            return [.. line.Split(' ').Select(figure => double.Parse(figure, CultureInfo.InvariantCulture))];
        }
        finally
        {
            kernel.Kill();
        }
    }

    private static Process Start(string who, string part, string prefix) =>
        OwnProcess.Start(PartName, who, part, prefix);

    private static string Text(List<double[]> runs) =>
        string.Join("  ", Enumerable.Range(0, runs[0].Length).Select(i => string.Create(CultureInfo.InvariantCulture, $"{runs.Select(run => run[i]).Order().ElementAt(runs.Count / 2),10:0.0}")));
}
