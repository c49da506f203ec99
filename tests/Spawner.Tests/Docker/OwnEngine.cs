using System.Diagnostics;
using System.Globalization;
using Spawner.Docker;
using Testing;
using Xunit;

namespace Spawner.Tests.Docker;

/// <summary>
/// A Docker engine of the tests' own, on its own socket and data, that can be ended, killed and halted without disturbing anybody. It has the image
/// <c>notebook-hub/minimal</c> of the engine the other tests use, no bridge, and touches no firewall rule.
/// </summary>
public class OwnEngine : IAsyncLifetime
{
    private readonly string _root = Path.Combine(Path.GetTempPath(), "nbe-" + Guid.NewGuid().ToString("N")[..6]);
    private Process? _engine;
    private bool _isHalted;

    public const string Image = "notebook-hub/minimal";

    public string SocketPath => Path.Combine(_root, "d.sock");

    internal EngineCalls Calls { get; private set; } = null!;

    internal DockerOptions Options() => new() { Socket = SocketPath };

    /// <summary>Words before the engine's own, which enter something and then become it.</summary>
    protected virtual string Enter => "";

    /// <summary>What it may do with the machine's network.</summary>
    protected virtual string Reach => "--bridge=none --iptables=false --ip6tables=false";

    public virtual async ValueTask InitializeAsync()
    {
        if (!Environment.IsPrivilegedProcess) return;
        Directory.CreateDirectory(_root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Calls = new EngineCalls(TestEngine.Client(SocketPath));
        await StartAsync(liveRestore: true);
        await using (DockerSpawner everybodys = TestEngine.Open(SpawnSite.Open(Path.Combine(_root, "run")), TestEngine.Options))
            await everybodys.EnsureAsync(Image, null, CancellationToken.None);
        using EngineClient from = TestEngine.Client(TestEngine.SocketPath);
        using HttpResponseMessage saved = await from.OpenAsync(HttpMethod.Get, $"/images/{Image}/get", () => null, TimeSpan.FromMinutes(2), CancellationToken.None);
        await using Stream image = await saved.Content.ReadAsStreamAsync();
        using HttpResponseMessage loaded = await Calls.Client.OpenAsync(HttpMethod.Post, "/images/load?quiet=1", () => new StreamContent(image), TimeSpan.FromMinutes(2), CancellationToken.None);
        _ = await loaded.Content.ReadAsStringAsync();
    }

    /// <summary>Skips the test where no engine can be started.</summary>
    public static void Needed() => Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can start an engine.");

    /// <summary>Starts it, or starts it anew as one that keeps its containers or does not.</summary>
    public async Task StartAsync(bool liveRestore)
    {
        if (_engine is not null) await StopAsync();
        string arguments = $"--data-root {_root}/data --exec-root {_root}/exec --pidfile {_root}/pid --host unix://{SocketPath} {Reach}{(liveRestore ? " --live-restore" : "")}";
        _engine = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"exec setsid {Enter}dockerd {arguments} >>{_root}/log 2>&1 </dev/null"]))!;
        await Eventually.Holds(async () => !_engine.HasExited && await AnswersAsync());
    }

    /// <summary>SIGTERM, as a service manager sends it; returns when the engine has gone.</summary>
    public async Task StopAsync()
    {
        await SignalAsync("TERM");
        await EndedAsync();
    }

    public async Task KillAsync()
    {
        await SignalAsync("KILL");
        await EndedAsync();
    }

    /// <summary>It does not answer, and does not go away either, until it is resumed.</summary>
    public async Task HaltAsync()
    {
        await SignalAsync("STOP");
        _isHalted = true;
    }

    public async Task ResumeAsync()
    {
        if (!_isHalted) return;
        await SignalAsync("CONT");
        _isHalted = false;
        await Eventually.Holds(AnswersAsync);
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (Calls is null) return;
        await ResumeAsync();
        // One that does not keep containers ends with all it has.
        await StartAsync(liveRestore: false);
        await StopAsync();
        Calls.Client.Dispose();
        // Such as volumes it did not let go of.
        foreach (string mounted in File.ReadLines("/proc/self/mounts").Select(line => line.Split(' ')[1]).Where(path => path.StartsWith(_root + "/", StringComparison.Ordinal)).Reverse().ToList())
        {
            using Process unmount = Process.Start("umount", ["--lazy", mounted]);
            await unmount.WaitForExitAsync();
        }
        Directory.Delete(_root, recursive: true);
        GC.SuppressFinalize(this);
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            _ = await Calls.ListAsync("none", CancellationToken.None);
            return true;
        }
        catch (EngineException)
        {
            return false;
        }
    }

    private async Task SignalAsync(string signal)
    {
        // setsid is the engine itself: it was no leader of a group, so it did not fork.
        using Process kill = Process.Start("kill", [$"-{signal}", _engine!.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    private async Task EndedAsync()
    {
        await Eventually.Comes(_engine!.WaitForExitAsync());
        // Its containerd lives on for a moment, and a new engine would run into it.
        string pidFile = Path.Combine(_root, "exec", "containerd", "containerd.pid");
        string pid = File.Exists(pidFile) ? (await File.ReadAllTextAsync(pidFile)).Trim() : "none";
        await Eventually.Holds(() => !IsContainerd(pid));
        File.Delete(Path.Combine(_root, "pid"));
        _engine.Dispose();
        _engine = null;
    }

    private static bool IsContainerd(string pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/comm").Trim() == "containerd";
        }
        catch (IOException)
        {
            return false;
        }
    }
}
