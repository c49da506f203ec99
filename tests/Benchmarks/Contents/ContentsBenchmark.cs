using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Benchmarks.Contents;

/// <summary>
/// Jupyter's Contents API, the hub beside Debian's jupyter-server in one run: a listing of 10,000 files, a notebook of 50 MB saved and loaded, a file uploaded in pieces of one
/// megabyte and downloaded, and the most memory the server's process had. The two take turns, round by round. Ratios travel, figures do not.
/// </summary>
internal static class ContentsBenchmark
{
    private const int Files = 10_000;
    private const int PieceBytes = 1 << 20;

    /// <summary><c>[--rounds N] [--megabytes N] [--no-peer] [Section:Key=value of the hub …]</c>.</summary>
    public static async Task RunAsync(string[] arguments)
    {
        int rounds = Option(arguments, "--rounds", 3), megabytes = Option(arguments, "--megabytes", 1024);
        await using MeasuredServer hub = MeasuredServer.Hub([.. arguments.Where(argument => argument.Contains(':', StringComparison.Ordinal))]);
        await using MeasuredServer? peer = arguments.Contains("--no-peer") ? null : FindPeer();
        if (peer is null)
            Console.WriteLine("jupyter-server is not measured (apt-get install jupyter-server)");
        await hub.StartAsync();
        (await hub.Client.PostAsync("/hub/api/users/admin/server", null)).EnsureSuccessStatusCode();
        (await hub.Client.GetAsync("/user/admin/api/contents")).EnsureSuccessStatusCode();
        List<Side> sides = [new(hub, "/user/admin", Path.Combine(hub.Data, "homes", "admin"))];
        if (peer is not null)
        {
            await peer.StartAsync();
            sides.Add(new Side(peer, "", peer.Data));
        }

        foreach (Side side in sides)
            Prepare(side);
        byte[] notebook = Notebook(50 << 20);
        for (int round = 0; round < rounds; round++)
        {
            foreach (Side side in sides)
                await MeasureAsync(side, notebook, megabytes);
        }

        Print(sides);
    }

    private static MeasuredServer? FindPeer()
    {
        const string program = "/usr/bin/jupyter-server";
        return !File.Exists(program)
            ? null
            : new MeasuredServer("jupyter-server", "bench-peer-", (port, data) => new(program,
                ["--no-browser", "--allow-root", $"--ServerApp.port={port}", $"--ServerApp.token={MeasuredServer.Token}", $"--ServerApp.root_dir={data}",
                "--ServerApp.disable_check_xsrf=True", "--ServerApp.open_browser=False", "--ServerApp.max_body_size=2147483648", "--ServerApp.max_buffer_size=2147483648"])
            { Environment = { ["HOME"] = data, ["JUPYTER_RUNTIME_DIR"] = data } }, "/api/status");
    }

    private static void Prepare(Side side)
    {
        string folder = Directory.CreateDirectory(Path.Combine(side.Home, "many")).FullName;
        for (int file = 0; file < Files; file++)
            File.WriteAllText(Path.Combine(folder, $"file-{file}.txt"), "x");
        using Process own = Process.Start("chown", ["-R", $"--reference={side.Home}", folder]);
        own.WaitForExit();
    }

    private static async Task MeasureAsync(Side side, byte[] notebook, int megabytes)
    {
        string contents = $"{side.Path}/api/contents";
        await TimeAsync(side, "listing of 10,000 files", () => ReadAsync(side, $"{contents}/many"));
        await TimeAsync(side, "save of a 50 MB notebook", async () =>
        {
            using ByteArrayContent body = new(notebook);
            body.Headers.ContentType = new("application/json");
            using HttpResponseMessage saved = await side.Server.Client.PutAsync($"{contents}/large.ipynb", body);
            saved.EnsureSuccessStatusCode();
        });
        await TimeAsync(side, "load of a 50 MB notebook", () => ReadAsync(side, $"{contents}/large.ipynb"));
        string piece = Convert.ToBase64String(RandomBytes());
        await TimeAsync(side, $"upload of {megabytes} MB in pieces", async () =>
        {
            for (int number = 1; number <= megabytes; number++)
            {
                int chunk = number == megabytes ? -1 : number;
                // As browsers write it: .NET would escape every plus sign.
                using StringContent body = new($$"""{"type":"file","format":"base64","chunk":{{chunk}},"content":"{{piece}}"}""", Encoding.UTF8, "application/json");
                using HttpResponseMessage taken = await side.Server.Client.PutAsync($"{contents}/large.bin", body);
                taken.EnsureSuccessStatusCode();
            }
        });
        await TimeAsync(side, $"download of {megabytes} MB", () => ReadAsync(side, $"{side.Path}/files/large.bin"));
    }

