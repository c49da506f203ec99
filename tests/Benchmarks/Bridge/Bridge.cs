using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace Benchmarks.Bridge;

/// <summary>A server of the Jupyter REST API as a process of its own, with a directory of its own: ours, or Debian's. Ends with this object.</summary>
internal sealed class Bridge : IAsyncDisposable
{
    private const string Token = "bench-token-0123456789";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);

    private readonly ProcessStartInfo _start;
    private Process _process;
    private readonly string _data;
    private readonly HttpClient _client;
    private readonly HashSet<string> _kernels = [];

    private Bridge(string name, ProcessStartInfo start, Process process, string data, int port, string path)
    {
        (Name, _start, _process, _data, Port, Path) = (name, start, process, data, port, path);
        _client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = s_patience };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("token", Token);
    }

    public string Name { get; }

    /// <summary>An administrator's requests.</summary>
    public HttpClient Client => _client;

    public int Port { get; }

    /// <summary>What stands before <c>/api</c>.</summary>
    public string Path { get; }

    public int Pid => _process.Id;

    public double CpuSeconds => ServerFigures.CpuSeconds(Pid);

    public double ResidentKilobytes => ServerFigures.ResidentKilobytes(Pid);

    /// <summary>The Release build of <c>src/Hub</c>, kernels as local processes.</summary>
    public static async Task<Bridge> StartHubAsync(string[] settings)
    {
        string program = System.IO.Path.Combine(Repository.Root, "src", "Hub", "bin", "Release", "net10.0", "Hub.dll");
        if (!File.Exists(program))
            throw new InvalidOperationException("The hub is not built: dotnet build src/Hub -c Release");
        int port = FreePort();
        string data = Directory.CreateTempSubdirectory("bench-hub-").FullName;
        ProcessStartInfo start = new("dotnet", [program, "--port", $"{port}", "--data", data, "Hub:Spawner=process", "Kernels:StopOnExit=true", "Kernels:MaxPerUser=2000",
            "Kernels:MaxTotal=5000", "Kernels:MaxTabsPerKernel=6000", "Processes:Processes=30000", .. settings])
        {
            Environment = { ["HUB_ADMIN_TOKEN"] = Token },
        };
        Bridge hub = Launch("hub", start, data, port, "/user/admin");
        await hub.ReadyAsync("/health/ready");
        (await hub._client.PostAsync("/hub/api/users/admin/server", null)).EnsureSuccessStatusCode();
        return hub;
    }

    /// <summary>Debian's package jupyter-server with its rate limits off; null when it is not installed.</summary>
    public static async Task<Bridge?> StartPeerAsync()
    {
        const string program = "/usr/bin/jupyter-server";
        if (!File.Exists(program))
            return null;
        int port = FreePort();
        string data = Directory.CreateTempSubdirectory("bench-peer-").FullName;
        ProcessStartInfo start = new(program, ["--no-browser", "--allow-root", $"--ServerApp.port={port}", $"--ServerApp.token={Token}", $"--ServerApp.root_dir={data}",
            "--ServerApp.iopub_msg_rate_limit=0", "--ServerApp.iopub_data_rate_limit=0", "--ServerApp.disable_check_xsrf=True", "--ServerApp.open_browser=False"])
        { Environment = { ["HOME"] = data, ["JUPYTER_RUNTIME_DIR"] = data } };
        Bridge peer = Launch("jupyter-server", start, data, port, "");
        await peer.ReadyAsync("/api/status");
        return peer;
    }

    public async Task<string> StartKernelAsync()
    {
        using HttpResponseMessage answer = await _client.PostAsJsonAsync($"{Path}/api/kernels", new { name = "spew" });
        string text = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"{Name} starts no kernel: {(int)answer.StatusCode} {text}");
        string id = JsonDocument.Parse(text).RootElement.GetProperty("id").GetString()!;
        _kernels.Add(id);
        return id;
    }

    public async Task StopKernelAsync(string id)
    {
        (await _client.DeleteAsync($"{Path}/api/kernels/{id}")).Dispose();
        _kernels.Remove(id);
    }

    public Tab OpenTab(string kernel) => Tab.Open(Port, $"{Path}/api/kernels/{kernel}/channels", Token);

    /// <summary>Kills the server as <c>kill -9</c> does and launches it again; returns at once, when it has been launched.</summary>
    public async Task KillAndLaunchAsync()
    {
        _process.Kill(entireProcessTree: false);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = Run(Name, _start);
    }

    /// <summary>A figure of <c>/metrics</c>; NaN where there is none.</summary>
    public async Task<double> MetricAsync(string name)
    {
        if (Name != "hub")
            return double.NaN;
        string text = await _client.GetStringAsync("/metrics");
        string? line = text.Split('\n').FirstOrDefault(line => line.StartsWith(name + " ", StringComparison.Ordinal));
        return line is null ? double.NaN : double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
    }

    public Task<double> AllocatedAsync() => MetricAsync("dotnet_gc_heap_total_allocated_bytes_total");

    public async ValueTask DisposeAsync()
    {
        foreach (string kernel in _kernels.ToArray())
            await StopKernelAsync(kernel);
        using (Process kill = Process.Start("kill", ["-TERM", $"{Pid}"]))
            await kill.WaitForExitAsync();
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(20));
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
        _client.Dispose();
        Directory.Delete(_data, recursive: true);
    }

    private static Bridge Launch(string name, ProcessStartInfo start, string data, int port, string path)
    {
        start.WorkingDirectory = data;
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.Environment["JUPYTER_PATH"] = SpewKernel.JupyterPath;
        return new Bridge(name, start, Run(name, start), data, port, path);
    }

    private static Process Run(string name, ProcessStartInfo start)
    {
        Process process = Process.Start(start)!;
        string log = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"bench-{name}.log");
        StreamWriter writer = new(log, append: true) { AutoFlush = true };
        void Write(string? line)
        {
            lock (writer)
                writer.WriteLine(line);
        }

        process.OutputDataReceived += (_, line) => Write(line.Data);
        process.ErrorDataReceived += (_, line) => Write(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private async Task ReadyAsync(string probe)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < s_patience)
        {
            if (_process.HasExited)
                throw new InvalidOperationException($"{Name} ended with {_process.ExitCode}; its log is bench-{Name}.log in the directory for temporary files.");
            try
            {
                using HttpResponseMessage answer = await _client.GetAsync(probe);
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }

        throw new InvalidOperationException($"{Name} is not ready after {s_patience}.");
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
