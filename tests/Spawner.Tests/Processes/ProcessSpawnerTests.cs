using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Spawner.Posix;
using Spawner.Processes;
using Testing;
using Xunit;

namespace Spawner.Tests.Processes;

/// <summary>Kernels as local processes, started with the Python of the machine.</summary>
public sealed class ProcessSpawnerTests : SpawnerContract
{
    protected override ISpawner Create() => CreateFor(Hub.Site);

    protected override ISpawner CreateFor(SpawnSite site) => With(site, new ProcessOptions());

    protected override ISpawner CreateImpatient() => With(Hub.Site, new ProcessOptions { StartTimeoutSeconds = 1 });

    /// <summary>As a script's <c>./start &amp;</c> does it: what a shell without job control runs in the background ignores SIGINT, and so does what that runs.</summary>
    [Fact]
    public async Task A_kernel_is_interrupted_although_the_hub_was_started_ignoring_the_signal()
    {
        SpawnedKernel kernel;
        ISpawner spawner = Create();
        nint before = SetSignal(Libc.SigInt, Ignore);
        try
        {
            // ipykernel sets a handler of its own; most programs, and Python itself, respect what they find.
            kernel = await Start(spawner, Listening("listen()\ntry:\n    while True: time.sleep(0.05)\nexcept KeyboardInterrupt:\n    sys.exit(7)"));
        }
        finally
        {
            _ = SetSignal(Libc.SigInt, before);
        }

        await spawner.InterruptAsync(kernel, CancellationToken.None);
        KernelExit exit = await Wait(spawner, kernel);
        Assert.Equal((KernelExitCause.Exited, 7), (exit.Cause, exit.Code));
        await Stop(spawner, kernel);
    }

    [Fact]
    public void A_line_of_stat_is_read_whatever_the_process_is_called()
    {
        string line = "42 (a) b (c) S 1 42 41 0 -1 4194560 1 2 3 4 150 50 7 8 20 0 1 0 12345 1000000 300 18446744073709551615";
        (int session, KernelUsage usage) = SessionUsage.Parse(line)!.Value;
        Assert.Equal((41, 300L * Environment.SystemPageSize, TimeSpan.FromSeconds(2)), (session, usage.MemoryBytes, usage.ProcessorTime));
        Assert.All(["", "42 (x) S 1", line.Replace(") S", ") Z", StringComparison.Ordinal), "no parenthesis"], broken => Assert.Null(SessionUsage.Parse(broken)));
    }