    private static byte[] RandomBytes()
    {
        byte[] bytes = new byte[PieceBytes];
        new Random(1).NextBytes(bytes);
        return bytes;
    }

    private static async Task ReadAsync(Side side, string address)
    {
        using HttpResponseMessage answer = await side.Server.Client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead);
        answer.EnsureSuccessStatusCode();
        await using Stream body = await answer.Content.ReadAsStreamAsync();
        byte[] buffer = new byte[1 << 20];
        while (await body.ReadAsync(buffer) > 0)
        {
        }
    }

    private static async Task TimeAsync(Side side, string what, Func<Task> work)
    {
        double cpu = side.Server.CpuSeconds;
        long start = Stopwatch.GetTimestamp();
        await work();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (!side.Results.TryGetValue(what, out List<(double, double)>? list))
            side.Results[what] = list = [];
        list.Add((seconds, side.Server.CpuSeconds - cpu));
        side.MostMegabytes = Math.Max(side.MostMegabytes, side.Server.ResidentKilobytes / 1024);
    }

    /// <summary>The body of a save: cells of ten kilobytes with an output each.</summary>
    private static byte[] Notebook(int bytes)
    {
        string text = JsonSerializer.Serialize(string.Concat(Enumerable.Repeat("a line of source or of output, as notebooks have\n", 100)));
        string cell = $$$"""{"cell_type":"code","id":"ID","metadata":{},"execution_count":1,"source":{{{text}}},"outputs":[{"output_type":"stream","name":"stdout","text":{{{text}}}}]}""";
        int cells = bytes / cell.Length;
        string all = string.Join(',', Enumerable.Range(0, cells).Select(number => cell.Replace("ID", $"cell-{number}", StringComparison.Ordinal)));
        return Encoding.UTF8.GetBytes($$$"""{"type":"notebook","format":"json","content":{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[{{{all}}}]}}""");
    }

    private static void Print(List<Side> sides)
    {
        Console.WriteLine($"| {string.Join(" | ", ["what (median)", .. sides.Select(side => side.Server.Name), "ratio"])} |");
        Console.WriteLine($"|{string.Concat(Enumerable.Repeat("---|", sides.Count + 2))}");
        foreach (string what in sides[0].Results.Keys)
        {
            double[] medians = [.. sides.Select(side => Median(side.Results[what].Select(result => result.Seconds)))];
            double[] cpu = [.. sides.Select(side => Median(side.Results[what].Select(result => result.Cpu)))];
            string cells = string.Join(" | ", medians.Zip(cpu, (seconds, processor) => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1000:0} ms ({processor:0.00} s CPU)")));
            Console.WriteLine($"| {what} | {cells} | {(medians.Length > 1 ? string.Create(CultureInfo.InvariantCulture, $"{medians[1] / medians[0]:0.0}×") : "")} |");
        }

        Console.WriteLine($"| most memory | {string.Join(" | ", sides.Select(side => string.Create(CultureInfo.InvariantCulture, $"{side.MostMegabytes:0} MB")))} | |");
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private static int Option(string[] arguments, string name, int otherwise)
    {
        int at = Array.IndexOf(arguments, name);
        return at < 0 ? otherwise : int.Parse(arguments[at + 1], CultureInfo.InvariantCulture);
    }

    private sealed record Side(MeasuredServer Server, string Path, string Home)
    {
        public Dictionary<string, List<(double Seconds, double Cpu)>> Results { get; } = [];

        public double MostMegabytes { get; set; }
    }
}
