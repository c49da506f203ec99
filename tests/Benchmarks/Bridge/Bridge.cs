using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace Benchmarks.Bridge;

/// <summary>A server of the Jupyter REST API that is measured, and its kernels: ours, or Debian's. Ends with this object.</summary>
internal sealed class Bridge : IAsyncDisposable
{
    private readonly MeasuredServer _server;
    private readonly HashSet<string> _kernels = [];

    private Bridge(MeasuredServer server, string path)
    {
        (_server, Path) = (server, path);
        server.Environment["JUPYTER_PATH"] = SpewKernel.JupyterPath;
    }

    public string Name => _server.Name;

    /// <summary>An administrator's requests.</summary>
    public HttpClient Client => _server.Client;

    /// <summary>What stands before <c>/api</c>.</summary>
    public string Path { get; }

    public int Pid => _server.Pid;

    public double CpuSeconds => _server.CpuSeconds;

    public double ResidentKilobytes => _server.ResidentKilobytes;

    /// <summary>The Release build of <c>src/Hub</c>, kernels as local processes.</summary>
    public static async Task<Bridge> StartHubAsync(string[] settings)
    {
        Bridge hub = new(MeasuredServer.Hub(["Kernels:StopOnExit=true", "Kernels:MaxPerUser=2000", "Kernels:MaxTotal=5000", "Kernels:MaxTabsPerKernel=6000", "Processes:Processes=30000", .. settings]), "/user/admin");
        await hub._server.StartAsync();
        (await hub.Client.PostAsync("/hub/api/users/admin/server", null)).EnsureSuccessStatusCode();
        return hub;
    }

    /// <summary>Debian's package jupyter-server with its rate limits off; null when it is not installed.</summary>
    public static async Task<Bridge?> StartPeerAsync()
    {
        const string program = "/usr/bin/jupyter-server";
        if (!File.Exists(program))
            return null;
        Bridge peer = new(new MeasuredServer("jupyter-server", "bench-peer-", (port, data) => new(program,
            ["--no-browser", "--allow-root", $"--ServerApp.port={port}", $"--ServerApp.token={MeasuredServer.Token}", $"--ServerApp.root_dir={data}",
            "--ServerApp.iopub_msg_rate_limit=0", "--ServerApp.iopub_data_rate_limit=0", "--ServerApp.disable_check_xsrf=True", "--ServerApp.open_browser=False"])
        { Environment = { ["HOME"] = data, ["JUPYTER_RUNTIME_DIR"] = data } }, "/api/status"), "");
        await peer._server.StartAsync();
        return peer;
    }

    public async Task<string> StartKernelAsync()
    {
        using HttpResponseMessage answer = await Client.PostAsJsonAsync($"{Path}/api/kernels", new { name = "spew" });
        string text = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"{Name} starts no kernel: {(int)answer.StatusCode} {text}");
        string id = JsonDocument.Parse(text).RootElement.GetProperty("id").GetString()!;
        _kernels.Add(id);
        return id;
    }

    public async Task StopKernelAsync(string id)
    {
        (await Client.DeleteAsync($"{Path}/api/kernels/{id}")).Dispose();
        _kernels.Remove(id);
    }

    public Tab OpenTab(string kernel) => Tab.Open(_server.Port, $"{Path}/api/kernels/{kernel}/channels", MeasuredServer.Token);

    /// <summary>Kills the server as <c>kill -9</c> does and launches it again; returns at once, when it has been launched.</summary>
    public async Task KillAndLaunchAsync()
    {
        await _server.KillAsync();
        _server.Launch();
    }

    /// <summary>A figure of <c>/metrics</c>; NaN where there is none.</summary>
    public async Task<double> MetricAsync(string name)
    {
        if (Name != "hub")
            return double.NaN;
        string text = await Client.GetStringAsync("/metrics");
        string? line = text.Split('\n').FirstOrDefault(line => line.StartsWith(name + " ", StringComparison.Ordinal));
        return line is null ? double.NaN : double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
    }

    public Task<double> AllocatedAsync() => MetricAsync("dotnet_gc_heap_total_allocated_bytes_total");

    public async ValueTask DisposeAsync()
    {
        foreach (string kernel in _kernels.ToArray())
            await StopKernelAsync(kernel);
        await _server.DisposeAsync();
    }
}
