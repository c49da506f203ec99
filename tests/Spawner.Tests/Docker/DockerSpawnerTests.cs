using Spawner.Docker;
using Testing;
using Xunit;

namespace Spawner.Tests.Docker;

/// <summary>Kernels in containers of the real engine, from the hub's own image, which is built when it is missing.</summary>
public sealed class DockerSpawnerTests : SpawnerContract
{
    private readonly EngineCalls _engine = TestEngine.Calls();

    protected override SpawnRequest Python() => base.Python() with { Image = TestEngine.Image, Limits = new ResourceLimits(MemoryBytes: 512 << 20) };

    protected override ISpawner Create() => CreateFor(Hub.Site);

    protected override ISpawner CreateFor(SpawnSite site) => TestEngine.Open(site, TestEngine.Options);

    protected override ISpawner CreateImpatient() => TestEngine.Open(Hub.Site, TestEngine.Options with { StartTimeoutSeconds = 1 });

    protected override async Task<IReadOnlyList<string>> Remains()
    {
        string label = $"{SpawnLabels.Hub}={Hub.Site.HubId}";
        List<string> remains = [.. (await _engine.ListAsync(label, CancellationToken.None)).Select(container => $"container {container.Id} {container.State}")];
        remains.AddRange((await _engine.ListVolumesAsync(label, CancellationToken.None)).Select(volume => $"volume {volume.Name}"));
        foreach (string directory in new[] { Path.Combine(Hub.Root, "run", "d"), $"/run/notebook-hub/{Hub.Site.HubId}" })
        {
            if (Directory.Exists(directory)) remains.AddRange(Directory.EnumerateFileSystemEntries(directory));
        }
        return remains;
    }

    protected override Task Kill(SpawnedKernel kernel) => _engine.KillAsync(kernel.Handle, "SIGKILL", CancellationToken.None);

