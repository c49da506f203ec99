using System.Diagnostics;
using Spawner.Docker;
using Testing;
using Xunit;

namespace Spawner.Tests.Docker;

/// <summary>What becomes of kernels when their engine ends, is killed, hangs, forgets what happened or loses an image: on an engine of the tests' own.</summary>
public sealed class EngineFaultTests(OwnEngine engine) : IClassFixture<OwnEngine>, IAsyncLifetime
{
    private readonly HubDirectory _hub = new();
    private readonly List<DockerSpawner> _opened = [];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (Environment.IsPrivilegedProcess)
        {
            await engine.ResumeAsync();
            DockerSpawner last = Open();
            foreach (SpawnedKernel kernel in await last.ListAsync(CancellationToken.None)) await last.StopAsync(kernel, TimeSpan.Zero, CancellationToken.None);
        }
        foreach (DockerSpawner opened in _opened) await opened.DisposeAsync();
        _hub.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Kernels_run_on_through_an_end_of_an_engine_that_keeps_them(bool killed)
    {
        OwnEngine.Needed();
        await engine.StartAsync(liveRestore: true);
        DockerSpawner spawner = Open();
        SpawnedKernel kernel = await spawner.StartAsync(Python(), null, Cancelled);
        await using KernelTalk talk = await KernelTalk.With(kernel);
        Task<KernelExit> waiting = spawner.WaitAsync(kernel, Cancelled);
        Task<string> cell = await talk.Begin("import time\nprint('begun', flush=True)\ntime.sleep(4)\nprint('done')");
        await Eventually.Holds(() => talk.PrintedSoFar.Contains("begun", StringComparison.Ordinal));

        await (killed ? engine.KillAsync() : engine.StopAsync());
        Assert.Null(await spawner.PollAsync(kernel, Cancelled));
        Assert.Equal(SpawnFailure.EngineUnavailable, (await Assert.ThrowsAsync<SpawnException>(() => spawner.ListAsync(Cancelled))).Failure);
        // The cell that ran goes on over the same connection, while there is no engine.
        Assert.Contains("done", await Eventually.Comes(cell), StringComparison.Ordinal);
        await engine.StartAsync(liveRestore: true);

        Assert.Equal(kernel.Handle, Assert.Single(await spawner.ListAsync(Cancelled)).Handle);
        Assert.Equal("42", await talk.Run("print(6*7)"));
        Assert.False(waiting.IsCompleted);
        await engine.Calls.KillAsync(kernel.Handle, "SIGKILL", Cancelled);
        KernelExit exit = await Eventually.Comes(waiting);
        Assert.Equal((KernelExitCause.Signalled, 9), (exit.Cause, exit.Signal));

        // The same kernel comes back under its id, though the engine may hold on to what the former one had until it is restarted once more.
        await spawner.StopAsync(kernel, TimeSpan.Zero, Cancelled);
        SpawnedKernel again = await spawner.StartAsync(Python() with { KernelId = kernel.KernelId }, null, Cancelled);
        await using (KernelTalk anew = await KernelTalk.With(again)) Assert.True(await anew.Ping());
        Assert.Equal(again.Handle, Assert.Single(await spawner.ListAsync(Cancelled)).Handle);
        await spawner.StopAsync(again, TimeSpan.Zero, Cancelled);
        await engine.StartAsync(liveRestore: true);
        await Eventually.Holds(async () => (await spawner.ListAsync(Cancelled)).Count == 0 && await RemainsAsync() == 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Kernels_that_end_with_their_engine_are_said_to_have(bool killed)
    {
        OwnEngine.Needed();
        await engine.StartAsync(liveRestore: false);
        DockerSpawner spawner = Open();
        SpawnedKernel kernel = await spawner.StartAsync(Python(), null, Cancelled);
        SpawnedKernel other = await spawner.StartAsync(Python(), null, Cancelled);
        Task<KernelExit> waiting = spawner.WaitAsync(kernel, Cancelled), waitingToo = spawner.WaitAsync(other, Cancelled);
        // Both are known to run before the engine leaves, as after every start.
        await Eventually.Holds(async () => await spawner.PollAsync(kernel, Cancelled) is null && await spawner.PollAsync(other, Cancelled) is null);

        await (killed ? engine.KillAsync() : engine.StopAsync());
        // An engine that ends in order says so first: nobody waits for it to come back.
        if (!killed) Assert.Equal(KernelExitCause.EngineStopped, (await Eventually.Comes(waiting)).Cause);
        await engine.StartAsync(liveRestore: false);

        Assert.Equal(KernelExitCause.EngineStopped, (await Eventually.Comes(waiting)).Cause);
        Assert.Equal(KernelExitCause.EngineStopped, (await Eventually.Comes(waitingToo)).Cause);
        await NothingRemainsOf(spawner, kernel, other);
        await using KernelTalk talk = await KernelTalk.With(await spawner.StartAsync(Python(), null, Cancelled));
        Assert.True(await talk.Ping());
    }

    [Fact]
    public async Task Somebody_elses_SIGTERM_is_not_blamed_on_the_engine()
    {
        OwnEngine.Needed();
        await engine.StartAsync(liveRestore: false);
        DockerSpawner spawner = Open();
        SpawnedKernel kernel = await spawner.StartAsync(Python(), null, Cancelled);
        Task<KernelExit> waiting = spawner.WaitAsync(kernel, Cancelled);
        await using KernelTalk talk = await KernelTalk.With(kernel);
        await talk.Begin("import os; os.kill(os.getpid(), 15)");
        KernelExit exit = await Eventually.Comes(waiting);
        Assert.Equal((KernelExitCause.Signalled, 15), (exit.Cause, exit.Signal));
    }

    [Fact]
    public async Task While_the_engine_hangs_every_call_ends_and_kernels_work_on()
    {
        OwnEngine.Needed();
        await engine.StartAsync(liveRestore: true);
        DockerSpawner spawner = Open(engine.Options() with { RequestTimeoutSeconds = 1 });
        SpawnedKernel kernel = await spawner.StartAsync(Python(), null, Cancelled);
        await using KernelTalk talk = await KernelTalk.With(kernel);
        Task<KernelExit> waiting = spawner.WaitAsync(kernel, Cancelled);

        await engine.HaltAsync();
        long began = Stopwatch.GetTimestamp();
        await AssertUnavailable(() => spawner.ListAsync(Cancelled));
        await AssertUnavailable(() => spawner.InterruptAsync(kernel, Cancelled));
        await AssertUnavailable(() => spawner.StartAsync(Python(), null, Cancelled));
        Assert.Null(await spawner.PollAsync(kernel, Cancelled));
        Assert.Equal("", await spawner.ReadLogTailAsync(kernel, 1000, Cancelled));
        _ = await spawner.MeasureAsync([kernel], Cancelled);
        Assert.Equal("42", await talk.Run("print(6*7)"));
        Assert.True(await talk.Ping());
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 1, 25);
        await engine.ResumeAsync();

        Assert.Equal(kernel.Handle, Assert.Single(await spawner.ListAsync(Cancelled)).Handle);
        Assert.False(waiting.IsCompleted);
        await using KernelTalk next = await KernelTalk.With(await spawner.StartAsync(Python(), null, Cancelled));
        Assert.True(await next.Ping());
        await engine.Calls.KillAsync(kernel.Handle, "SIGKILL", Cancelled);
        Assert.Equal(9, (await Eventually.Comes(waiting)).Signal);
    }

    [Fact]
    public async Task What_a_hanging_engine_made_after_everybody_had_given_up_is_swept_away()
    {
        OwnEngine.Needed();
        await engine.StartAsync(liveRestore: true);
        DockerSpawner spawner = Open(engine.Options() with { RequestTimeoutSeconds = 1 });
        SpawnRequest slow = Python() with { KernelSpecName = "slow", Command = ["/bin/sh", "-c", "sleep 1000"] };
        Task<SpawnedKernel> start = spawner.StartAsync(slow, null, Cancelled);
        await Eventually.Holds(async () => (await engine.Calls.ListAsync(Label, Cancelled)).Any(one => one.State == "running"));
        using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        await engine.HaltAsync();
        Task<SpawnedKernel> second = spawner.StartAsync(Python(), null, enough.Token);
        await Assert.ThrowsAsync<SpawnException>(() => second);
        await engine.ResumeAsync();
        // Another hub takes over, as after a kill: the first start is nobody's any more.
        DockerSpawner next = Open();

        await Eventually.Holds(async () => (await next.ListAsync(Cancelled)).Count == 0 && await RemainsAsync() == 0);
        await Assert.ThrowsAsync<SpawnException>(() => start);
    }

    [Fact]
    public async Task An_image_that_disappears_between_its_check_and_the_start_is_said_to_be_missing()
    {
        OwnEngine.Needed();
        await engine.StartAsync(liveRestore: true);
        await engine.Calls.Client.TellAsync(HttpMethod.Post, $"/images/{OwnEngine.Image}/tag?repo=vanishing.invalid/python&tag=1", null, [], Cancelled);
        DockerSpawner spawner = Open(engine.Options() with { ParallelStarts = 1 });
        using CancellationTokenSource first = new();
        // It takes the only place in the queue and never listens, so the next has checked its image and waits.
        Task<SpawnedKernel> blocking = spawner.StartAsync(Python() with { Command = ["/bin/sh", "-c", "sleep 1000"] }, null, first.Token);
        await Eventually.Holds(async () => (await engine.Calls.ListAsync(Label, Cancelled)).Any(one => one.State == "running"));
        List<string> said = [];
        Task<SpawnedKernel> waiting = spawner.StartAsync(Python() with { Image = "vanishing.invalid/python:1" }, new Sayings(said), Cancelled);
        await Eventually.Holds(() => { lock (said) return said.Any(sentence => sentence.StartsWith("Waiting for other", StringComparison.Ordinal)); });

        await engine.Calls.RemoveImageAsync("vanishing.invalid/python:1", Cancelled);
        await first.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => blocking);
        SpawnException failure = await Assert.ThrowsAsync<SpawnException>(() => waiting);
        Assert.Equal(SpawnFailure.ImageMissing, failure.Failure);
        Assert.Contains("vanishing.invalid/python:1", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, await RemainsAsync());
    }

