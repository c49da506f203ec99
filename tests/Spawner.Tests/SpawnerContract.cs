// Longer than a file should be: the promises of ISpawner are read best in one place, in the order of a kernel's life.
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Testing;
using Xunit;

namespace Spawner.Tests;

/// <summary>
/// What every spawner promises, tried with real kernels. A new spawner derives from this, says how it is opened and what it may
/// leave behind, and adds tests for what is its own.
/// </summary>
public abstract partial class SpawnerContract : IAsyncLifetime
{
    private readonly List<ISpawner> _opened = [];

    internal HubDirectory Hub { get; } = new();

    /// <summary>A new spawner object for the hub of this test: the second one is what a restarted hub has.</summary>
    protected abstract ISpawner Create();

    /// <summary>Names of everything that exists because of this hub's kernels: processes, containers, volumes, directories, sockets.</summary>
    protected abstract Task<IReadOnlyList<string>> Remains();

    /// <summary>Ends the kernel behind the spawner's back.</summary>
    protected abstract Task Kill(SpawnedKernel kernel);

    /// <summary>Takes away the kernel and all that is known of it, behind the spawner's back.</summary>
    protected abstract Task Remove(SpawnedKernel kernel);

    public virtual ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public virtual async ValueTask DisposeAsync()
    {
        ISpawner spawner = Open();
        foreach (SpawnedKernel kernel in await spawner.ListAsync(CancellationToken.None)) await spawner.StopAsync(kernel, TimeSpan.Zero, CancellationToken.None);
        foreach (ISpawner opened in _opened)
        {
            if (opened is IAsyncDisposable later) await later.DisposeAsync();
            else (opened as IDisposable)?.Dispose();
        }
        Hub.Dispose();
        GC.SuppressFinalize(this);
    }

    protected ISpawner Open()
    {
        ISpawner spawner = Create();
        _opened.Add(spawner);
        return spawner;
    }

    protected virtual SpawnRequest Python() => Hub.Python();

    /// <summary>A kernel that is a shell script; it makes no sockets unless told to.</summary>
    protected SpawnRequest Script(string script) => Python() with { Command = ["/bin/sh", "-c", script], KernelSpecName = "script" };

    /// <summary>A kernel that runs Python code after its five sockets exist.</summary>
    protected SpawnRequest Listening(string code) => Python() with
    {
        KernelSpecName = "listening",
        Command = ["/usr/bin/python3", "-c", $"""
            import json, os, signal, socket, subprocess, sys, time
            at = json.load(open('{"{connection_file}"}'))
            names = [at['ip'] + '-' + str(at[c + '_port']) for c in ('shell', 'iopub', 'stdin', 'control', 'hb')]
            sockets = []
            def listen():
                for name in names:
                    s = socket.socket(socket.AF_UNIX)
                    s.bind(name)
                    s.listen()
                    sockets.append(s)
            {code}
            """],
    };

    protected static Task<SpawnedKernel> Start(ISpawner spawner, SpawnRequest request, IProgress<SpawnProgress>? progress = null) =>
        spawner.StartAsync(request, progress, CancellationToken.None);

    protected static Task<KernelExit> Wait(ISpawner spawner, SpawnedKernel kernel) => Eventually.Comes(spawner.WaitAsync(kernel, CancellationToken.None));

    protected static Task<KernelExit?> Poll(ISpawner spawner, SpawnedKernel kernel) => spawner.PollAsync(kernel, CancellationToken.None);

    protected static Task Stop(ISpawner spawner, SpawnedKernel kernel, double graceSeconds = 0) =>
        spawner.StopAsync(kernel, TimeSpan.FromSeconds(graceSeconds), CancellationToken.None);

    protected Task NothingRemains() => Remaining.NothingAsync(Remains);

