using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace EndToEnd.Tests.Browser;

/// <summary>The built hub as a process of its own, with a data directory of its own; ends with it.</summary>
public sealed partial class HubProcess : IAsyncDisposable
{
    /// <summary>How long anything in these tests may take before it counts as never.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly string _data;
    private readonly int _port;
    private readonly string[] _settings;
    private readonly StringBuilder _console = new();
    private readonly IReadOnlyDictionary<string, string> _environment;
    private Process? _process;

    private HubProcess(string data, int port, string[] settings, IReadOnlyDictionary<string, string> environment)
    {
        _environment = environment;
        _data = data;
        _port = port;
        _settings = settings;
    }

    public Uri Address => new($"http://127.0.0.1:{_port}/");

    /// <summary>What the hub printed so far.</summary>
    public string Console
    {
        get
        {
            lock (_console)
                return _console.ToString();
        }
    }

    public string HomeOf(string user) => Path.Combine(_data, "homes", user);

    public int ProcessId => _process!.Id;

    /// <summary>Starts a hub on a free port; returns when it says that it is ready.</summary>
    /// <param name="environment">Variables of its own.</param>
    /// <param name="settings">Settings as on the command line: <c>Section:Key=value</c>.</param>
    public static async Task<HubProcess> StartAsync(IReadOnlyDictionary<string, string> environment, params string[] settings)
    {
        HubProcess hub = new(Directory.CreateTempSubdirectory("hub-browser-").FullName, FreePort(), settings, environment);
        await hub.LaunchAsync();
        return hub;
    }

    /// <summary>The link printed for the first sign-in.</summary>
    public async Task<Uri> SignInLinkAsync()
    {
        Match? link = null;
        await Eventually.TrueAsync(() => (link = SignInLink().Match(Console)).Success, "the hub to print a sign-in link");
        return new Uri(link!.Value);
    }

    /// <summary>Stops the hub and starts it again on the same port and data.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await LaunchAsync();
    }

    /// <summary>Ends the hub at once, as a crash would.</summary>
    public async Task KillAsync()
    {
        using Process process = _process!;
        process.Kill();
        await process.WaitForExitAsync();
        _process = null;
    }

    /// <summary>Starts it again on the same port and data after <see cref="KillAsync"/>.</summary>
    public Task ReviveAsync() => LaunchAsync();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_data, recursive: true);
    }

    private async Task LaunchAsync()
    {
        string program = Path.Combine(RepositoryRoot(), "src", "Hub", "bin", Configuration(), "net10.0", "Hub.dll");
        ProcessStartInfo start = new("dotnet", [program, "--port", $"{_port}", "--data", _data, .. _settings])
        {
            WorkingDirectory = _data,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in _environment)
            start.Environment[name] = value;
        Process process = Process.Start(start)!;
        _process = process;
        process.OutputDataReceived += (_, line) => Print(line.Data);
        process.ErrorDataReceived += (_, line) => Print(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using HttpClient client = new() { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(5) };
        await Eventually.TrueAsync(
            async () =>
            {
                if (process.HasExited)
                    throw new InvalidOperationException($"The hub ended with {process.ExitCode}:\n{Console}");
                try
                {
                    return (await client.GetAsync(new Uri("health/ready", UriKind.Relative))).IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
                catch (TaskCanceledException)
                {
                    return false;
                }
            },
            "the hub to be ready");
    }

    private async Task StopAsync()
    {
        if (_process is not { HasExited: false } process)
            return;
        using (Process signal = Process.Start("kill", ["-TERM", $"{process.Id}"]))
            await signal.WaitForExitAsync();
        using CancellationTokenSource patience = new(Patience);
        await process.WaitForExitAsync(patience.Token);
        int code = process.ExitCode;
        process.Dispose();
        _process = null;
        if (code != 0)
            throw new InvalidOperationException($"The hub ended with {code}:\n{Console[^Math.Min(Console.Length, 4000)..]}");
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

    private static string Configuration() =>
        AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";

    internal static string RepositoryRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Hub.sln")))
                return folder.FullName;
        throw new InvalidOperationException("Hub.sln is in no folder above the tests.");
    }

    [GeneratedRegex(@"http://\S+/hub/set-password\?link=\S+")]
    private static partial Regex SignInLink();
}
