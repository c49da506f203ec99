using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Benchmarks.Users;

/// <summary>A hub with 100,000 users: making them by the API, its start, its memory, and every filter of both lists in every order.</summary>
internal static class UsersBenchmark
{
    private const int Running = 300;

    private static readonly string[] s_orders = ["", "sort=-name", "sort=last_activity", "sort=-last_activity", "sort=id", "sort=-id"];

    /// <summary><c>[users] [Section:Key=value of the hub …]</c>.</summary>
    public static async Task RunAsync(string[] arguments)
    {
        int users = arguments.Length > 0 && int.TryParse(arguments[0], CultureInfo.InvariantCulture, out int wanted) ? wanted : 100_000;
        await using MeasuredServer hub = MeasuredServer.Hub([.. arguments.Where(argument => argument.Contains(':', StringComparison.Ordinal))]);
        Print($"start without users, to ready          {(await hub.StartAsync()).TotalSeconds:0.00} s, {hub.CpuSeconds:0.00} s of CPU, {Megabytes(hub):0} MB");
        double cpu = hub.CpuSeconds;
        long began = Stopwatch.GetTimestamp();
        await hub.CreateUsersAsync(Enumerable.Range(0, users).Select(i => string.Create(CultureInfo.InvariantCulture, $"student-{i * 7919L % users:00000}")));
        Print($"{users} users made, 1,000 a request   {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s, {(hub.CpuSeconds - cpu) * 1e6 / users:0} µs CPU each");
        // Some are disabled, some administer, some have been here.
        for (int i = 0; i < Running; i++)
        {
            (await hub.Client.PostAsync(Path(i) + "/server", null)).EnsureSuccessStatusCode();
            using HttpRequestMessage change = new(HttpMethod.Patch, Path(Running + i)) { Content = new StringContent(i % 2 == 0 ? "{\"disabled\":true}" : "{\"admin\":true}") };
            (await hub.Client.SendAsync(change)).EnsureSuccessStatusCode();
        }
        Print($"memory after that                      {Megabytes(hub):0} MB");
        for (int i = 0; i < 3; i++)
        {
            await hub.StopAsync();
            Print($"start with them, to ready              {(await hub.StartAsync()).TotalSeconds:0.00} s, {hub.CpuSeconds:0.00} s of CPU, {Megabytes(hub):0} MB");
        }
        await using (Stream first = await hub.Client.GetStreamAsync("/hub/api/admin/users?limit=1"))
        {
            JsonElement page = (await JsonDocument.ParseAsync(first)).RootElement;
            Print($"users the hub knows                    {page.GetProperty("total").GetInt32()} of {users + 1}");
        }
        Print($"one page of 100, median and worst of 15 in ms, CPU of the hub in ms:");
        double worst = 0;
        foreach (string list in (string[])["/hub/api/admin/users", "/hub/api/users"])
        {
            bool panel = list.Contains("admin", StringComparison.Ordinal);
            string[] states = panel ? ["", "state=running", "state=disabled", "state=admin"] : ["", "state=active", "state=ready", "state=inactive"];
            string name = panel ? "name" : "name_filter";
            foreach (string filter in states.Concat([$"{name}=42", $"{name}=nobody", $"{states[1]}&{name}=42", $"{states[3]}&{name}=42", "offset=" + (users - 100)]))
            {
                foreach (string order in s_orders)
                {
                    cpu = hub.CpuSeconds;
                    double[] took = new double[15];
                    for (int i = 0; i < took.Length; i++)
                    {
                        // Something is written between two, as where people are at work: nothing is remembered.
                        (await hub.Client.PostAsync("/hub/api/users/admin/activity", new StringContent($"{{\"last_activity\":\"{TimeProvider.System.GetUtcNow():O}\"}}"))).EnsureSuccessStatusCode();
                        long start = Stopwatch.GetTimestamp();
                        await hub.Client.GetByteArrayAsync($"{list}?limit=100&{filter}&{order}");
                        took[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                    }
                    double each = (hub.CpuSeconds - cpu) * 1000 / took.Length;
                    Array.Sort(took);
                    worst = Math.Max(worst, took[7]);
                    Print($"  {list,-22} {filter,-28} {order,-20} {took[7],7:0.0} {took[^1],7:0.0} {each,7:0.0}");
                }
            }
        }
        Print($"the slowest of them                    {worst:0.0} ms");
        Print($"memory after that                      {Megabytes(hub):0} MB");
    }

    private static string Path(int user) => string.Create(CultureInfo.InvariantCulture, $"/hub/api/users/student-{user:00000}");

    private static double Megabytes(MeasuredServer hub) => hub.ResidentKilobytes / 1024;

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
