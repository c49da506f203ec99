using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using EndToEnd.Tests.Browser;

namespace EndToEnd.Tests.Soak;

/// <summary>The built hub as a process that is killed as a power cut would and started again, on one port and one data directory.</summary>
internal sealed class ChaosHub : IAsyncDisposable
{
    public const string Token = "chaos-token-0123456789";

    private readonly string _data = Directory.CreateTempSubdirectory("hub-chaos-").FullName;
    private readonly int _port = FreePort();
    private readonly string[] _settings;
    private readonly string? _jupyterPath;
    private readonly StringBuilder _console = new();
    private readonly HttpClient _client;
    private Process? _process;

    private ChaosHub(string[] settings, string? jupyterPath)
    {
        (_settings, _jupyterPath) = (settings, jupyterPath);
        // Connections kept for reuse are files of the hub: what is measured at rest is to be the hub's own.
        _client = new HttpClient(new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromSeconds(1) }) { BaseAddress = new Uri($"http://127.0.0.1:{_port}/"), Timeout = HubProcess.Patience };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("token", Token);
    }

    /// <summary>How often it was killed.</summary>
    public int Deaths { get; private set; }

    public int ProcessId => _process!.Id;

    public string Console
    {
        get
        {
            lock (_console)
                return _console.ToString();
        }
    }

    /// <param name="jupyterPath">Where more kernelspecs lie.</param>
    public static async Task<ChaosHub> StartAsync(string? jupyterPath, params string[] settings)
    {
        ChaosHub hub = new(settings, jupyterPath);
        await hub.LaunchAsync();
        (await hub._client.PostAsync(new Uri("hub/api/users/admin/server", UriKind.Relative), null)).EnsureSuccessStatusCode();
        return hub;
    }

    /// <summary>Ends it with SIGKILL and starts it again; returns when it is ready.</summary>
    public async Task CrashAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Deaths++;
        await LaunchAsync();
    }

    /// <summary>Holds up the process that hears the kernels while no hub does, as a machine does that has too much to do.</summary>
    public async Task HoldUpRecorderAsync(TimeSpan time)
    {
        int[] recorders = Recorders();
        if (recorders.Length == 0)
            throw new InvalidOperationException("No recorder runs for this hub.");
        await SignalAsync("-STOP", recorders);
        await Task.Delay(time, TimeProvider.System);
        await SignalAsync("-CONT", recorders);
    }

    /// <summary>The processes that hear the kernels while no hub does.</summary>
    public int[] Recorders() =>
        [.. Directory.EnumerateDirectories("/proc").Where(IsRecorder).Select(directory => int.Parse(Path.GetFileName(directory), CultureInfo.InvariantCulture))];

    public async Task<string> StartKernelAsync(string spec)
    {
        using HttpResponseMessage answer = await _client.PostAsJsonAsync("user/admin/api/kernels", new { name = spec });
        string text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode
            ? JsonDocument.Parse(text).RootElement.GetProperty("id").GetString()!
            : throw new InvalidOperationException($"No kernel: {(int)answer.StatusCode} {text}\n{Console}");
    }

    public Uri Channels(string kernel) => new($"ws://127.0.0.1:{_port}/user/admin/api/kernels/{kernel}/channels");

    public async Task<JsonElement> GetAsync(string path) => JsonDocument.Parse(await _client.GetStringAsync(new Uri(path, UriKind.Relative))).RootElement;

    public async Task PostAsync(string path) => (await _client.PostAsync(new Uri(path, UriKind.Relative), null)).EnsureSuccessStatusCode().Dispose();

    public async Task DeleteKernelAsync(string kernel) => (await _client.DeleteAsync(new Uri($"user/admin/api/kernels/{kernel}", UriKind.Relative))).Dispose();

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false } process)
        {
            using (Process signal = Process.Start("kill", ["-TERM", $"{process.Id}"]))
                await signal.WaitForExitAsync();
            using CancellationTokenSource patience = new(HubProcess.Patience);
            await process.WaitForExitAsync(patience.Token);
            if (process.ExitCode != 0)
                throw new InvalidOperationException($"The hub ended with {process.ExitCode}:\n{Console[^Math.Min(Console.Length, 4000)..]}");
        }

        _client.Dispose();
        Directory.Delete(_data, recursive: true);
    }

    private bool IsRecorder(string process)
    {
        try
        {
            string[] words = File.ReadAllText(Path.Combine(process, "cmdline")).Split('\0');
            return words.Contains("recorder") && words.Contains(_data);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static async Task SignalAsync(string signal, int[] processes)
    {
        using Process kill = Process.Start("kill", [signal, .. processes.Select(id => $"{id}")]);
        await kill.WaitForExitAsync();
    }

    private async Task LaunchAsync()
    {
        string configuration = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";
        string program = Path.Combine(HubProcess.RepositoryRoot(), "src", "Hub", "bin", configuration, "net10.0", "Hub.dll");
        ProcessStartInfo start = new("dotnet", [program, "--port", $"{_port}", "--data", _data, .. _settings])
        {
            WorkingDirectory = _data,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["HUB_ADMIN_TOKEN"] = Token },
        };
        if (_jupyterPath is not null)
            start.Environment["JUPYTER_PATH"] = _jupyterPath;
        Process process = Process.Start(start)!;
        _process = process;
        process.OutputDataReceived += (_, line) => Print(line.Data);
        process.ErrorDataReceived += (_, line) => Print(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await Eventually.TrueAsync(() => IsReadyAsync(process), "the hub to be ready");
    }

    private async Task<bool> IsReadyAsync(Process process)
    {
        if (process.HasExited)
            throw new InvalidOperationException($"The hub ended with {process.ExitCode}:\n{Console}");
        try
        {
            using HttpResponseMessage answer = await _client.GetAsync(new Uri("health/ready", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private void Print(string? line)
    {
        lock (_console)
            _console.AppendLine(line);
    }

    private static int FreePort()
    {
        using TcpListener probe = new(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
