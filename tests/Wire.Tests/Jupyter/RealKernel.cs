using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Wire.Jupyter;

namespace Wire.Tests.Jupyter;

/// <summary>A kernel of Debian's packages as a process of its own, killed at the end.</summary>
internal sealed class RealKernel : IAsyncDisposable
{
    // Short on purpose: xeus 2.4 aborts when the address of a Unix socket has more than 31 characters.
    private readonly string _directory = Directory.CreateDirectory($"/tmp/k{Guid.NewGuid():N}"[..12]).FullName;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly Process _process;

    private RealKernel(string kernel, string transport)
    {
        Connection = transport == "ipc"
            ? new ConnectionInfo("ipc", Path.Combine(_directory, "k"), 1, 2, 3, 4, 5, Guid.NewGuid().ToString())
            : OnFreePorts();
        if (kernel == "curve")
            Connection = Connection.WithFreshCurveKeys();
        var file = Path.Combine(_directory, "connection.json");
        File.WriteAllBytes(file, Connection.ToJson());
        string[] command = kernel switch
        {
            "ipykernel" => ["/usr/bin/python3", "-m", "ipykernel_launcher", "-f", file],
            "irkernel" => ["R", "--slave", "-e", "IRkernel::main()", "--args", file],
            "xeus-python" => ["/usr/bin/xpython", "-f", file],
            "curve" => ["/usr/bin/python3", Path.Combine(AppContext.BaseDirectory, "Jupyter", "little_kernel.py"), file],
            _ => throw new ArgumentOutOfRangeException(nameof(kernel)),
        };
        // A process group of its own, as a spawner makes it: setsid does.
        var start = new ProcessStartInfo("setsid", command) { WorkingDirectory = _directory, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["HOME"] = _directory;
        start.Environment["IPYTHONDIR"] = _directory;
        start.Environment.Remove("PYTHONPATH");
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.ErrorDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public ConnectionInfo Connection { get; }

    /// <param name="kernel"><c>ipykernel</c>, <c>irkernel</c>, <c>xeus-python</c> or <c>curve</c>.</param>
    /// <param name="transport"><c>tcp</c> or <c>ipc</c>.</param>
    public static RealKernel Start(string kernel, string transport) => new(kernel, transport);

    public Task Exited() => _process.WaitForExitAsync();

    /// <summary>Waits until the client says that the kernel is ready; shows what the kernel printed when it died instead.</summary>
    public async Task<KernelMessage> Ready(ClientSide tab)
    {
        var ready = tab.Ready();
        if (await Task.WhenAny(ready, Exited()) != ready)
            throw new InvalidOperationException($"The kernel ended with {_process.ExitCode}:\n{string.Join('\n', _output)}");
        return await ready;
    }

    /// <summary>SIGINT to the process group, for kernels that do not take it by message.</summary>
    public async Task Interrupt()
    {
        using var kill = Process.Start("kill", ["-INT", "--", $"-{_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static ConnectionInfo OnFreePorts()
    {
        // Five at once, so that they differ; free again before the kernel binds them.
        var listeners = Enumerable.Range(0, 5).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(listener => listener.Start());
        var ports = listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToArray();
        listeners.ForEach(listener => listener.Dispose());
        return new ConnectionInfo("tcp", "127.0.0.1", ports[0], ports[1], ports[2], ports[3], ports[4], Guid.NewGuid().ToString());
    }
}