    [Fact]
    public async Task A_death_is_known_though_the_engine_has_forgotten_it_when_it_is_heard_again()
    {
        OwnEngine.Needed();
        await engine.StartAsync(liveRestore: true);
        await using CuttableLine line = new(engine.SocketPath, Path.Combine(_hub.Root, "engine.sock"));
        await using DockerSpawner spawner = TestEngine.Open(_hub.Site, engine.Options() with { Socket = line.Path });
        SpawnedKernel dies = await spawner.StartAsync(Python(), null, Cancelled), lives = await spawner.StartAsync(Python(), null, Cancelled);
        Task<KernelExit> death = spawner.WaitAsync(dies, Cancelled), life = spawner.WaitAsync(lives, Cancelled);
        line.Cut();
        await engine.Calls.KillAsync(dies.Handle, "SIGKILL", Cancelled);
        // The engine remembers 256 events.
        for (int i = 0; i < 300; i++) await engine.Calls.KillAsync(lives.Handle, "SIGWINCH", Cancelled);
        line.Mend();

        Assert.Equal(9, (await Eventually.Comes(death)).Signal);
        Assert.False(life.IsCompleted);
        await engine.Calls.KillAsync(lives.Handle, "SIGKILL", Cancelled);
        Assert.Equal(9, (await Eventually.Comes(life)).Signal);
        await NothingRemainsOf(spawner, dies, lives);
    }

