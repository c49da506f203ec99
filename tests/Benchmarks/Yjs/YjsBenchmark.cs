using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Benchmarks.Yjs;

/// <summary>
/// Our documents beside npm's yjs, each in a process of its own doing the same edits (from the same generator of numbers): one's own edits, others' edits one by one,
/// everything at once, encoding, and what a document takes in memory. In turn, <c>--rounds</c> times (3); the median of each counts.
/// </summary>
internal static class YjsBenchmark
{
    public const string PartName = "yjs-part";

    private static readonly (string Name, int Edits)[] s_traces = [("typing", 200_000), ("random", 100_000), ("notebook", 50_000), ("random-million", 1_000_000)];

    public static async Task RunAsync(string[] arguments)
    {
        int rounds = arguments is ["--rounds", var number, ..] ? int.Parse(number, CultureInfo.InvariantCulture) : 3;
        string[] traces = arguments.SkipWhile(argument => argument != "--trace").Skip(1).Take(1).ToArray();
        foreach ((string name, int edits) in s_traces)
        {
            if (traces.Length > 0 && traces[0] != name)
                continue;
            List<Dictionary<string, double>> ours = [], theirs = [];
            for (int round = 0; round < rounds; round++)
            {
                ours.Add(await MeasureAsync(Environment.ProcessPath!, [Path.Combine(AppContext.BaseDirectory, "Benchmarks.dll"), PartName, name, $"{edits}"]));
                theirs.Add(await MeasureAsync("node", ["--expose-gc", Path.Combine(Repository.Root, "tests", "Wire.Tests", "Yjs", "npm", "benchmark.mjs"), name, $"{edits}"]));
            }

            Console.WriteLine($"{name}, {edits:N0} edits");
            foreach (string step in ours[0].Keys)
            {
                double mine = Median(ours, step), other = Median(theirs, step);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {step,-22} ours {mine,12:N1}  yjs {other,12:N1}  {other / mine,6:N2}x"));
            }
        }
    }

    /// <summary>Prints figures of one run as JSON: milliseconds, and kilobytes of the document.</summary>
    public static void RunPart(string[] arguments)
    {
        (string name, int edits) = (arguments[0], int.Parse(arguments[1], CultureInfo.InvariantCulture));
        // Once over a few, so that what is measured is compiled.
        for (int warm = 0; warm < 3; warm++)
            new YjsTrace(name, Math.Min(edits, 5000)).Run([]);
        Dictionary<string, double> figures = [];
        new YjsTrace(name, edits).Run(figures);
        Console.WriteLine(JsonSerializer.Serialize(figures));
    }

    private static double Median(List<Dictionary<string, double>> figures, string step)
    {
        double[] sorted = [.. figures.Select(one => one[step]).Order()];
        return sorted[sorted.Length / 2];
    }

    private static async Task<Dictionary<string, double>> MeasureAsync(string program, string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? JsonSerializer.Deserialize<Dictionary<string, double>>(text)! : throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
    }
}
