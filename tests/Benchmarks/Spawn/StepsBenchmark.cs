using System.Diagnostics;
using System.Globalization;
using Spawner;
using Wire.Jupyter;
using ConnectionInfo = Wire.Jupyter.ConnectionInfo;

namespace Benchmarks.Spawn;

/// <summary>
/// Where the time of one start in a container goes: what is made for it, the container's start, Python, ipykernel's imports, its kernel, and the first answer.
/// What happens within the container is told apart by starting a Python that only makes the sockets, one that makes the imports before, and ipykernel.
/// </summary>
internal static class StepsBenchmark
{
    private const int Rounds = 20;

    private const string MakeSockets = """
        import json, socket, sys, time
        at = json.load(open(sys.argv[1]))
        made = []
        for channel in ('shell', 'iopub', 'stdin', 'control', 'hb'):
            one = socket.socket(socket.AF_UNIX)
            one.bind(at['ip'] + '-' + str(at[channel + '_port']))
            one.listen()
            made.append(one)
        time.sleep(600)
        """;

    /// <summary><c>[rounds]</c>: 20 unless said. Docker as <c>DOCKER_HOST</c> says.</summary>
    public static async Task RunAsync(string[] arguments)
    {
        int rounds = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : Rounds;
        await using SpawnGround ground = new();
        await StartAsync(ground, SpawnGround.Ipykernel, answers: true); // what is made at first use is no step's fault
        List<double[]> bare = [], imports = [], whole = [];
        for (int i = 0; i < rounds; i++)
        {
            bare.Add(await StartAsync(ground, ["python3", "-c", MakeSockets, "{connection_file}"], answers: false));
            imports.Add(await StartAsync(ground, ["python3", "-c", "from ipykernel import kernelapp\n" + MakeSockets, "{connection_file}"], answers: false));
            whole.Add(await StartAsync(ground, SpawnGround.Ipykernel, answers: true));
        }

        double sockets = Middle(bare, 2);
        Console.WriteLine("| step | p50 ms | p95 ms |\n|---|---|---|");
        Show("image looked up, volume and container made", whole.Select(one => one[0]));
        Show("container started", whole.Select(one => one[1]));
        Show("Python up and five sockets made, without ipykernel", bare.Select(one => one[2]));
        Show("ipykernel's imports (difference of the medians)", [Middle(imports, 2) - sockets]);
        Show("its kernel made (difference of the medians)", [Middle(whole, 2) - Middle(imports, 2)]);
        Show("connected, and kernel_info answered on shell and iopub", whole.Select(one => one[3]));
        Show("all of it", whole.Select(one => one.Sum()));
    }

    /// <returns>Milliseconds: made, started, listening, answered (0 when it is not asked).</returns>
    private static async Task<double[]> StartAsync(SpawnGround ground, IReadOnlyList<string> command, bool answers)
    {
        Clock clock = new();
        SpawnedKernel kernel = await ground.Spawner.StartAsync(ground.Request(command), clock, CancellationToken.None);
        double listening = clock.Now;
        try
        {
            double answered = listening;
            if (answers)
            {
                KernelEndpoint at = kernel.Endpoint;
                ConnectionInfo connection = new(at.Transport, at.Ip, at.ShellPort, at.ControlPort, at.IOPubPort, at.StdinPort, at.HeartbeatPort, at.Key);
                await using KernelClient client = new(connection, Guid.NewGuid().ToString("N"), TimeProvider.System);
                client.Start(_ => ValueTask.CompletedTask);
                await client.WaitUntilReadyAsync(TimeSpan.FromSeconds(30), CancellationToken.None);
                answered = clock.Now;
            }

            return [clock.Starting, clock.Waiting - clock.Starting, listening - clock.Waiting, answered - listening];
        }
        finally
        {
            await ground.Spawner.StopAsync(kernel, TimeSpan.Zero, CancellationToken.None);
        }
    }

    private static double Middle(List<double[]> all, int step) => Percentile([.. all.Select(one => one[step])], 0.5);

    private static double Percentile(double[] all, double part) => all.Order().ElementAt((int)(all.Length * part));

    private static void Show(string step, IEnumerable<double> took)
    {
        double[] all = [.. took];
        string high = all.Length > 1 ? Percentile(all, 0.95).ToString("0", CultureInfo.InvariantCulture) : "";
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {step} | {Percentile(all, 0.5):0} | {high} |"));
    }

    /// <summary>Milliseconds since the wish, when the spawner said what it does next.</summary>
    private sealed class Clock : IProgress<SpawnProgress>
    {
        private readonly long _start = Stopwatch.GetTimestamp();

        public double Starting { get; private set; }

        public double Waiting { get; private set; }

        public double Now => Stopwatch.GetElapsedTime(_start).TotalMilliseconds;

        public void Report(SpawnProgress value)
        {
            if (value.Message == "Starting the kernel's container")
                Starting = Now;
            else if (value.Message == "Waiting for the kernel to come up")
                Waiting = Now;
        }
    }
}
