using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Benchmarks.Bridge;

namespace Benchmarks.Attack;

/// <summary>
/// What a neighbour feels of an attack: the round trip of a cell in one kernel, before and while another kernel does its worst within its limits. Through
/// the hub, in containers of the engine <c>DOCKER_HOST</c> names; each attack has a kernel of its own, lasts seconds, and ends with it.
/// </summary>
internal static class AttackBenchmark
{
    private static readonly TimeSpan s_measured = TimeSpan.FromSeconds(4);

    private static readonly (string Name, string Code)[] s_attacks =
    [
        ("nothing (a second idle kernel)", "1"),
        ("two threads that compute", "import hashlib, threading\nfor _ in range(2): threading.Thread(target=lambda: [hashlib.sha512(b'x' * (1 << 20)) for _ in range(10**9)], daemon=True).start()"),
        ("fork bomb", "import os, time\nuntil = time.time() + 10\nif os.fork() == 0:\n  while time.time() < until:\n    try: os.fork()\n    except OSError: pass\n  os._exit(0)"),
        ("memory bomb, again and again", "import os, time\nuntil = time.time() + 10\nwhile time.time() < until:\n  child = os.fork()\n  if child == 0:\n    held = []\n    while True: held.append(bytearray(4 << 20))\n  os.waitpid(child, 0)"),
        ("millions of files in /tmp", "import os, time\nuntil = time.time() + 10\nwhile time.time() < until:\n  made = 0\n  try:\n    while time.time() < until: os.close(os.open('/tmp/f%d' % made, os.O_CREAT)); made += 1\n  except OSError: pass\n  for n in range(made): os.remove('/tmp/f%d' % n)"),
        ("writing /tmp and /dev/shm full", "import os, time\nuntil = time.time() + 10\nwhile time.time() < until:\n  for place in ('/tmp/f', '/dev/shm/f'):\n    try:\n      with open(place, 'wb', buffering=0) as f:\n        while True: f.write(b'x' * (1 << 20))\n    except OSError: os.remove(place)"),
        ("flood of output", "import time\nuntil = time.time() + 10\nwhile time.time() < until: print('x' * 300)"),
        ("10,000 connections to its own sockets", "import os, socket, time\nif os.fork() == 0:\n  until = time.time() + 10\n  while time.time() < until:\n    held = []\n    for n in range(10_000):\n      try: s = socket.socket(socket.AF_UNIX); s.setblocking(False); s.connect('/run/notebook-kernel/k-%d' % (n % 5 + 1)); held.append(s)\n      except OSError: pass\n  os._exit(0)"),
    ];

    /// <summary><c>[Section:Key=value of the hub …]</c></summary>
    public static async Task RunAsync(string[] arguments)
    {
        await using MeasuredServer hub = MeasuredServer.Hub(["Hub:Spawner=docker", "Kernels:StopOnExit=true", "Kernels:StartReplyAfter=00:01:00", "Kernels:StopGrace=00:00:00.5",
            "Kernels:Specs:python3:Image=notebook-hub/minimal", "Kernels:Specs:python3:DisplayName=Python 3", "Kernels:Specs:python3:MemoryBytes=268435456", "Kernels:Specs:python3:Processes=64", .. arguments]);
        await hub.StartAsync();
        await hub.CreateUsersAsync(["neighbour", "attacker"]);
        foreach (string name in new[] { "neighbour", "attacker" })
            (await hub.Client.PostAsync($"/hub/api/users/{name}/server", null)).EnsureSuccessStatusCode();
        using Tab neighbour = Open(hub, await StartAsync(hub, "neighbour"));
        _ = Measure(neighbour);
        Print($"{"round trip of a neighbour's cell",-40}{"before p50",12}{"p95",10}{"during p50",14}{"p95",10}{"slowest",10}{"p50 ratio",11}");
        foreach ((string name, string code) in s_attacks)
        {
            double[] before = Measure(neighbour);
            string attacker = await StartAsync(hub, "attacker");
            using (Tab attack = Open(hub, attacker))
            {
                attack.Begin(JsonEncodedText.Encode(code).ToString());
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
                double[] during = Measure(neighbour);
                Print($"{name,-40}{At(before, 0.5),9:0.00} ms{At(before, 0.95),7:0.00} ms{At(during, 0.5),11:0.00} ms{At(during, 0.95),7:0.00} ms{during[^1],7:0.0} ms{At(during, 0.5) / At(before, 0.5),10:0.0}x");
            }

            (await hub.Client.DeleteAsync(attacker)).EnsureSuccessStatusCode();
        }
    }

    /// <summary>Milliseconds of each cell, sorted.</summary>
    private static double[] Measure(Tab tab)
    {
        List<double> took = [];
        for (long began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < s_measured;)
        {
            long asked = Stopwatch.GetTimestamp();
            tab.Execute("1");
            took.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
        }

        return [.. took.Order()];
    }

    private static double At(double[] sorted, double share) => sorted[(int)((sorted.Length - 1) * share)];

    private static Tab Open(MeasuredServer hub, string kernel) => Tab.Open(hub.Port, $"{kernel}/channels", MeasuredServer.Token);

    /// <summary>The path of a kernel that is idle.</summary>
    private static async Task<string> StartAsync(MeasuredServer hub, string name)
    {
        using HttpResponseMessage answer = await hub.Client.PostAsJsonAsync($"/user/{name}/api/kernels", new { name = "python3" });
        string text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode
            ? $"/user/{name}/api/kernels/{JsonDocument.Parse(text).RootElement.GetProperty("id").GetString()}"
            : throw new InvalidOperationException($"no kernel: {(int)answer.StatusCode} {text}");
    }

    private static void Print(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
