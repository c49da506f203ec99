using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using Benchmarks.Bridge;

namespace Benchmarks.Rest;

/// <summary>A server of JupyterHub's REST API as a process of its own, with a directory of its own: ours, or Debian's. Ends with this object.</summary>
internal sealed class RestServer : IAsyncDisposable
{
    public const string Token = "bench-token-0123456789";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);

    private readonly ProcessStartInfo _start;
    private readonly string _probe;
    private Process? _process;

    private RestServer(string name, ProcessStartInfo start, string data, int port, string probe)
    {
        (Name, _start, Data, Port, _probe) = (name, start, data, port, probe);
        start.WorkingDirectory = data;
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        Client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = s_patience };
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("token", Token);
    }

    public string Name { get; }

    public int Port { get; }

    public string Data { get; }

    /// <summary>An administrator's requests.</summary>
    public HttpClient Client { get; }

    public int Pid => _process!.Id;

    public double CpuSeconds => ServerFigures.CpuSeconds(Pid);

    /// <summary>The Release build of <c>src/Hub</c>, not started yet.</summary>
    public static RestServer Hub(string[] settings)
    {
        string program = Path.Combine(Repository.Root, "src", "Hub", "bin", "Release", "net10.0", "Hub.dll");
        if (!File.Exists(program))
            throw new InvalidOperationException("The hub is not built: dotnet build src/Hub -c Release");
        int port = FreePort();
        string data = Directory.CreateTempSubdirectory("bench-hub-").FullName;
        ProcessStartInfo start = new("dotnet", [program, "--port", $"{port}", "--data", data, "Hub:Spawner=process", "Logging:LogLevel:Default=Warning", .. settings])
        {
            Environment = { ["HUB_ADMIN_TOKEN"] = Token },
        };
        return new RestServer("hub", start, data, port, "/health/ready");
    }

    /// <summary>Debian's package jupyterhub, not started yet; null when it is not installed.</summary>
    public static RestServer? Peer()
    {
        const string program = "/usr/bin/jupyterhub";
        if (!File.Exists(program))
            return null;
        int port = FreePort();
        string data = Directory.CreateTempSubdirectory("bench-peer-").FullName;
        ProcessStartInfo start = new(program, ["-f", Path.Combine(Repository.Root, "tests", "Benchmarks", "Rest", "jupyterhub_config.py")])
        {
            Environment = { ["BENCH_PORT"] = $"{port}", ["BENCH_TOKEN"] = Token },
        };
        return new RestServer("jupyterhub", start, data, port, "/hub/api/info");
    }

    /// <summary>Launches it; returns how long it took until it was ready.</summary>
    public async Task<TimeSpan> StartAsync()
    {
        long start = Stopwatch.GetTimestamp();
        _process = Process.Start(_start)!;
        string log = Path.Combine(Path.GetTempPath(), $"bench-rest-{Name}.log");
        StreamWriter writer = new(log, append: true) { AutoFlush = true };
        void Write(string? line)
        {
            lock (writer)
                writer.WriteLine(line);
        }

        _process.OutputDataReceived += (_, line) => Write(line.Data);
        _process.ErrorDataReceived += (_, line) => Write(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        while (Stopwatch.GetElapsedTime(start) < s_patience)
        {
            if (_process.HasExited)
                throw new InvalidOperationException($"{Name} ended with {_process.ExitCode}; its log is {log}.");
            try
            {
                using HttpResponseMessage answer = await Client.GetAsync(_probe);
                if (answer.IsSuccessStatusCode)
                    return Stopwatch.GetElapsedTime(start);
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }

        throw new InvalidOperationException($"{Name} is not ready after {s_patience}; its log is {log}.");
    }

    public async Task StopAsync()
    {
        if (_process is null)
            return;
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
        _process = null;
    }

    /// <summary>Makes users of these names, a thousand at a time.</summary>
    public async Task CreateUsersAsync(IEnumerable<string> names)
    {
        foreach (string[] usernames in names.Chunk(1000))
            (await Client.PostAsJsonAsync("/hub/api/users", new { usernames })).EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Client.Dispose();
        Directory.Delete(Data, recursive: true);
    }

    public static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
