using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using Hub.Admin;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Benchmarks.Panel;

/// <summary>
/// The administrators' panel: a list of 100,000 users as the server answers it, and 5,000 kernels that all change every second pushed to one panel.
/// The push is measured from the difference of two snapshots to the bytes on a real WebSocket; what takes the snapshot is not in it, what reads it is.
/// </summary>
internal static class PanelBenchmark
{
    private const int Users = 100_000;
    private const int Kernels = 5_000;

    public static async Task RunAsync(string[] arguments)
    {
        await ListAsync();
        await PushAsync();
    }

    private static async Task ListAsync()
    {
        await using MeasuredServer hub = MeasuredServer.Hub("Recorder:Enabled=false");
        await hub.StartAsync();
        await hub.CreateUsersAsync(Enumerable.Range(0, Users).Select(i => string.Create(CultureInfo.InvariantCulture, $"student-{i * 7919L % Users:00000}")));
        Console.WriteLine($"{Users} users, one page of 100, median and worst of 21 in ms:");
        foreach (string query in new[] { "", "sort=-name", "sort=-last_activity", "name=42", "name=42&sort=-last_activity", "state=disabled", "offset=99900&sort=last_activity" })
        {
            double[] took = new double[21];
            for (int i = 0; i < took.Length; i++)
            {
                long began = Stopwatch.GetTimestamp();
                await hub.Client.GetStringAsync("hub/api/admin/users?limit=100&" + query);
                took[i] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            }
            Array.Sort(took);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {query,-34} {took[10],7:0.0} {took[^1],7:0.0}"));
        }
    }

    private static async Task PushAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(["--urls", "http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        builder.Services.AddSignalR();
        await using WebApplication server = builder.Build();
        server.MapHub<Line>("/feed");
        await server.StartAsync();
        using ClientWebSocket panel = new();
        await panel.ConnectAsync(new Uri(server.Urls.First().Replace("http", "ws", StringComparison.Ordinal) + "/feed"), CancellationToken.None);
        await panel.SendAsync(Encoding.UTF8.GetBytes("{\"protocol\":\"json\",\"version\":1}\u001e"), WebSocketMessageType.Text, true, CancellationToken.None);
        long read = 0;
        _ = Task.Run(async () =>
        {
            byte[] buffer = new byte[64 * 1024];
            while (panel.State == WebSocketState.Open)
                Interlocked.Add(ref read, (await panel.ReceiveAsync(buffer, CancellationToken.None)).Count);
        });
        IHubContext<Line, IAdminClient> line = server.Services.GetRequiredService<IHubContext<Line, IAdminClient>>();
        Dictionary<string, KernelRow>? before = null;
        TimeSpan cpu = default;
        long began = 0;
        const int warmUp = 3, seconds = 15;
        for (int second = 0; second < warmUp + seconds; second++)
        {
            if (second == warmUp)
                (cpu, began) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
            Dictionary<string, KernelRow> now = Rows(second);
            RowChanges<KernelRow> changes = RowDifference.Between(before, now, _ => true, _ => true);
            before = now;
            await line.Clients.All.Kernels(changes);
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
        }
        double load = (Environment.CpuUsage.TotalTime - cpu) / Stopwatch.GetElapsedTime(began) * 100;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Kernels} kernels that all change every second, one panel: {load:0.0} % of a core with the reader, {read / (warmUp + seconds) / 1024} KiB a push"));
        panel.Abort();
    }

    private static Dictionary<string, KernelRow> Rows(int second) => Enumerable.Range(0, Kernels).ToDictionary(
        i => string.Create(CultureInfo.InvariantCulture, $"2f1c0c4e-9f3b-4d53-9d3c-{i:000000000000}"),
        i => new KernelRow(
            string.Create(CultureInfo.InvariantCulture, $"2f1c0c4e-9f3b-4d53-9d3c-{i:000000000000}"), string.Create(CultureInfo.InvariantCulture, $"student-{i}"), "python3", "lessons/01 first steps.ipynb",
            (i + second) % 2 == 0 ? "busy" : "idle", null, null, 0, 0, 1, DateTimeOffset.UnixEpoch.AddSeconds(second), 90_000_000 + second, 1L << 30, second % 100, null, false));

    /// <summary>A line nobody calls.</summary>
    private sealed class Line : Hub<IAdminClient>;
}