    [Theory]
    [InlineData("volume")]
    [InlineData("created")]
    [InlineData("started")]
    [InlineData("connection file")]
    [InlineData("sockets")]
    public async Task A_hub_killed_after_any_step_of_a_start_leaves_nothing_that_the_next_does_not_find(string lastStep)
    {
        OwnEngine.Needed();
        await engine.StartAsync(liveRestore: true);
        string[] steps = ["volume", "created", "started", "connection file", "sockets"];
        int done = Array.IndexOf(steps, lastStep);
        SpawnRequest request = Python();
        if (lastStep != "sockets") request = request with { Command = ["/bin/sh", "-c", "sleep 1000"] };
        (int, int) user = (_hub.UserId ?? 0, _hub.UserId ?? 0);
        ContainerPlan plan = ContainerPlan.For(request, engine.Options(), _hub.Site, OwnEngine.Image, null, user, TimeProvider.System.GetUtcNow());
        string channels = await engine.Calls.CreateVolumeAsync(plan.Volume!, Cancelled);
        string container = done < 1 ? "" : await engine.Calls.CreateContainerAsync(plan.Name, plan.Body, Cancelled);
        if (done >= 2) await engine.Calls.StartAsync(container, Cancelled);
        if (done >= 3)
        {
            using Spawner.Posix.SharedDirectory shared = Spawner.Posix.SharedDirectory.Open(channels);
            using (Spawner.Posix.SharedDirectory kernels = shared.CreateInside(ConnectionFile.Folder, user.Item1, user.Item2))
                kernels.Write(ConnectionFile.Name, ConnectionFile.Write(ContainerPlan.Channels, request.Key, request.KernelSpecName), user.Item1, user.Item2);
            if (done >= 4) await Eventually.Holds(() => shared.HoldsSockets(ConnectionFile.SocketNames, user.Item1));
        }

        DockerSpawner next = Open();
        IReadOnlyList<SpawnedKernel> found = await next.ListAsync(Cancelled);

        if (lastStep == "sockets")
        {
            SpawnedKernel kernel = Assert.Single(found);
            await using KernelTalk talk = await KernelTalk.With(kernel);
            Assert.Equal("42", await talk.Run("print(6*7)"));
            await next.StopAsync(kernel, TimeSpan.Zero, Cancelled);
        }
        else
        {
            Assert.Empty(found);
        }
        Assert.Equal(0, await RemainsAsync());
    }

