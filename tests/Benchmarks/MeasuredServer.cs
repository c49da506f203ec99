using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;

namespace Benchmarks;

/// <summary>
/// A server that is measured: a process of its own on a port and a directory of its own, its output in <c>bench-{name}.log</c> in the directory for temporary files.
/// Ends with this object.
/// </summary>
internal sealed class MeasuredServer : IAsyncDisposable
{
    /// <summary>An administrator's, on every server that is measured.</summary>
    public const string Token = "bench-token-0123456789";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(20);

    private readonly ProcessStartInfo _start;
    private readonly string _probe;
    private Process? _process;

    /// <summary>Not started yet.</summary>
    /// <param name="prefix">Of the directory's name.</param>
    /// <param name="start">From the port and the directory to what is run.</param>
    /// <param name="probe">What answers with success once the server is ready.</param>
    public MeasuredServer(string name, string prefix, Func<int, string, ProcessStartInfo> start, string probe)
    {
        (Name, _probe, Port) = (name, probe, FreePort());
        Data = Directory.CreateTempSubdirectory(prefix).FullName;
        _start = start(Port, Data);
        _start.WorkingDirectory = Data;
        _start.RedirectStandardOutput = _start.RedirectStandardError = true;
        Client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Port}"), Timeout = s_patience };
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("token", Token);
    }

    public string Name { get; }

    public int Port { get; }

    public string Data { get; }

    /// <summary>An administrator's requests.</summary>
    public HttpClient Client { get; }

    /// <summary>Of the process at its next launch.</summary>
    public IDictionary<string, string?> Environment => _start.Environment;

    public int Pid => _process!.Id;

    public double CpuSeconds => ServerFigures.CpuSeconds(Pid);

    public double ResidentKilobytes => ServerFigures.ResidentKilobytes(Pid);

    private string Log => Path.Combine(Path.GetTempPath(), $"bench-{Name}.log");

    /// <summary>The Release build of <c>src/Hub</c>, kernels as local processes, not started yet.</summary>
    public static MeasuredServer Hub(params string[] settings)
    {
        string program = Path.Combine(Repository.Root, "src", "Hub", "bin", "Release", "net10.0", "Hub.dll");
        if (!File.Exists(program))
            throw new InvalidOperationException("The hub is not built: dotnet build src/Hub -c Release");
        return new MeasuredServer("hub", "bench-hub-", (port, data) => new("dotnet", [program, "--port", $"{port}", "--data", data, "Hub:Spawner=process", .. settings])
        {
            Environment = { ["HUB_ADMIN_TOKEN"] = Token },
        }, "/health/ready");
    }

    /// <summary>Launches it; returns how long it took until it was ready.</summary>
    public async Task<TimeSpan> StartAsync()
    {
        long start = Stopwatch.GetTimestamp();
        Launch();
        while (Stopwatch.GetElapsedTime(start) < s_patience)
        {
            if (_process!.HasExited)
                throw new InvalidOperationException($"{Name} ended with {_process.ExitCode}; its log is {Log}.");
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

            await Task.Delay(s_retry, TimeProvider.System);
        }

        throw new InvalidOperationException($"{Name} is not ready after {s_patience}; its log is {Log}.");
    }

    /// <summary>Returns at once, before it is ready.</summary>
    public void Launch()
    {
        _process = Process.Start(_start)!;
        StreamWriter writer = new(Log, append: true) { AutoFlush = true };
        void Write(string? line)
        {
            lock (writer)
                writer.WriteLine(line);
        }

        _process.OutputDataReceived += (_, line) => Write(line.Data);
        _process.ErrorDataReceived += (_, line) => Write(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Ends it as <c>kill -9</c> does; its kernels live on.</summary>
    public async Task KillAsync()
    {
        _process!.Kill(entireProcessTree: false);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Asks it to end, and ends it with all its processes when it does not.</summary>
    public async Task StopAsync()
    {
        if (_process is null)
            return;
        using (Process kill = Process.Start("kill", ["-TERM", $"{Pid}"]))
            await kill.WaitForExitAsync();
        using CancellationTokenSource patience = new(s_farewell);
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

    /// <summary>Makes users of these names by JupyterHub's API, a thousand at a time.</summary>
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

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
