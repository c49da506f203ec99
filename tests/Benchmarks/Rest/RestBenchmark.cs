using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;

namespace Benchmarks.Rest;

/// <summary>
/// JupyterHub's REST API, ours beside Debian's jupyterhub, both with 1,000 users on SQLite: reads and writes per second, and what each costs the server's
/// process. The two are asked in turns, round by round, by the same bare client on the same machine. Ratios travel, figures do not.
/// </summary>
internal static class RestBenchmark
{
    private const int Users = 1000;

    private static readonly int[] s_connections = [1, 16];

    /// <summary>Members of a class, and of a school: the answer to a change of a group has all its names.</summary>
    private static readonly int[] s_groups = [30, 900];

    /// <summary><c>[--rounds N] [--seconds N] [--no-peer] [--only part of a call] [Section:Key=value of the hub …]</c>.</summary>
    public static async Task RunAsync(string[] arguments)
    {
        int rounds = (int)Option(arguments, "--rounds", 3);
        double seconds = Option(arguments, "--seconds", 2);
        int at = Array.IndexOf(arguments, "--only");
        string only = at < 0 ? "" : arguments[at + 1];
        await using MeasuredServer hub = MeasuredServer.Hub([.. arguments.Where(argument => argument.Contains(':', StringComparison.Ordinal))]);
        await using MeasuredServer? peer = arguments.Contains("--no-peer") ? null : RestPeer.Find();
        if (peer is null)
            Console.WriteLine("jupyterhub is not measured (apt-get install jupyterhub)");
        List<MeasuredServer> servers = [hub, .. peer is null ? Array.Empty<MeasuredServer>() : [peer]];
        foreach (MeasuredServer server in servers)
        {
            await server.StartAsync();
            await server.CreateUsersAsync(Enumerable.Range(0, Users).Select(User));
            foreach (int members in s_groups)
            {
                (await server.Client.PostAsJsonAsync($"/hub/api/groups/of-{members}", new { })).EnsureSuccessStatusCode();
                (await server.Client.PostAsJsonAsync($"/hub/api/groups/of-{members}/users", new { users = Enumerable.Range(0, members).Select(User) })).EnsureSuccessStatusCode();
            }

            foreach (RestCall call in Calls("warm", only))
                Measure(server, call, 4, 1);
        }

        Dictionary<(string Call, int Connections, string Server), List<(double PerSecond, double Cpu)>> results = [];
        for (int round = 0; round < rounds; round++)
        {
            foreach (MeasuredServer server in servers)
            {
                foreach (int connections in s_connections)
                {
                    foreach (RestCall call in Calls($"r{round}c{connections}", only))
                        (results.TryGetValue((call.Name, connections, server.Name), out var list) ? list : results[(call.Name, connections, server.Name)] = []).Add(Measure(server, call, connections, seconds));
                }
            }
        }

        Console.WriteLine($"{"call",-34} {"conn.",5} {"hub/s",9} {"theirs/s",9} {"ratio",7} {"CPU µs",9} {"theirs",9} {"ratio",7}");
        foreach (RestCall call in Calls("", only))
        {
            foreach (int connections in s_connections)
            {
                (double mine, double cpu) = Middle(results[(call.Name, connections, hub.Name)]);
                (double theirs, double theirCpu) = peer is null ? (double.NaN, double.NaN) : Middle(results[(call.Name, connections, peer.Name)]);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{call.Name,-34} {connections,5} {mine,9:0} {theirs,9:0} {mine / theirs,7:0.0} {cpu,9:0} {theirCpu,9:0} {theirCpu / cpu,7:0.0}"));
            }
        }
    }

    private static IEnumerable<RestCall> Calls(string run, string only) => All(run).Where(call => call.Name.Contains(only, StringComparison.Ordinal));

    /// <summary>In this order: what is made is deleted after.</summary>
    private static IEnumerable<RestCall> All(string run)
    {
        const string api = "/hub/api";
        int made = 0;
        yield return new RestCall("GET users/{name}", n => ("GET", $"{api}/users/{User(n % Users)}", ""), 200);
        yield return new RestCall("GET users?limit=100", n => ("GET", $"{api}/users?limit=100&offset={n % 10 * 50}", ""), 200);
        yield return new RestCall("GET user", _ => ("GET", $"{api}/user", ""), 200);
        yield return new RestCall("GET info", _ => ("GET", $"{api}/info", ""), 200);
        yield return new RestCall("POST users/{name}", n =>
        {
            int most;
            while ((most = Volatile.Read(ref made)) <= n && Interlocked.CompareExchange(ref made, n + 1, most) != most)
            {
            }
            return ("POST", $"{api}/users/{run}-{n}", "");
        }, 201);
        yield return new RestCall("DELETE users/{name}", n => n < Volatile.Read(ref made) ? ("DELETE", $"{api}/users/{run}-{n}", "") : null, 204);
        yield return new RestCall("POST users/{name}/tokens", n => ("POST", $"{api}/users/{User(n % Users)}/tokens", "{\"note\":\"bench\",\"expires_in\":3600}"), 201);
        // One comes and goes, so that the group has as many members for a slow server as for a fast one.
        foreach (int members in s_groups)
        {
            yield return new RestCall(
                string.Create(CultureInfo.InvariantCulture, $"± groups/{{name}}/users, {members}"),
                n => (n % 2 == 0 ? "POST" : "DELETE", $"{api}/groups/of-{members}/users", $"{{\"users\":[\"{User(950 + (n / 2 % 50))}\"]}}"), 200);
        }
    }

    /// <summary>Calls per second and microseconds of the server's processor time each.</summary>
    private static (double PerSecond, double Cpu) Measure(MeasuredServer server, RestCall call, int connections, double seconds)
    {
        int next = -1, done = 0, wrong = 0, lastWrong = 0;
        double cpu = server.CpuSeconds;
        long start = Stopwatch.GetTimestamp();
        Thread[] threads = [.. Enumerable.Range(0, connections).Select(_ => new Thread(() =>
        {
            using RestConnection connection = new(server.Port);
            while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds && call.Of(Interlocked.Increment(ref next)) is var (method, path, body))
            {
                int status = connection.Ask(method, path, body);
                Interlocked.Increment(ref done);
                if (status != call.Status)
                {
                    Interlocked.Increment(ref wrong);
                    lastWrong = status;
                }
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        double took = Stopwatch.GetElapsedTime(start).TotalSeconds;
        // A call that was under way when the time ended may not have been made.
        if (wrong > connections)
            Console.WriteLine($"{server.Name}: {wrong} of {done} {call.Name} answered {lastWrong}, not {call.Status}");
        return (done / took, (server.CpuSeconds - cpu) * 1e6 / Math.Max(done, 1));
    }

    private static (double, double) Middle(List<(double PerSecond, double Cpu)> rounds) =>
        (rounds.Select(one => one.PerSecond).Order().ElementAt(rounds.Count / 2), rounds.Select(one => one.Cpu).Order().ElementAt(rounds.Count / 2));

    private static string User(int number) => string.Create(CultureInfo.InvariantCulture, $"student-{number:0000}");

    private static double Option(string[] arguments, string name, double usual)
    {
        int at = Array.IndexOf(arguments, name);
        return at < 0 ? usual : double.Parse(arguments[at + 1], CultureInfo.InvariantCulture);
    }
}