    [Fact]
    public async Task A_real_kernel_starts_answers_and_leaves_nothing_behind_when_it_is_stopped()
    {
        ISpawner spawner = Open();
        ConcurrentQueue<SpawnProgress> progress = new();
        SpawnRequest request = Python();
        SpawnedKernel kernel = await Start(spawner, request, new Collector(progress));

        await using (KernelTalk talk = await KernelTalk.With(kernel))
        {
            Assert.True(await talk.Ping());
            Assert.Equal("42", await talk.Run("print(6*7)"));
            Assert.Equal(Hub.UserId?.ToString(CultureInfo.InvariantCulture) ?? "", Hub.UserId is null ? "" : await talk.Run("import os; print(os.getuid())"));
        }
        Assert.Null(await Poll(spawner, kernel));
        Assert.Equal(request.KernelId, kernel.KernelId);
        Assert.Equal("ada", kernel.UserName);
        Assert.Equal("python3", kernel.KernelSpecName);
        Assert.Equal("class/first notebook.ipynb", kernel.Labels["path"]);
        Assert.Equal(Hub.Site.HubId, kernel.Labels[SpawnLabels.Hub]);
        Assert.Equal(100, progress.Last().Percent);
        Assert.Equal(progress.Select(step => step.Percent).Order(), progress.Select(step => step.Percent));

        await Stop(spawner, kernel, graceSeconds: 5);
        await NothingRemains();
    }

    [Fact]
    public async Task A_kernel_sees_its_home_its_names_and_nothing_of_the_hub()
    {
        Environment.SetEnvironmentVariable("HUB_ADMIN_TOKEN", "must-not-be-seen");
        ISpawner spawner = Open();
        SpawnedKernel kernel = await Start(spawner, Python() with
        {
            WorkingDirectory = "lessons/one",
            Environment = new Dictionary<string, string> { ["LESSON"] = "it's \"one\"\n$HOME", ["bad-name"] = "x" },
        });
        await using KernelTalk talk = await KernelTalk.With(kernel);

        Assert.Equal("ada ada C.UTF-8", await talk.Run("import os; e = os.environ; print(e['USER'], e['LOGNAME'], e['LANG'])"));
        Assert.Equal("it's \"one\"\n$HOME", await talk.Run("print(e['LESSON'])"));
        Assert.Equal("[]", await talk.Run("print([n for n in e if 'TOKEN' in n or 'DOTNET' in n or n in ('bad-name', 'JPY_PARENT_PID')])"));
        Assert.Equal("True", await talk.Run("import pathlib; (pathlib.Path.home()/'made').write_text('by the kernel'); print(os.getcwd() == str(pathlib.Path.home()))"));
        Assert.Equal("by the kernel", await File.ReadAllTextAsync(Path.Combine(Hub.Home, "made")));
    }

    [Fact]
    public async Task A_kernel_starts_in_the_directory_of_its_notebook()
    {
        ISpawner spawner = Open();
        string lessons = Path.Combine(Hub.Home, "lessons", "one");
        Directory.CreateDirectory(lessons);
        SpawnedKernel kernel = await Start(spawner, Python() with { WorkingDirectory = "lessons/one" });
        await using KernelTalk talk = await KernelTalk.With(kernel);

        Assert.Equal("lessons/one", await talk.Run("import os, pathlib; print(os.path.relpath(os.getcwd(), pathlib.Path.home()))"));
    }

    [Fact]
    public async Task A_kernel_that_ends_by_itself_tells_its_exit_code_and_last_words()
    {
        ISpawner spawner = Open();
        SpawnedKernel kernel = await Start(spawner, Listening("listen(); print('last words', flush=True); time.sleep(0.2); sys.exit(7)"));

        KernelExit exit = await Wait(spawner, kernel);

        Assert.Equal((KernelExitCause.Exited, 7), (exit.Cause, exit.Code));
        Assert.Contains("last words", exit.LogTail, StringComparison.Ordinal);
        Assert.Equal(exit.Cause, (await Poll(spawner, kernel))?.Cause);
        await Stop(spawner, kernel);
        await NothingRemains();
    }

    [Fact]
    public async Task A_kernel_killed_from_outside_is_known_dead_within_seconds()
    {
        ISpawner spawner = Open();
        SpawnedKernel kernel = await Start(spawner, Python());
        Task<KernelExit> waiting = Wait(spawner, kernel);

        long killed = Stopwatch.GetTimestamp();
        await Kill(kernel);
        KernelExit exit = await waiting;

        Assert.Equal((KernelExitCause.Signalled, 9), (exit.Cause, exit.Signal));
        Assert.InRange(Stopwatch.GetElapsedTime(killed).TotalSeconds, 0, 3);
        await Stop(spawner, kernel);
        await NothingRemains();
    }

    [Fact]
    public async Task A_kernel_removed_from_outside_is_said_to_be_removed()
    {
        ISpawner spawner = Open();
        SpawnedKernel kernel = await Start(spawner, Python());
        Task<KernelExit> waiting = Wait(spawner, kernel);

        await Remove(kernel);

        Assert.Equal(KernelExitCause.Removed, (await waiting).Cause);
        Assert.Equal(KernelExitCause.Removed, (await Poll(spawner, kernel))?.Cause);
        await Stop(spawner, kernel);
        await NothingRemains();
    }