    private const nint Ignore = 1;

    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "signal")]
    [System.Runtime.InteropServices.DefaultDllImportSearchPaths(System.Runtime.InteropServices.DllImportSearchPath.SafeDirectories)]
    private static extern nint SetSignal(int signal, nint handler);

    protected override Task<IReadOnlyList<string>> Remains()
    {
        List<string> remains = [];
        foreach (string directory in new[] { Path.Combine(Hub.Root, "run", "processes"), Path.Combine(Hub.Root, "run", "k"), $"/run/notebook-hub/{Hub.Site.HubId}" })
        {
            if (Directory.Exists(directory)) remains.AddRange(Directory.EnumerateFileSystemEntries(directory));
        }
        // Its name begins with the hub's; other hubs of this machine share the directory.
        if (Directory.Exists("/run/nbh") && TightDirectory.PathFor(Hub.Site, "any") is { } tight)
            remains.AddRange(Directory.EnumerateDirectories("/run/nbh", Path.GetFileName(tight)[..4] + "*"));
        foreach (string process in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(process), CultureInfo.InvariantCulture, out _)) continue;
            try
            {
                string uid = File.ReadLines(process + "/status").First(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1];
                string command = File.ReadAllText(process + "/cmdline").Replace('\0', ' ');
                if (uid == Hub.UserId?.ToString(CultureInfo.InvariantCulture) || command.Contains(Hub.Root, StringComparison.Ordinal)) remains.Add($"{process} {command}");
            }
            catch (IOException)
            {
                // It ended meanwhile.
            }
        }
        return Task.FromResult<IReadOnlyList<string>>(remains);
    }

    protected override Task Kill(SpawnedKernel kernel)
    {
        Assert.Equal(0, Libc.Kill(int.Parse(kernel.Handle, CultureInfo.InvariantCulture), Libc.SigKill));
        return Task.CompletedTask;
    }

    protected override Task Remove(SpawnedKernel kernel)
    {
        KernelRecord record = new KernelFolder(Path.Combine(Hub.Root, "run", "processes", kernel.KernelId)).ReadRecord()!;
        _ = Libc.Kill(record.Supervisor.Id, Libc.SigKill);
        int parent = ProcessTable.Find(record.Process.Id)!.Value.Parent;
        if (parent > 1) _ = Libc.Kill(parent, Libc.SigKill);
        return Kill(kernel);
    }

    [Fact]
    public async Task A_xeus_kernel_runs_though_it_aborts_at_long_addresses()
    {
        SpawnedKernel kernel = await Start(Open(), Python() with { KernelSpecName = "xpython", Command = ["/usr/bin/xpython", "-f", "{connection_file}"] });
        Assert.InRange($"ipc://{kernel.Endpoint.Ip}-{kernel.Endpoint.ShellPort}".Length, 1, 31);
        await using KernelTalk talk = await KernelTalk.With(kernel);
        Assert.Equal("42", await talk.Run("print(6*7)"));
    }

    [Fact]
    public async Task A_home_behind_a_closed_directory_is_shown_elsewhere()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root gives kernels a user of their own.");
        string behind = Directory.CreateDirectory(Path.Combine(Hub.Root, "closed")).FullName;
        using HubDirectory closed = new(behind);
        File.SetUnixFileMode(behind, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        ISpawner spawner = With(closed.Site, new ProcessOptions());
        SpawnedKernel kernel = await Start(spawner, Python() with { HomeDirectory = closed.Home, UserId = closed.UserId, GroupId = closed.UserId });
        try
        {
            await using KernelTalk talk = await KernelTalk.With(kernel);
            Assert.Equal("True", await talk.Run("import os, pathlib; (pathlib.Path.home()/'made').write_text('x'); print(os.getcwd() == str(pathlib.Path.home()))"));
            Assert.True(File.Exists(Path.Combine(closed.Home, "made")));
        }
        finally
        {
            await Stop(spawner, kernel);
        }
        Assert.DoesNotContain(File.ReadLines("/proc/self/mounts"), line => line.StartsWith("notebook-hub ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_run_directory_with_a_long_path_gets_short_sockets()
    {
        string deep = Path.Combine(Hub.Root, new string('d', 60), new string('e', 60));
        ISpawner spawner = With(SpawnSite.Open(deep), new ProcessOptions());
        SpawnedKernel kernel = await Start(spawner, Python());
        await using (KernelTalk talk = await KernelTalk.With(kernel)) Assert.True(await talk.Ping());
        Assert.InRange(kernel.Endpoint.Ip.Length, 1, ConnectionFile.MaxSocketPathBytes - 2);

        await Stop(spawner, kernel);
        Assert.False(Directory.Exists(Path.GetDirectoryName(kernel.Endpoint.Ip)));
    }

    [Fact]
    public async Task A_flood_of_output_stays_within_the_bound_of_the_log()
    {
        ISpawner spawner = With(Hub.Site, new ProcessOptions { LogKilobytes = 64 });
        SpawnedKernel kernel = await Start(spawner, Listening("listen()\nfor i in range(100000): print('line', i, 'x' * 80)\nsys.stdout.flush(); open(os.environ['HOME'] + '/said', 'w').close()\nwhile True: time.sleep(0.05)"));
        await Eventually.Holds(() => File.Exists(Path.Combine(Hub.Home, "said")));

        await Eventually.Holds(async () => (await spawner.ReadLogTailAsync(kernel, 4000, CancellationToken.None)).Contains("line 99999", StringComparison.Ordinal));
        string folder = Path.Combine(Hub.Root, "run", "processes", kernel.KernelId);
        Assert.InRange(Directory.EnumerateFiles(folder, "log*").Sum(file => new FileInfo(file).Length), 1000, 2 * 64 * 1024);
    }

    [Fact]
    public async Task What_a_killed_hub_left_half_started_is_swept_away()
    {
        ISpawner killed = Open();
        using CancellationTokenSource never = new();
        SpawnRequest request = Script("sleep 1000");
        Task<SpawnedKernel> starting = killed.StartAsync(request, null, never.Token);
        await Eventually.Holds(() => new KernelFolder(Path.Combine(Hub.Root, "run", "processes", request.KernelId)).ReadPid() is not null);

        Assert.Empty(await Open().ListAsync(CancellationToken.None));

        await Assert.ThrowsAsync<SpawnException>(() => Eventually.Comes(starting));
        await NothingRemains();
    }

    /// <summary>Whatever leaves the session of a start that is being undone is found by its mark alone, and a supervisor's child leaves it at once.</summary>
    [Fact]
    public async Task Every_process_of_a_start_carries_the_kernels_mark_from_its_first_breath()
    {
        ISpawner spawner = Open();
        using CancellationTokenSource cancel = new();
        SpawnRequest request = Script("sleep 1000");
        Task<SpawnedKernel> starting = spawner.StartAsync(request, null, cancel.Token);
        int? kernel = null;
        await Eventually.Holds(() => (kernel = new KernelFolder(Path.Combine(Hub.Root, "run", "processes", request.KernelId)).ReadPid()) is not null);

        List<int> line = [];
        for (int id = kernel!.Value; id != Environment.ProcessId && id > 1; id = ProcessTable.Find(id)!.Value.Parent) line.Add(id);
        Assert.InRange(line.Count, 2, 4);
        foreach (int id in line)
            Assert.Contains($"{ProcessPlan.Cookie}={request.KernelId}\0", await File.ReadAllTextAsync($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/environ"), StringComparison.Ordinal);

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Eventually.Comes(starting));
        await NothingRemains();
    }

    [Fact]
    public async Task No_zombie_is_left_of_a_kernel_that_ended()
    {
        ISpawner spawner = Open();
        SpawnedKernel kernel = await Start(spawner, Listening("listen(); time.sleep(0.3); sys.exit(0)"));
        await Wait(spawner, kernel);
        await Stop(spawner, kernel);

        await Eventually.Holds(() => !Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out int id) ? ProcessTable.Find(id) : null)
            .Any(entry => entry is { State: 'Z' } zombie && zombie.Parent == Environment.ProcessId));
    }

    [Fact]
    public void A_pid_that_was_used_again_is_not_the_kernel()
    {
        ProcessIdentity me = ProcessIdentity.Of(Environment.ProcessId)!;

        Assert.True(ProcessTable.IsAlive(me));
        Assert.False(ProcessTable.IsAlive(me with { StartTicks = me.StartTicks - 1 }));
        Assert.False(ProcessTable.IsAlive(me with { BootId = "before the reboot" }));
    }

    private static ProcessSpawner With(SpawnSite site, ProcessOptions options) =>
        new(site, Options.Create(options), TimeProvider.System, NullLogger<ProcessSpawner>.Instance);
}
