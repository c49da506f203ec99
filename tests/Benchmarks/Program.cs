using Benchmarks.Attack;
using Benchmarks.Bridge;
using Benchmarks.Classes;
using Benchmarks.Contents;
using Benchmarks.Journal;
using Benchmarks.Jupyter;
using Benchmarks.Kernels;
using Benchmarks.Panel;
using Benchmarks.Rest;
using Benchmarks.Spawn;
using Benchmarks.Usage;
using Benchmarks.Users;
using Benchmarks.Yjs;
using Benchmarks.Zmtp;

namespace Benchmarks;

/// <summary>Runs the benchmark named on the command line, or lists those there are.</summary>
internal static class Program
{
    private static readonly Dictionary<string, (string What, Func<string[], Task> Run)> Benchmarks = new()
    {
        ["zmtp"] = ("our ZMTP beside libzmq: round trip, messages per second, memory of idle sockets", ZmtpBenchmark.RunAsync),
        ["bridge"] = ("the hub beside direct ZeroMQ and Debian's jupyter-server: round trip, floods, blobs, fan-out, stalled and idle tabs", BridgeBenchmark.RunAsync),
        ["receive"] = ("from a kernel's socket to the message in our hands, beside libzmq: messages per second, CPU and bytes each", KernelsBenchmark.ReceiveAsync),
        ["idle"] = ("1,000 kernels at rest: memory and CPU of their five sockets", KernelsBenchmark.IdleAsync),
        ["burst"] = ("how much a kernel may print at once before its publisher loses some, with idle and with busy cores", KernelsBenchmark.BurstAsync),
        ["journal"] = ("what a journal costs the kernel's loop, the machine and its readers; opening one after a crash", JournalBenchmark.RunAsync),
        ["recorder"] = ("what the recorder process costs: memory per idle kernel, CPU per message", RecorderBenchmark.RunAsync),
        ["classes"] = ("a whole class joins by code at once, each with a new guest account, home and materials: failures, waits, CPU", ClassesBenchmark.RunAsync),
        ["contents"] = ("Jupyter's Contents API, the hub beside Debian's jupyter-server: a long listing, a large notebook, a large file up and down, memory", ContentsBenchmark.RunAsync),
        ["panel"] = ("the panel: a page of 100,000 users, and 5,000 kernels pushed every second", PanelBenchmark.RunAsync),
        ["rest"] = ("JupyterHub's REST API, the hub beside Debian's jupyterhub: reads and writes per second, CPU per call", RestBenchmark.RunAsync),
        ["users"] = ("a hub with 100,000 users: making them, its start and memory, every filter and order of the lists", UsersBenchmark.RunAsync),
        ["spawn"] = ("from the wish for a kernel to idle: one, ten and thirty people at once, in turn and all at once, containers and processes", SpawnBenchmark.RunAsync),
        ["steps"] = ("one start in a container, step by step: container, Python, imports, kernel, first answer", StepsBenchmark.RunAsync),
        ["density"] = ("how many idle kernels in containers the machine bears, by the memory each takes", DensityBenchmark.RunAsync),
        ["usage"] = ("memory and processor time of thousands of containers, sampled once a second: time and CPU", UsageBenchmark.RunAsync),
        ["attack"] = ("a neighbour's round trip before and while another kernel does its worst: forks, memory, files, output, connections", AttackBenchmark.RunAsync),
        ["yjs"] = ("documents beside npm's yjs: own edits, others' edits, everything at once, memory", YjsBenchmark.RunAsync),
        ["messages"] = ("Jupyter messages: verify, read, frame for browsers; nanoseconds and bytes of each step", MessagesBenchmark.RunAsync),
    };

    public static async Task<int> Main(string[] arguments)
    {
        if (arguments is [ZmtpBenchmark.PartName, .. var part])
        {
            await ZmtpBenchmark.RunPartAsync(part);
            return 0;
        }

        if (arguments is [KernelsBenchmark.PartName, .. var side])
        {
            await KernelsBenchmark.RunPartAsync(side);
            return 0;
        }

        if (arguments is [YjsBenchmark.PartName, .. var trace])
        {
            YjsBenchmark.RunPart(trace);
            return 0;
        }

        if (arguments.Length > 0 && Benchmarks.TryGetValue(arguments[0], out var benchmark))
        {
            await benchmark.Run(arguments[1..]);
            return 0;
        }

        await Console.Error.WriteLineAsync(arguments.Length == 0 ? "usage: Benchmarks NAME" : $"no benchmark called {arguments[0]}");
        foreach (var (name, (what, _)) in Benchmarks)
            await Console.Error.WriteLineAsync($"  {name}  {what}");
        return arguments.Length == 0 ? 0 : 1;
    }
}
