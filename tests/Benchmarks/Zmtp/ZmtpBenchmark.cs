using System.Diagnostics;
using System.Globalization;

namespace Benchmarks.Zmtp;

/// <summary>
/// Our ZMTP beside libzmq on the same machine, the same load, in turn: each part in a process of its own, the other side in another.
/// The figures are of the machine; the ratios travel.
/// </summary>
internal static class ZmtpBenchmark
{
    /// <summary>First argument with which this program starts itself for one part.</summary>
    public const string PartName = "zmtp-part";

    private const int Rounds = 3;

    private static readonly (string Part, string Peer, string What)[] Measured =
    [
        ("roundtrip", "echo", "round trip p50, 300 B in 6 frames, µs"),
        ("subscribe-300", "publish-300", "PUB→SUB 300 B, thousand messages/s; CPU µs and bytes allocated each"),
        ("subscribe-10000", "publish-10000", "PUB→SUB 10 kB, thousand messages/s; CPU µs and bytes allocated each"),
        ("publish-300", "subscribe-300", "our or their PUB→libzmq SUB 300 B, thousand messages/s; CPU µs and bytes allocated each"),
        ("idle", "idle", "memory of 1,000 idle DEALER sockets, MB resident; MB of it managed objects"),
    ];

    public static async Task RunAsync(string[] arguments)
    {
        foreach (var (part, peer, what) in Measured.Where(one => arguments.Length == 0 || arguments.Contains(one.Part)))
        {
            foreach (string scheme in (string[])["ipc", "tcp"])
            {
                List<double[]> ours = [];
                List<double[]> theirs = [];
                for (int round = 0; round < Rounds; round++)
                {
                    ours.Add(await MeasureAsync("ours", part, peer, scheme));
                    theirs.Add(await MeasureAsync("libzmq", part, peer, scheme));
                }

                Console.WriteLine($"{what}, {scheme}");
                Console.WriteLine($"  ours   {Text(ours)}");
                Console.WriteLine($"  libzmq {Text(theirs)}   ratio {Median(ours, 0) / Median(theirs, 0):0.00}");
            }
        }
    }

    /// <summary>One side of one measurement; a measuring side writes its figures as the only line.</summary>
    public static async Task RunPartAsync(string[] arguments)
    {
        (string who, string part, string endpoint) = (arguments[0], arguments[1], arguments[2]);
        int size = part.Split('-') is [_, var digits] ? int.Parse(digits, CultureInfo.InvariantCulture) : 0;
        string kind = part.Split('-')[0];
        if (who == "peer")
            LibzmqParts.BePeer(kind, endpoint, size);
        else if (who == "ours")
            Write(await OurParts.MeasureAsync(kind, endpoint, size));
        else
            Write(LibzmqParts.Measure(kind, endpoint, size));
    }

    private static async Task<double[]> MeasureAsync(string who, string part, string peer, string scheme)
    {
        string endpoint = scheme == "ipc" ? $"ipc://{Path.GetTempPath()}bench-{Guid.NewGuid():N}" : $"tcp://127.0.0.1:{FreePort()}";
        using Process other = Start("peer", peer, endpoint);
        using Process one = Start(who, part, endpoint);
        try
        {
            string line = await one.StandardOutput.ReadLineAsync() ?? throw new IOException($"{who} {part} said nothing");
            return [.. line.Split(' ').Select(figure => double.Parse(figure, CultureInfo.InvariantCulture))];
        }
        finally
        {
            one.Kill();
            other.Kill();
        }
    }

    private static Process Start(string who, string part, string endpoint) => OwnProcess.Start(PartName, who, part, endpoint);

    private static int FreePort()
    {
        using System.Net.Sockets.TcpListener listener = new(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static void Write(double[] figures) =>
        Console.WriteLine(string.Join(' ', figures.Select(figure => figure.ToString("R", CultureInfo.InvariantCulture))));

    private static double Median(List<double[]> runs, int figure) => runs.Select(run => run[figure]).Order().ElementAt(runs.Count / 2);

    private static string Text(List<double[]> runs) => string.Join("  ", Enumerable.Range(0, runs[0].Length).Select(i => $"{Median(runs, i),8:0.0}"));
}
