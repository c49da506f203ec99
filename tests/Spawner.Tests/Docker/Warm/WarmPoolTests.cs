using System.Text.Json;
using Spawner.Docker;
using Spawner.Docker.Warm;
using Testing;
using Xunit;

namespace Spawner.Tests.Docker.Warm;

/// <summary>Kernels from containers made ahead, on the real engine: what people get, what they must never see, and what is left behind.</summary>
public sealed partial class WarmPoolTests
{
    [Fact]
    public async Task A_kernel_made_ahead_is_as_one_that_was_not()
    {
        DockerSpawner spawner = Open();
        SpawnRequest request = Python() with { WorkingDirectory = "lessons", Environment = new Dictionary<string, string> { ["LESSON"] = "it's \"one\"\n$HOME", ["JPY_SESSION_NAME"] = "a b.ipynb" } };
        string lessons = Directory.CreateDirectory(Path.Combine(_hub.Home, "lessons")).FullName;
        Assert.Equal(0, await RunAsync("chown", $"{_hub.UserId}:{_hub.UserId}", lessons));
        const string look = """
            import os, sys, getpass, json
            me = {k: v for k, v in os.environ.items()}
            print(json.dumps([os.getcwd(), os.environ['HOME'], getpass.getuser(), os.environ['LESSON'], sys.argv, sys.path, me, os.stat('.').st_uid == os.getuid(),
                sys.orig_argv, __name__, sorted(vars(sys.modules['__main__']).keys() - {'look'})]))
            """;
        string plain, warm;
        SpawnedKernel first = await StartPlain(request);
        await using (KernelTalk talk = await KernelTalk.With(first)) plain = await talk.Run(look);
        await _opened[^1].StopAsync(first, TimeSpan.Zero, CancellationToken.None);
        await Fill(spawner, request, 1);
        SpawnedKernel kernel = await StartWarm(spawner, request with { KernelId = Guid.NewGuid().ToString() });
        await using (KernelTalk talk = await KernelTalk.With(kernel))
        {
            warm = await talk.Run(look);
            Assert.Equal("42", await talk.Run("print(6*7)"));
            // The home's own user id stands behind another one, and files are the person's for both.
            Assert.NotEqual($"{_hub.UserId}", await talk.Run("print(os.getuid())"));
            Assert.Equal("True", await talk.Run("import random, secrets; print(random.random() != random.Random(0).random())"));
            await talk.Run("open('made.txt', 'w').write('here')");
        }

        Assert.Equal(WithoutTheLibrarys(plain), WithoutTheLibrarys(warm));
        using (JsonDocument seen = JsonDocument.Parse(warm))
        {
            Assert.Equal("/home/ada/lessons", seen.RootElement[0].GetString());
            Assert.Equal("ada", seen.RootElement[2].GetString());
        }
        Assert.Equal($"{_hub.UserId}:{_hub.UserId}", await OwnerOf(Path.Combine(_hub.Home, "lessons", "made.txt")));
        Assert.Equal("class/first notebook.ipynb", kernel.Labels["path"]);
        Assert.Equal(512 << 20, kernel.MemoryLimit);
        Assert.NotEmpty(await spawner.MeasureAsync([kernel], CancellationToken.None));

        await spawner.StopAsync(kernel, TimeSpan.FromSeconds(5), CancellationToken.None);
        await spawner.DisposeAsync();
        await NothingRemains();
        Assert.Equal("here", await File.ReadAllTextAsync(Path.Combine(_hub.Home, "lessons", "made.txt"), CancellationToken.None));
    }

    [Fact]
    public async Task Before_it_is_handed_over_a_container_has_no_home_no_name_no_network_and_no_rights()
    {
        DockerSpawner spawner = Open();
        await Fill(spawner, Python() with { Environment = new Dictionary<string, string> { ["LESSON"] = "one" } }, 1);
        string container = Assert.Single(await _engine.ListAsync($"{SpawnLabels.Hub}={_hub.Site.HubId}", CancellationToken.None)).Id!;
        Assert.Empty(await spawner.ListAsync(CancellationToken.None));
        Assert.Equal(1, spawner.Ready);

        string seen = await Inside(container, """
            import os
            status = dict(line.split(':', 1) for line in open('/proc/1/status'))
            print(os.listdir('/home'), os.listdir('/run/notebook-kernel'), os.listdir('/sys/class/net'), os.environ['HOME'], os.environ.get('USER'), os.environ['LESSON'])
            print(*(status[name].strip() for name in ('CapEff', 'CapPrm', 'CapBnd', 'NoNewPrivs')), os.getuid() >= 1800000000)
            for attempt in (lambda: os.mkdir('/home/x'), lambda: open('/usr/x', 'w'), lambda: os.setuid(0), lambda: os.chown('/home', os.getuid(), -1)):
                try: attempt(); print('done')
                except OSError as e: print(type(e).__name__)
            """);
        Assert.Equal(
            """
            [] ['warm'] ['lo'] /nonexistent None one
            0000000000000000 0000000000000000 0000000000000000 1 True
            OSError
            OSError
            PermissionError
            OSError
            """.Trim(), seen.Trim());
    }

