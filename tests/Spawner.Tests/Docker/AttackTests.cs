using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Spawner.Docker;
using Testing;
using Xunit;

namespace Spawner.Tests.Docker;

/// <summary>
/// Attacks from inside a kernel's container, as its user and with code execution, beside a neighbour who must not notice. Bounded in count and time; each
/// name says what contains it, and docs/explanation/isolation.md lists them.
/// </summary>
public sealed class AttackTests : IAsyncLifetime
{
    private readonly HubDirectory _hub = new();
    private readonly DockerSpawner _spawner;
    private SpawnedKernel _attacker = null!, _neighbour = null!;
    private KernelTalk _attack = null!, _beside = null!;

    public AttackTests() => _spawner = TestEngine.Open(_hub.Site, TestEngine.Options);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _spawner.EnsureAsync(OwnEngine.Image, null, Cancelled);
        _attacker = await _spawner.StartAsync(Python("mallory"), null, Cancelled);
        _neighbour = await _spawner.StartAsync(Python("ada"), null, Cancelled);
        _attack = await KernelTalk.With(_attacker);
        _beside = await KernelTalk.With(_neighbour);
        Assert.Equal("", await _beside.Run("secret = 'kept'"));
    }

    public async ValueTask DisposeAsync()
    {
        if (_attack is not null) await _attack.DisposeAsync();
        if (_beside is not null) await _beside.DisposeAsync();
        foreach (SpawnedKernel kernel in await _spawner.ListAsync(CancellationToken.None)) await _spawner.StopAsync(kernel, TimeSpan.Zero, CancellationToken.None);
        await _spawner.DisposeAsync();
        _hub.Dispose();
    }

    [Fact]
    public async Task Another_kernels_channels_are_on_no_path_in_no_namespace_and_on_no_network()
    {
        Assert.Equal("k-1 k-2 k-3 k-4 k-5", await _attack.Run("""
            import glob, os, socket, stat
            found = set()
            for place, folders, files in os.walk('/', onerror=lambda e: None):
                if place.startswith(('/proc', '/sys')): folders.clear(); continue
                for name in files:
                    try:
                        if stat.S_ISSOCK(os.lstat(os.path.join(place, name)).st_mode): found.add(name)
                    except OSError: pass
            listening = {line.split()[-1].rsplit('/', 1)[-1] for line in open('/proc/net/unix').read().splitlines()[1:] if len(line.split()) > 7}
            print(*sorted(found | {name for name in listening if name.startswith('k-')}))
            """));
        // Which of the two depends on whose directory the machine's path would be in the image.
        Assert.Contains(await _attack.Run($$"""
            s = socket.socket(socket.AF_UNIX)
            try: s.connect('{{_neighbour.Endpoint.Ip}}-1')
            except OSError as e: print(type(e).__name__)
            """), new[] { "FileNotFoundError", "PermissionError" });

        // A socket in the machine's abstract namespace, which has no permissions: only the network namespace keeps it away.
        string name = "nbh-test-" + Guid.NewGuid().ToString("N");
        using Socket open = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        open.Bind(new UnixDomainSocketEndPoint("\0" + name));
        open.Listen();
        Assert.Equal("ConnectionRefusedError []", await _attack.Run($$"""
            s = socket.socket(socket.AF_UNIX)
            try: s.connect('\0{{name}}')
            except OSError as e: print(type(e).__name__, [line for line in open('/proc/net/unix') if '@nbh-test' in line])
            """));
        await NeighbourNoticesNothing();
    }

    [Fact]
    public async Task Neither_the_hub_nor_the_metadata_address_nor_the_machine_nor_the_internet_has_a_route()
    {
        // Plays the hub, and whatever else listens on the machine for everybody.
        using TcpListener hub = new(IPAddress.Any, 0);
        hub.Start();
        int port = ((IPEndPoint)hub.LocalEndpoint).Port;
        string[] addresses = [$"127.0.0.1:{port}", "169.254.169.254:80", "10.0.0.1:80", "172.17.0.1:80", "192.0.2.1:443"];
        string tried = await _attack.Run($$"""
            import errno, os, socket
            for target in '{{string.Join(' ', addresses)}}'.split():
                host, port = target.split(':')
                s = socket.socket(); s.settimeout(3)
                try: s.connect((host, int(port))); print('reached', target)
                except OSError as e: print(errno.errorcode.get(e.errno, type(e).__name__))
            """);
        Assert.Equal(["ECONNREFUSED", "ENETUNREACH", "ENETUNREACH", "ENETUNREACH", "ENETUNREACH"], tried.Split('\n', StringSplitOptions.TrimEntries));
        Assert.False(hub.Pending());
        Assert.Equal("PermissionError PermissionError", await _attack.Run("""
            for kind, number in ((socket.SOCK_RAW, socket.IPPROTO_ICMP), (socket.SOCK_RAW, socket.IPPROTO_RAW)):
                try: socket.socket(socket.AF_INET, kind, number); print('raw', end=' ')
                except OSError as e: print(type(e).__name__, end=' ')
            """));
        Assert.Equal("[]", await _attack.Run("print([n for n in os.environ if 'TOKEN' in n.upper() or 'HUB' in n.upper() or 'JUPYTERHUB' in n.upper()])"));
    }

    [Fact]
    public async Task The_engines_socket_the_machines_files_and_other_homes_are_not_there()
    {
        await File.WriteAllTextAsync(Path.Combine(_hub.Root, "secret-of-the-machine"), "machine", Cancelled);
        string[] paths = [TestEngine.SocketPath, "/var/run/docker.sock", "/run/docker.sock", _hub.Root, Path.Combine(_hub.Root, "secret-of-the-machine"), "/home/ada", _hub.Home, "/home/mallory/../ada", "/proc/1/root" + _hub.Root];
        Assert.Equal("[]", await _attack.Run($"import os; print([p for p in '{string.Join(' ', paths)}'.split() if os.path.exists(p)])"));
        Assert.Equal("['mallory']", await _attack.Run("print([name for name in os.listdir('/home') if os.path.ismount('/home/' + name)])"));
        // A link that leads out leads to the container's own files.
        Assert.Equal("False", await _attack.Run($"os.symlink('{_hub.Root}', '/home/mallory/out'); print(os.path.exists('/home/mallory/out/secret-of-the-machine'))"));
        Assert.Equal("PermissionError PermissionError OSError PermissionError PermissionError PermissionError PermissionError", await _attack.Run("""
            import ctypes, stat
            def tried(act):
                try: act(); return 'done'
                except OSError as e: return type(e).__name__
            libc = ctypes.CDLL(None, use_errno=True)
            def call(name, *arguments):
                if getattr(libc, name)(*arguments) != 0: raise PermissionError(ctypes.get_errno(), name) if ctypes.get_errno() in (1, 13) else OSError(ctypes.get_errno(), name)
            print(tried(lambda: open('/etc/shadow').read()),
                  tried(lambda: os.mknod('/tmp/disk', stat.S_IFBLK | 0o600, os.makedev(254, 0))),
                  tried(lambda: open('/proc/sys/kernel/core_pattern', 'w')),
                  tried(lambda: call('mount', b'none', b'/tmp', b'tmpfs', 0, None)),
                  tried(lambda: call('unshare', 0x10000000)),
                  tried(lambda: os.setuid(0)),
                  tried(lambda: os.chroot('/tmp')))
            """));
        await NeighbourNoticesNothing();
    }

    [Fact]
    public async Task A_fork_bomb_ends_at_the_limit_on_processes()
    {
        // Each child forks on until there is no more room, as the bomb does; bounded by the container and by time.
        string said = await _attack.Run("""
            import os, signal, time
            until = time.time() + 8
            refused = 0
            if os.fork() == 0:
                while time.time() < until:
                    try: os.fork()
                    except BlockingIOError: time.sleep(0.02)
                os._exit(0)
            time.sleep(2)
            try:
                for _ in range(100):
                    if os.fork() == 0: time.sleep(8); os._exit(0)
            except BlockingIOError: refused = 1
            print('refused', refused, 'processes', len([p for p in os.listdir('/proc') if p.isdigit()]) <= 64)
            """);
        await NeighbourNoticesNothing();
        Assert.Equal("refused 1 processes True", said);
        Assert.Equal("42", await _attack.Run("print(6*7)"));
        Assert.Null(await _spawner.PollAsync(_attacker, Cancelled));
    }

    [Fact]
    public async Task A_memory_bomb_ends_the_kernel_alone_with_that_reason()
    {
        Task<KernelExit> waiting = _spawner.WaitAsync(_attacker, Cancelled);
        await _attack.Begin("held = []\nwhile True: held.append(bytearray(8 << 20))");
        KernelExit exit = await Eventually.Comes(waiting);
        Assert.Equal(KernelExitCause.OutOfMemory, exit.Cause);
        await NeighbourNoticesNothing();
    }

    [Fact]
    public async Task Millions_of_files_end_at_the_limit_on_files_of_tmp_shared_memory_and_the_channels()
    {
        string said = await _attack.Run("""
            import os
            def fill(place, most):
                for n in range(most):
                    try: os.close(os.open(f'{place}/f{n}', os.O_CREAT | os.O_WRONLY))
                    except OSError as e: return f'{type(e).__name__} {e.errno} after {n}'
                return 'never'
            print(fill('/tmp', 10_000_000))
            print(fill('/dev/shm', 10_000_000))
            print(fill('/run/notebook-kernel/file', 10_000_000))
            print(fill('/var/tmp', 10), fill('/run/notebook-kernel', 10), fill('/', 10), sep='; ')
            """);
        string[] lines = said.Split('\n', StringSplitOptions.TrimEntries);
        foreach ((string line, int most) in lines.Take(3).Zip([100_000, 100_000, 64]))
        {
            Assert.StartsWith("OSError 28 after ", line, StringComparison.Ordinal);
            Assert.InRange(int.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture), 1, most);
        }
        Assert.Equal("OSError 30 after 0; PermissionError 13 after 0; OSError 30 after 0", lines[3]);
        await NeighbourNoticesNothing();
        Assert.Equal("42", await _attack.Run("print(6*7)"));
    }

    [Fact]
    public async Task A_full_tmp_and_a_full_shared_memory_are_the_kernels_own_matter()
    {
        Assert.Equal("[('/tmp', 28, 64), ('/dev/shm', 28, 64)]", await _attack.Run("""
            import os
            said = []
            for place in ('/tmp', '/dev/shm'):
                written = 0
                try:
                    with open(place + '/full', 'wb', buffering=0) as file:
                        while written < 1 << 30: written += file.write(b'x' * (1 << 20))
                except OSError as e: said.append((place, e.errno, written >> 20))
                os.remove(place + '/full')
            print(said)
            """));
        await NeighbourNoticesNothing();
    }

    [Fact]
    public async Task A_flood_of_the_kernels_log_fills_no_disk()
    {
        SpawnedKernel loud = await _spawner.StartAsync(Python("mallory") with
        {
            KernelSpecName = "loud",
            Command = ["/bin/sh", "-c", "(i=0; while [ $i -lt 40 ]; do head -c 1048576 /dev/zero | tr '\\0' 'x' | fold -w 200; i=$((i+1)); done; echo over) & exec /usr/bin/python3 -m ipykernel_launcher -f {connection_file}"],
        }, null, Cancelled);
        await Eventually.Holds(async () => (await _spawner.ReadLogTailAsync(loud, 4000, Cancelled)).Contains("over", StringComparison.Ordinal));
        using EngineClient engine = TestEngine.Client(TestEngine.SocketPath);
        using HttpResponseMessage log = await engine.OpenAsync(HttpMethod.Get, $"/containers/{loud.Handle}/logs?stdout=1&stderr=1", () => null, TimeSpan.FromSeconds(30), Cancelled);
        Assert.InRange((await log.Content.ReadAsByteArrayAsync(Cancelled)).Length, 100_000, (int)TestEngine.Options.LogBytes + (64 << 10));
        await NeighbourNoticesNothing();
    }

    [Fact]
    public async Task PID_1_cannot_be_killed_and_ends_the_kernel_by_name_when_it_is_asked_to()
    {
        Assert.Equal("42", await _attack.Run("import os, time; os.kill(1, 9); time.sleep(0.3); print(6*7)"));
        Assert.Null(await _spawner.PollAsync(_attacker, Cancelled));
        Task<KernelExit> waiting = _spawner.WaitAsync(_attacker, Cancelled);
        await _attack.Begin("os.kill(1, 15)");
        KernelExit exit = await Eventually.Comes(waiting);
        Assert.Equal((KernelExitCause.Signalled, 15), (exit.Cause, exit.Signal));
        await NeighbourNoticesNothing();
    }

    [Theory]
    [InlineData("os.mkfifo(name)")]
    [InlineData("open(name, 'w').close()")]
    [InlineData("os.mkdir(name)")]
    [InlineData("os.symlink('/run/docker.sock', name)")]
    public async Task What_lies_in_place_of_the_sockets_is_not_opened_and_the_start_fails_in_time(string made)
    {
        await using DockerSpawner impatient = TestEngine.Open(_hub.Site, TestEngine.Options with { StartTimeoutSeconds = 2 });
        SpawnException failure = await Assert.ThrowsAsync<SpawnException>(() => impatient.StartAsync(Python("mallory") with
        {
            KernelSpecName = "swapped",
            Command = ["/usr/bin/python3", "-c", $"import os, time\nfor i in range(1, 6):\n  name = '/run/notebook-kernel/k-%d' % i\n  {made}\ntime.sleep(100)"],
        }, null, Cancelled));
        Assert.Equal(SpawnFailure.Timeout, failure.Failure);
        await NeighbourNoticesNothing();
    }

    [Fact]
    public async Task Ten_thousand_connections_to_its_own_sockets_end_at_the_limit_on_open_files()
    {
        // From a child with a limit of its own; the kernel, which has to accept them, may well be the one who suffers.
        string said = Path.Combine(_hub.Root, "homes", "mallory", "said");
        _ = await _attack.Begin("""
            import os, socket, time
            if os.fork() == 0:
                held, refused = [], 0
                for n in range(10_000):
                    try:
                        s = socket.socket(socket.AF_UNIX); s.setblocking(False); s.connect(f'/run/notebook-kernel/k-{n % 5 + 1}'); held.append(s)
                    except OSError: refused += 1
                total = len(held)
                for _ in range(min(10, total)): held.pop().close()
                with open(os.environ['HOME'] + '/writing', 'w') as file: file.write(f'{total} {refused}')
                os.rename(os.environ['HOME'] + '/writing', os.environ['HOME'] + '/said')
                time.sleep(20)
                os._exit(0)
            """);
        await Eventually.Holds(() => File.Exists(said));
        int[] counts = [.. (await File.ReadAllTextAsync(said, Cancelled)).Split(' ').Select(word => int.Parse(word, CultureInfo.InvariantCulture))];
        Assert.InRange(counts[0], 0, (int)TestEngine.Options.OpenFiles);
        Assert.Equal(10_000, counts.Sum());
        for (int i = 0; i < 5; i++) await NeighbourNoticesNothing();
        Task<KernelExit> waiting = _spawner.WaitAsync(_attacker, Cancelled);
        await _spawner.StopAsync(_attacker, TimeSpan.Zero, Cancelled);
        Assert.Equal(KernelExitCause.Stopped, (await Eventually.Comes(waiting)).Cause);
    }

    [Fact]
    public async Task A_flood_of_output_is_one_kernels_own()
    {
        Task<string> flood = await _attack.Begin("for _ in range(30_000): print('x' * 300)");
        for (int i = 0; i < 20; i++) await NeighbourNoticesNothing();
        await Eventually.Comes(flood);
    }

    /// <summary>The neighbour still answers, with what it held.</summary>
    private async Task NeighbourNoticesNothing()
    {
        Assert.Equal("kept", await _beside.Run("print(secret)"));
        Assert.True(await _beside.Ping());
    }

    private SpawnRequest Python(string user) => new()
    {
        KernelId = Guid.NewGuid().ToString(),
        UserName = user,
        KernelSpecName = "python3",
        Command = ["/usr/bin/python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        HomeDirectory = user == "ada" ? _hub.Home : _hub.NewHome(user, _hub.UserId + 1),
        UserId = user == "ada" ? _hub.UserId : _hub.UserId + 1,
        GroupId = user == "ada" ? _hub.UserId : _hub.UserId + 1,
        Key = Guid.NewGuid().ToString(),
        Image = OwnEngine.Image,
        Limits = new ResourceLimits(MemoryBytes: 256 << 20, Processes: 64),
    };
}