    protected override Task Remove(SpawnedKernel kernel) => _engine.RemoveAsync(kernel.Handle, CancellationToken.None);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _engine.Client.Dispose();
    }

    [Fact]
    public async Task The_container_is_read_only_has_no_network_and_little_room()
    {
        SpawnedKernel kernel = await Start(Open(), Python() with { Limits = new ResourceLimits(MemoryBytes: 512 << 20, Cpus: 0.5, Processes: 70, SharedMemoryBytes: 32 << 20, TemporaryBytes: 16 << 20) });
        await using KernelTalk talk = await KernelTalk.With(kernel);

        Assert.Equal("/home/ada", await talk.Run("import os; print(os.environ['HOME'])"));
        Assert.Contains("OSError", await talk.Run("open('/usr/x', 'w')"), StringComparison.Ordinal);
        Assert.Equal("['lo']", await talk.Run("print(os.listdir('/sys/class/net'))"));
        Assert.Equal("16 32", await talk.Run("s = os.statvfs('/tmp'); m = os.statvfs('/dev/shm'); print(s.f_blocks * s.f_frsize >> 20, m.f_blocks * m.f_frsize >> 20)"));
        Assert.Contains("OSError", await talk.Run("f = open('/tmp/full', 'wb'); f.write(b'x' * (17 << 20)); f.flush()"), StringComparison.Ordinal);
        Assert.Equal("2", await talk.Run("print([l.split()[1] for l in open('/proc/self/status') if l.startswith('Seccomp:')][0])"));
        // 64 entries and 256 KiB: the directory of the sockets cannot fill anything.
        Assert.Equal("262144", await talk.Run("r = os.statvfs('/run/notebook-kernel'); print(r.f_blocks * r.f_frsize)"));
    }

    [Fact]
    public async Task Many_kernels_are_measured_in_a_moment()
    {
        ISpawner spawner = Open();
        SpawnedKernel kernel = await Start(spawner, Python());
        long began = System.Diagnostics.Stopwatch.GetTimestamp();
        // The same container, asked for as if each were another's.
        SpawnedKernel[] all = [.. Enumerable.Range(0, 300).Select(i => kernel with { KernelId = $"{i}" })];
        IReadOnlyDictionary<string, KernelUsage> usage = await spawner.MeasureAsync(all, CancellationToken.None);
        TimeSpan took = System.Diagnostics.Stopwatch.GetElapsedTime(began);
        TestContext.Current.SendDiagnosticMessage($"300 containers measured in {took.TotalMilliseconds:0} ms");
        Assert.Equal(300, usage.Count);
        Assert.True(took < TimeSpan.FromSeconds(5), $"It took {took}.");
    }

    [Fact]
    public async Task The_engine_and_its_control_groups_tell_the_same()
    {
        SpawnedKernel kernel = await Start(Open(), Python());
        KernelUsage told = ContainerUsage.Of(await _engine.MeasureAsync(kernel.Handle, CancellationToken.None))!;
        Assert.InRange(told.MemoryBytes, 10 << 20, 512 << 20);
        using ContainerGroups groups = new();
        if (groups.Read(kernel.Handle) is { } seen)
        {
            Assert.InRange(seen.MemoryBytes, told.MemoryBytes / 2, told.MemoryBytes * 2);
            Assert.InRange(seen.ProcessorTime, told.ProcessorTime / 2, told.ProcessorTime * 2);
        }
        await _engine.RemoveAsync(kernel.Handle, CancellationToken.None);
        Assert.Null(ContainerUsage.Of(await _engine.MeasureAsync(kernel.Handle, CancellationToken.None)));
        Assert.Null(groups.Read(kernel.Handle));
    }

    [Fact]
    public async Task A_kernel_over_its_memory_is_said_to_be_out_of_memory()
    {
        ISpawner spawner = Open();
        SpawnedKernel kernel = await Start(spawner, Python() with { Limits = new ResourceLimits(MemoryBytes: 128 << 20) });
        await using KernelTalk talk = await KernelTalk.With(kernel);

        await talk.Begin("x = bytearray(400 << 20)");
        KernelExit exit = await Wait(spawner, kernel);

        Assert.Equal(KernelExitCause.OutOfMemory, exit.Cause);
    }

    [Fact]
    public async Task A_kernel_over_its_memory_during_the_start_fails_by_that_name()
    {
        SpawnException failure = await Assert.ThrowsAsync<SpawnException>(() => Start(Open(), Listening("x = bytearray(400 << 20); time.sleep(100)") with { Limits = new ResourceLimits(MemoryBytes: 64 << 20) }));

        Assert.Equal(SpawnFailure.OutOfMemory, failure.Failure);
        await NothingRemains();
    }

    [Fact]
    public async Task A_child_over_the_memory_leaves_the_kernel_alive_and_is_not_blamed_for_a_later_end()
    {
        ISpawner spawner = Open();
        SpawnedKernel kernel = await Start(spawner, Python() with { Limits = new ResourceLimits(MemoryBytes: 256 << 20) });
        await using KernelTalk talk = await KernelTalk.With(kernel);
        Assert.Equal("-9", await talk.Run("import subprocess, sys; print(subprocess.call([sys.executable, '-c', 'x = bytearray(400 << 20)']))"));
        Assert.Null(await Poll(spawner, kernel));
        // The events tell an end by memory from one that only comes after it; five seconds lie between them.
        await talk.Run("import time; time.sleep(5.5)");

        await Kill(kernel);

        Assert.Equal(KernelExitCause.Signalled, (await Wait(spawner, kernel)).Cause);
    }

    [Fact]
    public async Task An_image_nobody_has_fails_by_that_name()
    {
        SpawnException failure = await Assert.ThrowsAsync<SpawnException>(() => Start(Open(), Python() with { Image = "notebook-hub.invalid/none/such:1" }));

        Assert.Equal(SpawnFailure.ImageMissing, failure.Failure);
        Assert.Contains("notebook-hub.invalid/none/such:1", failure.UserMessage, StringComparison.Ordinal);
        await NothingRemains();
    }

    [Fact]
    public async Task More_processors_than_the_machine_has_are_refused()
    {
        SpawnException failure = await Assert.ThrowsAsync<SpawnException>(() => Start(Open(), Python() with { Limits = new ResourceLimits(Cpus: 5000) }));

        Assert.Equal(SpawnFailure.InvalidRequest, failure.Failure);
        Assert.Contains("processors", failure.UserMessage, StringComparison.Ordinal);
        await NothingRemains();
    }

    [Fact]
    public async Task Sockets_in_a_directory_of_the_hub_work_too()
    {
        ISpawner spawner = TestEngine.Open(Hub.Site, TestEngine.Options with { Channels = "directory" });
        SpawnedKernel kernel = await Start(spawner, Python());
        Assert.StartsWith(Hub.Root, kernel.Endpoint.Ip, StringComparison.Ordinal);
        await using (KernelTalk talk = await KernelTalk.With(kernel)) Assert.True(await talk.Ping());
        Assert.Equal(kernel.Endpoint, Assert.Single(await Open().ListAsync(CancellationToken.None)).Endpoint);

        await Stop(spawner, kernel);
        await NothingRemains();
    }

    [Fact]
    public async Task What_a_killed_hub_left_half_started_is_swept_away()
    {
        SpawnRequest request = Python();
        ContainerPlan plan = ContainerPlan.For(request, TestEngine.Options, Hub.Site, TestEngine.Image, null, (Hub.UserId ?? 0, Hub.UserId ?? 0), TimeProvider.System.GetUtcNow());
        ContainerPlan running = ContainerPlan.For(request with { KernelId = Guid.NewGuid().ToString() }, TestEngine.Options, Hub.Site, TestEngine.Image, null, (Hub.UserId ?? 0, Hub.UserId ?? 0), TimeProvider.System.GetUtcNow());
        ISpawner spawner = Open();
        await ((DockerSpawner)spawner).EnsureAsync(TestEngine.Image, null, CancellationToken.None);
        foreach (ContainerPlan one in new[] { plan, running }) await _engine.CreateVolumeAsync(one.Volume!, CancellationToken.None);
        await _engine.StartAsync(await _engine.CreateContainerAsync(running.Name, running.Body, CancellationToken.None), CancellationToken.None);

        Assert.Empty(await spawner.ListAsync(CancellationToken.None));

        await NothingRemains();
    }

    [Fact]
    public async Task A_kernel_may_lose_its_connection_file_and_lives_on()
    {
        ISpawner spawner = Open();
        SpawnedKernel kernel = await Start(spawner, Python());
        await using KernelTalk talk = await KernelTalk.With(kernel);
        Assert.Equal("[]", await talk.Run("import os; [os.remove('/run/notebook-kernel/file/' + name) for name in os.listdir('/run/notebook-kernel/file')]; print(os.listdir('/run/notebook-kernel/file'))"));

        Assert.Equal(kernel, Assert.Single(await spawner.ListAsync(CancellationToken.None)));

        Assert.Equal("42", await talk.Run("print(6*7)"));
    }

    [Fact]
    public async Task A_death_while_the_engine_was_away_is_known_when_it_is_back()
    {
        await using CuttableLine line = new(TestEngine.SocketPath, Path.Combine(Hub.Root, "engine.sock"));
        ISpawner spawner = TestEngine.Open(Hub.Site, TestEngine.Options with { Socket = line.Path });
        SpawnedKernel kernel = await Start(spawner, Python());
        Task<KernelExit> waiting = Wait(spawner, kernel);

        line.Cut();
        await Kill(kernel);
        Assert.Null(await Poll(spawner, kernel));
        SpawnException failure = await Assert.ThrowsAsync<SpawnException>(() => Stop(spawner, kernel));
        Assert.Equal(SpawnFailure.EngineUnavailable, failure.Failure);
        Assert.False(waiting.IsCompleted);
        line.Mend();

        Assert.Equal(9, (await waiting).Signal);
        await Stop(spawner, kernel);
        await ((IAsyncDisposable)spawner).DisposeAsync();
        await NothingRemains();
    }

    [Fact]
    public async Task A_kernel_lives_through_an_absence_of_the_engine()
    {
        await using CuttableLine line = new(TestEngine.SocketPath, Path.Combine(Hub.Root, "engine.sock"));
        await using DockerSpawner spawner = TestEngine.Open(Hub.Site, TestEngine.Options with { Socket = line.Path });
        SpawnedKernel kernel = await Start(spawner, Python());
        Task<KernelExit> waiting = Wait(spawner, kernel);
        await using KernelTalk talk = await KernelTalk.With(kernel);

        line.Cut();
        Assert.Equal("here", await talk.Run("print('here')"));
        line.Mend();

        await Eventually.Holds(async () => (await spawner.ListAsync(CancellationToken.None)).Count == 1);
        Assert.False(waiting.IsCompleted);
        await Kill(kernel);
        Assert.Equal(9, (await waiting).Signal);
    }

    [Fact]
    public async Task The_python_image_has_what_a_class_needs()
    {
        SpawnedKernel kernel = await Start(Open(), Python());
        await using KernelTalk talk = await KernelTalk.With(kernel);

        Assert.Equal("ok", await talk.Run("import numpy, pandas, matplotlib.pyplot, scipy.stats, seaborn, sympy, graphviz; print('ok' if graphviz.Source('digraph { a -> b }').pipe('svg') else '')"));
        Assert.Equal(":memory:", await talk.Run("print(get_ipython().history_manager.hist_file)"));
    }

    [Fact]
    public async Task Whoever_holds_it_under_several_names_may_end_it_under_each()
    {
        DockerSpawner spawner = TestEngine.Open(Hub.Site, TestEngine.Options);
        await spawner.DisposeAsync();
        await spawner.DisposeAsync();
    }

    [Theory]
    [InlineData("notebook-hub/r", "library(ggplot2); cat('R', dplyr::summarise(data.frame(n = 1:3), s = sum(n))$s * 7)", "R 42", "R", "--slave", "-e", "IRkernel::main()", "--args", "{connection_file}")]
    [InlineData("notebook-hub/minimal", "print('minimal', 6 * 7)", "minimal 42", "python3", "-m", "ipykernel_launcher", "-f", "{connection_file}")]
    public async Task The_other_images_of_the_hub_run(string image, string code, string printed, params string[] command)
    {
        ISpawner spawner = Open();
        await ((IImagePreparer)spawner).EnsureAsync(image, null, TestContext.Current.CancellationToken);
        SpawnedKernel kernel = await Start(spawner, Python() with { Image = image, Command = command });
        await using KernelTalk talk = await KernelTalk.With(kernel);

        Assert.Equal(printed, await talk.Run(code));
    }
}