    [Fact]
    public async Task After_it_nothing_of_the_pool_and_of_others_is_reachable()
    {
        DockerSpawner spawner = Open();
        SpawnRequest adas = Python(), bobs = Python() with { UserName = "bob", HomeDirectory = _hub.NewHome("bob", _hub.UserId + 1), UserId = _hub.UserId + 1, GroupId = _hub.UserId + 1 };
        await Fill(spawner, adas, 3);
        SpawnedKernel ada = await StartWarm(spawner, adas), bob = await StartWarm(spawner, bobs);
        Assert.NotEqual(ada.Handle, bob.Handle);
        await using KernelTalk talk = await KernelTalk.With(ada), other = await KernelTalk.With(bob);
        await other.Run("open('/home/bob/secret', 'w').write('bobs')");

        Assert.Equal("['ada']", await talk.Run("import os; print(os.listdir('/home'))"));
        Assert.Equal("['bob']", await other.Run("import os; print(os.listdir('/home'))"));
        Assert.Equal("['connection.json', 'file', 'k-1', 'k-2', 'k-3', 'k-4', 'k-5']",
            await talk.Run("print(sorted(os.listdir('/run/notebook-kernel') + os.listdir('/run/notebook-kernel/file')))"));
        Assert.Equal("0000000000000000 0000000000000000", await talk.Run("s = dict(l.split(':', 1) for l in open('/proc/self/status')); print(s['CapEff'].strip(), s['CapBnd'].strip())"));
        // No mount of another slot, and none of another home.
        string mounts = await talk.Run("print(open('/proc/self/mountinfo').read())");
        Assert.DoesNotContain("/bob", mounts, StringComparison.Ordinal);
        Assert.Equal(1, mounts.Split('\n').Count(mount => mount.Contains("/homes /home ", StringComparison.Ordinal)));
        Assert.Equal("[]", await talk.Run("print([n for n in os.environ if n not in ('PATH', 'HOME') and 'nonexistent' in os.environ[n]])"));
        Assert.Equal("PermissionError OSError OSError PermissionError PermissionError -1", await talk.Run("""
            import ctypes
            said = []
            for attempt in (lambda: os.mkfifo('/run/notebook-kernel/warm'), lambda: os.mkdir('/home/bob'), lambda: os.rename('/home/ada', '/home/eve'), lambda: os.unlink('/run/notebook-kernel/k-1'), lambda: os.setuid(0)):
                try: attempt(); said.append('done')
                except OSError as e: said.append(type(e).__name__)
            print(*said, ctypes.CDLL(None).umount2(b'/home/ada', 2))
            """));
        // Nor does what is mounted for others later come in.
        SpawnedKernel eve = await StartWarm(spawner, Python() with { UserName = "eve", HomeDirectory = _hub.NewHome("eve", _hub.UserId + 2), UserId = _hub.UserId + 2, GroupId = _hub.UserId + 2 });
        Assert.NotEqual(eve.Handle, ada.Handle);
        Assert.Equal("['ada']", await talk.Run("print(os.listdir('/home'))"));
    }