    private string Label => $"{SpawnLabels.Hub}={_hub.Site.HubId}";

    private DockerSpawner Open(DockerOptions? options = null)
    {
        DockerSpawner spawner = TestEngine.Open(_hub.Site, options ?? engine.Options());
        _opened.Add(spawner);
        return spawner;
    }

    private SpawnRequest Python() => _hub.Python() with { Image = OwnEngine.Image, Limits = new ResourceLimits(MemoryBytes: 512 << 20) };

    private async Task<int> RemainsAsync() => (await engine.Calls.ListAsync(Label, Cancelled)).Count + (await engine.Calls.ListVolumesAsync(Label, Cancelled)).Count;

    private async Task NothingRemainsOf(DockerSpawner spawner, params SpawnedKernel[] kernels)
    {
        foreach (SpawnedKernel kernel in kernels) await spawner.StopAsync(kernel, TimeSpan.Zero, Cancelled);
        Assert.Equal(0, await RemainsAsync());
    }

    private static async Task AssertUnavailable(Func<Task> call) =>
        Assert.Equal(SpawnFailure.EngineUnavailable, (await Assert.ThrowsAsync<SpawnException>(call)).Failure);

    private sealed class Sayings(List<string> said) : IProgress<SpawnProgress>
    {
        public void Report(SpawnProgress value)
        {
            lock (said) said.Add(value.Message);
        }
    }
}