    [Fact]
    public async Task An_interrupt_reaches_the_kernel_and_what_it_started()
    {
        ISpawner spawner = Open();
        SpawnedKernel kernel = await Start(spawner, Python());
        await using KernelTalk talk = await KernelTalk.With(kernel);
        string child = "import signal, sys, time\nsignal.signal(signal.SIGINT, lambda *_: (print('child heard', flush=True), sys.exit(0)))\nprint('child ready', flush=True)\ntime.sleep(100)";
        Task<string> endless = await talk.Begin($"""
            import subprocess, sys, time
            child = subprocess.Popen([sys.executable, '-c', {System.Text.Json.JsonSerializer.Serialize(child)}], stdout=subprocess.PIPE, text=True)
            print(child.stdout.readline(), flush=True)
            while True: time.sleep(0.05)
            """);
        await Eventually.Holds(() => talk.PrintedSoFar.Contains("child ready", StringComparison.Ordinal));

        await spawner.InterruptAsync(kernel, CancellationToken.None);

        Assert.Contains("KeyboardInterrupt", await Eventually.Comes(endless), StringComparison.Ordinal);
        Assert.Equal("child heard", await talk.Run("print(child.stdout.readline())"));
    }

    [Fact]
    public async Task Stopping_gives_a_kernel_its_grace_and_then_ends_it()
    {
        ISpawner spawner = Open();
        string goodbye = Path.Combine(Hub.Home, "goodbye");
        SpawnedKernel polite = await Start(spawner, Listening("signal.signal(signal.SIGTERM, lambda *_: (open(os.environ['HOME'] + '/goodbye', 'w').close(), sys.exit(0))); listen()\nwhile True: time.sleep(0.05)"));
        await Stop(spawner, polite, graceSeconds: 30);
        Assert.True(File.Exists(goodbye));

        SpawnedKernel stubborn = await Start(spawner, Listening("signal.signal(signal.SIGTERM, signal.SIG_IGN); listen()\nwhile True: time.sleep(0.05)"));
        long began = Stopwatch.GetTimestamp();
        await Stop(spawner, stubborn, graceSeconds: 0.5);
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0.5, 20);
        await NothingRemains();
    }

    [Fact]
    public async Task Stopping_ends_children_that_left_the_kernels_group()
    {
        ISpawner spawner = Open();
        SpawnedKernel kernel = await Start(spawner, Python());
        await using KernelTalk talk = await KernelTalk.With(kernel);
        Assert.Equal("started", await talk.Run("import subprocess; p = subprocess.Popen('setsid sleep 1000 & setsid sh -c \"exec sleep 1000\" &', shell=True); p.wait(); print('started')"));

        await Stop(spawner, kernel, graceSeconds: 1);

        await NothingRemains();
    }

    [Fact]
    public async Task Stopping_is_idempotent_and_whoever_waits_learns_that_it_was_stopped()
    {
        ISpawner spawner = Open();
        SpawnedKernel kernel = await Start(spawner, Python());
        Task<KernelExit> waiting = Wait(spawner, kernel);

        await Task.WhenAll(Stop(spawner, kernel), Stop(spawner, kernel));
        await Stop(spawner, kernel, graceSeconds: 10);

        Assert.Equal(KernelExitCause.Stopped, (await waiting).Cause);
        Assert.Equal(KernelExitCause.Stopped, (await Poll(spawner, kernel))?.Cause);
        await spawner.InterruptAsync(kernel, CancellationToken.None);
        Assert.Empty(await spawner.ListAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_kernel_restarted_under_its_id_is_a_new_kernel()
    {
        ISpawner spawner = Open();
        SpawnRequest request = Python();
        SpawnedKernel old = await Start(spawner, request);
        Assert.Equal(SpawnFailure.InvalidRequest, (await Assert.ThrowsAsync<SpawnException>(() => Start(spawner, request))).Failure);
        Assert.Null(await Poll(spawner, old));
        await Stop(spawner, old);

        SpawnedKernel fresh = await Start(spawner, request);
        await Stop(spawner, old);
        await spawner.InterruptAsync(old, CancellationToken.None);

        Assert.Equal(KernelExitCause.Stopped, (await Poll(spawner, old))?.Cause);
        Assert.Null(await Poll(spawner, fresh));
        await using (KernelTalk talk = await KernelTalk.With(fresh)) Assert.True(await talk.Ping());
        await Kill(fresh);
        Assert.Equal(KernelExitCause.Signalled, (await Wait(spawner, fresh)).Cause);
        await Stop(spawner, fresh);
        await NothingRemains();
    }

    [Fact]
    public async Task A_restarted_hub_finds_its_kernels_and_rules_them()
    {
        SpawnedKernel started = await Start(Open(), Python());
        await using (KernelTalk before = await KernelTalk.With(started)) Assert.Equal("", await before.Run("x = 'kept'"));

        ISpawner restarted = Open();
        SpawnedKernel found = Assert.Single(await restarted.ListAsync(CancellationToken.None));

        Assert.Equal(started.Endpoint, found.Endpoint);
        Assert.Equal(started.Labels.OrderBy(label => label.Key), found.Labels.OrderBy(label => label.Key));
        Assert.Equal((started.KernelId, started.UserName, started.KernelSpecName, started.Handle, started.InterruptMode), (found.KernelId, found.UserName, found.KernelSpecName, found.Handle, found.InterruptMode));
        Assert.Equal(started.StartedAt, found.StartedAt, TimeSpan.FromSeconds(1));
        Assert.Null(await Poll(restarted, found));
        await using (KernelTalk after = await KernelTalk.With(found))
        {
            Assert.Equal("kept", await after.Run("print(x)"));
            Task<string> endless = await after.Begin("import time\nprint('in', flush=True)\nwhile True: time.sleep(0.05)");
            await Eventually.Holds(() => after.PrintedSoFar.Contains("in", StringComparison.Ordinal));
            await restarted.InterruptAsync(found, CancellationToken.None);
            Assert.Contains("KeyboardInterrupt", await Eventually.Comes(endless), StringComparison.Ordinal);
            await after.Begin("import os; os._exit(3)");
        }
        KernelExit exit = await Wait(restarted, found);
        Assert.Equal((KernelExitCause.Exited, 3), (exit.Cause, exit.Code));
        await Stop(restarted, found);
        await NothingRemains();
    }

    [Fact]
    public async Task A_kernel_that_died_while_no_hub_looked_is_listed_with_its_exit_until_it_is_stopped()
    {
        SpawnedKernel kernel = await Start(Open(), Python());
        await Kill(kernel);

        ISpawner restarted = Open();
        SpawnedKernel other = await Start(restarted, Python());
        SpawnedKernel found = Assert.Single(await restarted.ListAsync(CancellationToken.None), one => one.KernelId == kernel.KernelId);
        Assert.Equal(9, (await Poll(restarted, found))?.Signal);
        Assert.Equal(9, (await Wait(restarted, found)).Signal);
        Assert.Null(await Poll(restarted, other));
        await Stop(restarted, found);
        Assert.Equal(other.KernelId, Assert.Single(await restarted.ListAsync(CancellationToken.None)).KernelId);
        await Stop(restarted, other);
        await NothingRemains();
    }

    [Fact]
    public async Task Another_hub_on_the_same_machine_does_not_see_them()
    {
        ISpawner mine = Open();
        await Start(mine, Python());
        SpawnSite other = new("0123456789ab", Path.Combine(Hub.Root, "other"));

        Assert.Empty(await CreateFor(other).ListAsync(CancellationToken.None));
        Assert.Single(await mine.ListAsync(CancellationToken.None));
    }

    /// <summary>A spawner of another hub.</summary>
    protected abstract ISpawner CreateFor(SpawnSite site);

    [Fact]
    public async Task The_tail_of_the_log_is_bounded_and_holds_what_was_said_last()
    {
        ISpawner spawner = Open();
        SpawnedKernel kernel = await Start(spawner, Listening("listen()\nfor i in range(20000): print('line', i, 'ä' * 20)\nsys.stdout.flush(); open(os.environ['HOME'] + '/said', 'w').close()\nwhile True: time.sleep(0.05)"));
        await Eventually.Holds(() => File.Exists(Path.Combine(Hub.Home, "said")));

        string tail = "";
        await Eventually.Holds(async () => (tail = await spawner.ReadLogTailAsync(kernel, 1000, CancellationToken.None)).Contains("line 19999", StringComparison.Ordinal));

        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(tail), 100, 1000);
        Assert.StartsWith("line ", tail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_kernel_takes_of_the_machine_is_known_with_what_it_started()
    {
        ISpawner spawner = Open();
        SpawnedKernel small = await Start(spawner, Listening("listen()\nwhile True: time.sleep(0.05)"));
        SpawnedKernel large = await Start(spawner, Listening(
            "listen()\nimport subprocess\nsubprocess.Popen([sys.executable, '-c', 'x = bytearray(200_000_000)\\nwhile True: pass'])\nwhile True: time.sleep(0.05)"));
        await Eventually.Holds(async () => await Usage(large) is { MemoryBytes: > 200_000_000 } usage && usage.ProcessorTime > TimeSpan.FromMilliseconds(200));
        Assert.InRange((await Usage(small))!.MemoryBytes, 1_000_000, 100_000_000);
        await Stop(spawner, large);
        Assert.Null(await Usage(large));
        await Stop(spawner, small);

        async Task<KernelUsage?> Usage(SpawnedKernel kernel) =>
            (await spawner.MeasureAsync([kernel], CancellationToken.None)).GetValueOrDefault(kernel.KernelId);
    }

    [Fact]
    public async Task A_command_that_does_not_exist_fails_by_that_name()
    {
        SpawnException failure = await Assert.ThrowsAsync<SpawnException>(() => Start(Open(), Python() with { Command = ["no-such-kernel", "{connection_file}"] }));

        Assert.Equal(SpawnFailure.CommandNotFound, failure.Failure);
        Assert.Contains("no-such-kernel", failure.UserMessage, StringComparison.Ordinal);
        await NothingRemains();
    }

    [Fact]
    public async Task A_kernel_that_ends_during_the_start_fails_with_its_last_words()
    {
        SpawnException failure = await Assert.ThrowsAsync<SpawnException>(() => Start(Open(), Python() with { Command = ["/usr/bin/python3", "-m", "no_such_module_at_all"] }));

        Assert.Equal(SpawnFailure.ExitedEarly, failure.Failure);
        Assert.Contains("no_such_module_at_all", failure.UserMessage, StringComparison.Ordinal);
        Assert.Contains("no_such_module_at_all", failure.LogTail, StringComparison.Ordinal);
        await NothingRemains();
    }

    [Fact]
    public async Task A_kernel_that_never_listens_fails_by_timeout()
    {
        SpawnException failure = await Assert.ThrowsAsync<SpawnException>(() => Start(CreateImpatient(), Script("sleep 1000")));

        Assert.Equal(SpawnFailure.Timeout, failure.Failure);
        Assert.Contains("StartTimeoutSeconds", failure.Message, StringComparison.Ordinal);
        await NothingRemains();
    }

    /// <summary>A spawner that gives a kernel one second to come up.</summary>
    protected abstract ISpawner CreateImpatient();

    [Fact]
    public async Task Sockets_that_are_symlinks_are_not_taken_for_sockets()
    {
        SpawnException failure = await Assert.ThrowsAsync<SpawnException>(() => Start(CreateImpatient(), Listening("""
            names = [name + '-real' for name in names]
            listen()
            for name in names: os.symlink(name, name[:-5])
            time.sleep(1000)
            """)));

        Assert.Equal(SpawnFailure.Timeout, failure.Failure);
        await NothingRemains();
    }

    [Fact]
    public async Task A_kernel_cannot_replace_its_sockets_later()
    {
        Assert.SkipWhen(Hub.UserId is null, "An unprivileged hub runs kernels as itself, and there is no wall between them.");
        ISpawner spawner = Open();
        SpawnedKernel kernel = await Start(spawner, Listening("""
            listen()
            time.sleep(0.5)
            try:
                os.unlink(names[0]); os.symlink('/etc/passwd', names[0])
            except OSError as e: print('refused', e.errno, flush=True)
            time.sleep(1000)
            """));

        await Eventually.Holds(async () => (await spawner.ReadLogTailAsync(kernel, 1000, CancellationToken.None)).Contains("refused 13", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("../other")]
    [InlineData("/etc")]
    public async Task A_working_directory_outside_of_the_home_is_refused(string directory)
    {
        SpawnException failure = await Assert.ThrowsAsync<SpawnException>(() => Start(Open(), Python() with { WorkingDirectory = directory }));

        Assert.Equal(SpawnFailure.InvalidRequest, failure.Failure);
        await NothingRemains();
    }

    [Fact]
    public async Task A_home_that_is_missing_is_refused()
    {
        SpawnException failure = await Assert.ThrowsAsync<SpawnException>(() => Start(Open(), Python() with { HomeDirectory = Path.Combine(Hub.Root, "nobody") }));

        Assert.Equal(SpawnFailure.InvalidRequest, failure.Failure);
        Assert.DoesNotContain(Hub.Root, failure.UserMessage, StringComparison.Ordinal);
        await NothingRemains();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(60)]
    [InlineData(250)]
    public async Task A_cancelled_start_leaves_nothing_behind(int milliseconds)
    {
        using CancellationTokenSource cancel = new();
        Task<SpawnedKernel> starting = Open().StartAsync(Script("sleep 1000"), null, cancel.Token);
        await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), TimeProvider.System);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Eventually.Comes(starting));
        await NothingRemains();
    }

    [Fact]
    public async Task Six_started_at_once_all_come_up()
    {
        ISpawner spawner = Open();
        SpawnedKernel[] kernels = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Start(spawner, Python())));

        Assert.Equal(6, kernels.Select(kernel => kernel.Endpoint.Ip).Distinct().Count());
        Assert.Equal(6, (await spawner.ListAsync(CancellationToken.None)).Count);
        foreach (SpawnedKernel kernel in kernels)
        {
            await using KernelTalk talk = await KernelTalk.With(kernel);
            Assert.Equal("True", await talk.Run("print(True)"));
        }
        await Task.WhenAll(kernels.Select(kernel => Stop(spawner, kernel)));
        await NothingRemains();
    }

    [Fact]
    public async Task A_kernel_may_write_its_connection_file_anew_after_it_made_its_sockets()
    {
        ISpawner spawner = Open();
        SpawnedKernel kernel = await Start(spawner, Listening("""
            listen()
            for _ in range(200):
                os.remove('{connection_file}')
                time.sleep(0.002)
                json.dump(at, open('{connection_file}', 'w'))
            print('written', flush=True)
            time.sleep(1000)
            """));

        await Eventually.Holds(async () => (await spawner.ReadLogTailAsync(kernel, 1000, CancellationToken.None)).Contains("written", StringComparison.Ordinal));
        Assert.Equal(kernel.Endpoint, Assert.Single(await Open().ListAsync(CancellationToken.None)).Endpoint);
    }

    [Fact]
    public async Task The_limit_on_open_files_holds()
    {
        SpawnedKernel kernel = await Start(Open(), Python() with { Limits = new ResourceLimits(OpenFiles: 200) });
        await using KernelTalk talk = await KernelTalk.With(kernel);

        Assert.Equal("(200, 200)", await talk.Run("import resource; print(resource.getrlimit(resource.RLIMIT_NOFILE))"));
        Assert.Contains("OSError", await talk.Run("files = [open('/dev/null') for _ in range(300)]"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_limit_on_processes_holds()
    {
        Assert.SkipWhen(Hub.UserId is null, "A kernel of the hub's own user is counted with the hub.");
        SpawnedKernel kernel = await Start(Open(), Python() with { Limits = new ResourceLimits(Processes: 60) });
        await using KernelTalk talk = await KernelTalk.With(kernel);

        Assert.Contains("BlockingIOError", await talk.Run("import subprocess; children = [subprocess.Popen(['sleep', '100']) for _ in range(100)]"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kernel_has_no_capability_and_can_gain_no_privilege()
    {
        Assert.SkipWhen(Hub.UserId is null, "An unprivileged hub has none to give.");
        SpawnedKernel kernel = await Start(Open(), Python());
        await using KernelTalk talk = await KernelTalk.With(kernel);

        Assert.Equal("CapBnd: 0 CapEff: 0 CapInh: 0 CapPrm: 0 NoNewPrivs: 1",
            await talk.Run("print(*sorted(l.split()[0] + ' ' + (l.split()[1].lstrip('0') or '0') for l in open('/proc/self/status') if l.startswith(('CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'NoNewPrivs'))))"));
        Assert.Contains(await talk.Run("import os; print(os.getgroups())"), new[] { "[]", $"[{Hub.UserId}]" });
    }

    private sealed class Collector(ConcurrentQueue<SpawnProgress> seen) : IProgress<SpawnProgress>
    {
        public void Report(SpawnProgress value) => seen.Enqueue(value);
    }
}