    [Fact]
    public async Task Two_at_the_same_moment_get_two_and_a_third_starts_as_ever()
    {
        DockerSpawner spawner = Open();
        await Fill(spawner, Python(), 2);
        SpawnedKernel[] kernels = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => spawner.StartAsync(Python(), null, CancellationToken.None)));

        Assert.Equal(3, kernels.Select(kernel => kernel.Handle).Distinct().Count());
        Assert.Equal(2, kernels.Count(IsFromPool));
        foreach (SpawnedKernel kernel in kernels)
        {
            await using KernelTalk talk = await KernelTalk.With(kernel);
            Assert.Equal("42", await talk.Run("print(6*7)"));
        }
        Assert.Equal(3, (await spawner.ListAsync(CancellationToken.None)).Count);
    }

    [Fact]
    public async Task What_the_engine_cannot_change_later_starts_as_ever_and_what_it_can_is_changed()
    {
        DockerSpawner spawner = Open();
        await Fill(spawner, Python(), 1);
        Assert.False(IsFromPool(await spawner.StartAsync(Python() with { Limits = new ResourceLimits(MemoryBytes: 512 << 20, OpenFiles: 1000) }, null, CancellationToken.None)));
        Assert.False(IsFromPool(await spawner.StartAsync(Python() with { Environment = new Dictionary<string, string> { ["PYTHONHASHSEED"] = "1" } }, null, CancellationToken.None)));
        Assert.False(IsFromPool(await spawner.StartAsync(Python() with { Limits = new ResourceLimits(MemoryBytes: 512 << 20, Cpus: 1) }, null, CancellationToken.None)));

        SpawnRequest smaller = Python() with { Limits = new ResourceLimits(MemoryBytes: 300 << 20, Processes: 70) };
        SpawnedKernel kernel = await StartWarm(spawner, smaller);
        Assert.Equal(300 << 20, kernel.MemoryLimit);
        JsonElement host = (await _engine.Client.AskAsync<JsonElement>(HttpMethod.Get, $"/containers/{kernel.Handle}/json", null, CancellationToken.None)).GetProperty("HostConfig");
        Assert.Equal(300 << 20, host.GetProperty("Memory").GetInt64());
        Assert.Equal(300 << 20, host.GetProperty("MemorySwap").GetInt64());
        Assert.Equal(70, host.GetProperty("PidsLimit").GetInt64());
        Assert.Equal(1024, host.GetProperty("CpuShares").GetInt64());
        await using KernelTalk talk = await KernelTalk.With(kernel);
        await talk.Begin("x = bytearray(400 << 20)");
        Assert.Equal(KernelExitCause.OutOfMemory, (await Eventually.Comes(spawner.WaitAsync(kernel, CancellationToken.None))).Cause);
    }

    [Fact]
    public async Task A_restarted_hub_finds_what_was_handed_over_and_sweeps_what_was_not()
    {
        DockerSpawner killed = Open();
        SpawnRequest request = Python();
        await Fill(killed, request, 2);
        SpawnedKernel kernel = await StartWarm(killed, request);

        DockerSpawner next = Open();
        SpawnedKernel found = Assert.Single(await next.ListAsync(CancellationToken.None));
        Assert.Equal(kernel.Endpoint, found.Endpoint);
        Assert.Equal((kernel.KernelId, kernel.UserName, kernel.StartedAt, kernel.Labels["path"], kernel.MemoryLimit), (found.KernelId, found.UserName, found.StartedAt, found.Labels["path"], found.MemoryLimit));
        Assert.Single(await _engine.ListAsync($"{SpawnLabels.Hub}={_hub.Site.HubId}", CancellationToken.None));
        await using (KernelTalk talk = await KernelTalk.With(found))
        {
            Task<string> cell = await talk.Begin("import time\ntry:\n    print('in', flush=True)\n    time.sleep(60)\nexcept KeyboardInterrupt: print('stopped')");
            await Eventually.Holds(() => talk.PrintedSoFar.Contains("in", StringComparison.Ordinal));
            await next.InterruptAsync(found, CancellationToken.None);
            Assert.EndsWith("stopped", await Eventually.Comes(cell), StringComparison.Ordinal);
        }
        await Assert.ThrowsAsync<SpawnException>(() => next.StartAsync(request, null, CancellationToken.None));

        // The same id again, as after a restart of the kernel.
        await next.StopAsync(found, TimeSpan.FromSeconds(5), CancellationToken.None);
        SpawnedKernel again = await next.StartAsync(request, null, CancellationToken.None);
        await next.StopAsync(again, TimeSpan.Zero, CancellationToken.None);
        await NothingRemains();
    }

    [Fact]
    public async Task A_hub_killed_between_record_and_hand_over_leaves_nothing()
    {
        DockerSpawner killed = Open();
        SpawnRequest request = Python();
        await File.WriteAllTextAsync(Path.Combine(_hub.Home, "kept.txt"), "kept", CancellationToken.None);
        await Fill(killed, request, 1);
        EngineAnswers.Listed waiting = Assert.Single(await _engine.ListAsync($"{SpawnLabels.Hub}={_hub.Site.HubId}", CancellationToken.None));
        string slot = waiting.Labels![ContainerLabels.Slot];
        ContainerPlan plan = ContainerPlan.For(request, TestEngine.Options, _hub.Site, request.Image!, null, (_hub.UserId!.Value, _hub.UserId.Value), TimeProvider.System.GetUtcNow());
        WarmPlaces places = new(_hub.Site);
        places.Write(request.KernelId, new WarmRecord(slot, waiting.Id!, ContainerLabels.InSlot(plan.Body.Labels, slot, places.NameOf(slot), 1_900_000_000)));
        await places.MountAsync(slot, "ada", _hub.Home, (_hub.UserId.Value, _hub.UserId.Value), 1_900_000_000, CancellationToken.None);
        await _engine.RenameAsync(waiting.Id!, plan.Name, CancellationToken.None);
        Assert.Equal("['ada']", (await Inside(waiting.Id!, "import os; print(os.listdir('/home'))")).Trim());

        Assert.Empty(await Open().ListAsync(CancellationToken.None));

        await NothingRemains();
        Assert.Equal("kept", await File.ReadAllTextAsync(Path.Combine(_hub.Home, "kept.txt"), CancellationToken.None));
    }

    [Fact]
    public async Task A_hub_killed_while_it_made_one_leaves_nothing()
    {
        WarmPlaces places = new(_hub.Site);
        Dictionary<string, string> labels = new() { [SpawnLabels.Hub] = _hub.Site.HubId, [ContainerLabels.Slot] = "0000000000b" };
        // One before its volume was made, one before its container, and one of which the container was removed behind the hub's back.
        places.Make("0000000000a");
        places.Make("0000000000b");
        await _engine.CreateVolumeAsync(ContainerPlan.VolumeFor(places.NameOf("0000000000b"), labels, (1_900_000_000, 1_900_000_000)), CancellationToken.None);
        places.Make("0000000000c");
        places.Write("gone", new WarmRecord("0000000000c", "no such container", labels));
        Assert.Equal(3 + 1 + 4, (await Remains()).Count);

        Assert.Empty(await Open().ListAsync(CancellationToken.None));

        await NothingRemains();
    }

    [Fact]
    public async Task A_hand_over_that_is_cancelled_leaves_nothing()
    {
        DockerSpawner spawner = Open();
        await Fill(spawner, Python(), 1);
        using CancellationTokenSource gone = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => spawner.StartAsync(Python(), new Cancels(gone, 90), gone.Token));

        await NothingRemains();
        Assert.Equal(0, spawner.Ready);
    }

    [Fact]
    public async Task A_hand_over_that_fails_starts_as_ever()
    {
        DockerSpawner spawner = Open();
        await Fill(spawner, Python(), 1);
        // Somebody was there first: the home cannot be mounted.
        string slot = Assert.Single(new WarmPlaces(_hub.Site).Known());
        Directory.CreateDirectory(Path.Combine(new WarmPlaces(_hub.Site).HomesOf(slot), "ada"));
        SpawnedKernel kernel = await spawner.StartAsync(Python(), null, CancellationToken.None);
        Assert.False(IsFromPool(kernel));
        await using (KernelTalk talk = await KernelTalk.With(kernel)) Assert.Equal("42", await talk.Run("print(6*7)"));
        Assert.Empty(new WarmPlaces(_hub.Site).Known());
    }

    [Fact]
    public async Task What_dies_while_it_waits_is_replaced_and_handed_to_nobody()
    {
        DockerSpawner spawner = Open();
        await Fill(spawner, Python(), 1);
        string container = Assert.Single(await _engine.ListAsync($"{SpawnLabels.Hub}={_hub.Site.HubId}", CancellationToken.None)).Id!;
        await _engine.KillAsync(container, "SIGKILL", CancellationToken.None);
        WarmEnvironment wanted = new(Template(Python()), 1);
        await Eventually.Holds(() => spawner.TendAsync([wanted], CancellationToken.None));
        await Fill(spawner, Python(), 1);
        await StartWarm(spawner, Python());

        // Nothing wanted any more: what is ready goes.
        await Fill(spawner, Python(), 1);
        Assert.True(await spawner.TendAsync([wanted with { Count = 0 }], CancellationToken.None));
        Assert.Equal(0, spawner.Ready);
        Assert.False(await spawner.TendAsync([], CancellationToken.None));
        Assert.Single(await _engine.ListAsync($"{SpawnLabels.Hub}={_hub.Site.HubId}", CancellationToken.None));
    }

    [Fact]
    public async Task An_image_that_cannot_be_warmed_is_left_alone_for_a_while()
    {
        DockerSpawner spawner = Open();
        SpawnRequest broken = Python() with { Command = ["python-of-nobody", "-m", "ipykernel_launcher", "-f", "{connection_file}"] };
        Assert.True(await spawner.TendAsync([new WarmEnvironment(Template(broken), 1)], CancellationToken.None));
        Assert.False(await spawner.TendAsync([new WarmEnvironment(Template(broken), 1)], CancellationToken.None));
        SpawnRequest shell = Python() with { Command = ["/bin/sh", "-c", "sleep 1"] };
        Assert.False(await spawner.TendAsync([new WarmEnvironment(Template(shell), 1)], CancellationToken.None));
        await NothingRemains();
    }

    [Theory]
    [InlineData("mine.py", "word = 'mine'", "import mine; print(mine.word)", "mine")]
    [InlineData("usercustomize.py", "import builtins; builtins.custom = 'yes'", "print(custom)", "yes")]
    [InlineData("traitlets_own.pth", "import builtins; builtins.custom = 'from a path file'", "print(custom)", "from a path file")]
    public async Task Packages_of_the_persons_own_count_as_in_a_plain_start(string file, string content, string code, string printed)
    {
        DockerSpawner spawner = Open();
        await Fill(spawner, Python(), 1);
        string version = (await Inside(Assert.Single(await _engine.ListAsync($"{SpawnLabels.Hub}={_hub.Site.HubId}", CancellationToken.None)).Id!, "import sys; print('%d.%d' % sys.version_info[:2])")).Trim();
        string packages = Directory.CreateDirectory(Path.Combine(_hub.Home, ".local", "lib", $"python{version}", "site-packages")).FullName;
        await File.WriteAllTextAsync(Path.Combine(packages, file), content + "\n", CancellationToken.None);

        SpawnedKernel kernel = await StartWarm(spawner, Python());
        await using KernelTalk talk = await KernelTalk.With(kernel);
        Assert.Equal(printed, await talk.Run(code));
    }

    [Fact]
    public async Task This_machine_can_and_what_cannot_says_why()
    {
        string homes = Path.Combine(_hub.Root, "homes");
        Assert.Null(await WarmNeeds.ProblemAsync(TestEngine.Options, _hub.Site, homes, CancellationToken.None));
        Assert.Contains("Docker:Network", await WarmNeeds.ProblemAsync(TestEngine.Options with { Network = "bridge" }, _hub.Site, homes, CancellationToken.None), StringComparison.Ordinal);
        Assert.Contains("Docker:Channels", await WarmNeeds.ProblemAsync(TestEngine.Options with { Channels = "directory" }, _hub.Site, homes, CancellationToken.None), StringComparison.Ordinal);
        // A file system that knows no other owners, and one that takes no directory.
        string layered = Directory.CreateDirectory(Path.Combine(_hub.Root, "layered")).FullName;
        foreach (string name in new[] { "low", "up", "work", "all" }) Directory.CreateDirectory(Path.Combine(layered, name));
        Assert.Equal(0, await RunAsync("mount", "-t", "overlay", "overlay", "-o", $"lowerdir={layered}/low,upperdir={layered}/up,workdir={layered}/work", $"{layered}/all"));
        try
        {
            Assert.Contains("id-mapped", await WarmNeeds.ProblemAsync(TestEngine.Options, _hub.Site, $"{layered}/all", CancellationToken.None), StringComparison.Ordinal);
        }
        finally
        {
            Assert.Equal(0, await RunAsync("umount", $"{layered}/all"));
        }
        Assert.NotNull(await WarmNeeds.ProblemAsync(TestEngine.Options, _hub.Site, "/proc", CancellationToken.None));
        Assert.Equal(["ada"], Directory.EnumerateFileSystemEntries(homes).Select(Path.GetFileName));
        await NothingRemains();
    }
}
