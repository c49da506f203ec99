using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Spawner.Docker;
using Spawner.Docker.Internet;
using Testing;
using Xunit;

namespace Spawner.Tests.Docker.Internet;

/// <summary>
/// The network <c>internet</c> on a real engine with real rules, in networks made by the test: attacks from inside a kernel's container on everything that is not the
/// internet, played by stand-ins that count who got through. Nothing leaves the test's networks; every attempt is one, and bounded to five seconds.
/// </summary>
public sealed class InternetTests(BridgedEngine engine) : IClassFixture<BridgedEngine>, IAsyncLifetime
{
    /// <summary>
    /// Defines <c>tcp</c> and <c>udp</c>: one attempt each, and what came of it. What is said of refused datagrams comes about once in a second
    /// (<c>net.ipv4.icmp_ratelimit</c>), so the others end in silence.
    /// </summary>
    private const string Attempts = """
        import errno, os, socket, time
        def tried(kind, host, port=80, family=socket.AF_INET):
            begun = time.monotonic()
            s = socket.socket(family, kind); s.settimeout(5 if kind == socket.SOCK_STREAM else 1)
            try:
                s.connect((host, port))
                if kind == socket.SOCK_DGRAM: s.send(b'x')
                said = s.recv(100).decode() or 'silence'
            except TimeoutError: said = 'TIMEOUT'
            except OSError as e: said = errno.errorcode.get(e.errno, type(e).__name__)
            if kind == socket.SOCK_DGRAM and said == 'TIMEOUT': said = 'EHOSTUNREACH'
            return said if kind == socket.SOCK_DGRAM or time.monotonic() - begun < 1 else said + ' late'
        def tcp(host, port=80): return tried(socket.SOCK_STREAM, host, port)
        def udp(host, port=80): return tried(socket.SOCK_DGRAM, host, port)
        """;

    private readonly HubDirectory _hub = new();
    private readonly List<DockerSpawner> _opened = [];
    private readonly List<KernelTalk> _talks = [];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private InternetNames Names => InternetNames.For(_hub.Site);

    private static IEnumerable<string> Machine => [OwnNetworks.MachinesPrivate, OwnNetworks.MachinesPublic];

    public ValueTask InitializeAsync()
    {
        OwnEngine.Needed();
        engine.World.Forget();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (KernelTalk talk in _talks) await talk.DisposeAsync();
        if (Environment.IsPrivilegedProcess)
        {
            DockerSpawner last = Open();
            foreach (SpawnedKernel kernel in await last.ListAsync(CancellationToken.None)) await last.StopAsync(kernel, TimeSpan.Zero, CancellationToken.None);
            await ((IInternetNetwork)last).RemoveAsync(CancellationToken.None);
            await engine.Calls.RemoveNetworkAsync("plain", CancellationToken.None);
        }
        foreach (DockerSpawner opened in _opened) await opened.DisposeAsync();
        _hub.Dispose();
    }

    [Fact]
    public async Task Public_addresses_answer_and_nothing_private_no_metadata_and_no_address_of_the_machine()
    {
        KernelTalk attack = await StartAsync(Open(), "mallory");

        Assert.Equal(Answers([OwnNetworks.Public, OwnNetworks.AlsoPublic], host => host), await TriedAsync(attack, [OwnNetworks.Public, OwnNetworks.AlsoPublic]));
        engine.World.Forget();
        string gateway = await attack.Run("print(next('.'.join(str(b) for b in bytes.fromhex(line.split()[2])[::-1]) for line in open('/proc/net/route') if line.split()[1] == '00000000'))");
        string[] refused = [.. OwnNetworks.Refused, .. Machine, gateway];
        Assert.Equal(Answers(refused, _ => "ECONNREFUSED", _ => "EHOSTUNREACH"), await TriedAsync(attack, refused));
        Assert.All(OwnNetworks.Refused.Append("machine"), address => Assert.Equal(0, engine.World.Reached(address)));
        // To many at once nobody answers, and the system itself refuses some of these.
        Assert.Equal("False False False False", await attack.Run("print(*(udp(a) in ('machine', 'world') for a in ('224.0.0.1', '255.255.255.255', '0.0.0.0', '239.255.255.250')))"));
        Assert.Equal(0, engine.World.Reached("machine"));
    }

    [Fact]
    public async Task The_same_attacks_get_through_on_a_bridge_without_these_rules()
    {
        KernelTalk attack = await StartAsync(Open(), "mallory", await PlainAsync());

        string[] all = [OwnNetworks.Public, .. OwnNetworks.Refused.Except(["240.0.0.1"])];
        Assert.Equal(Answers(all, host => host), await TriedAsync(attack, all));
        Assert.Equal(Answers(Machine, _ => "machine"), await TriedAsync(attack, Machine));
    }

    [Fact]
    public async Task Kernels_on_it_reach_neither_each_other_nor_a_container_elsewhere_nor_are_they_reached()
    {
        DockerSpawner spawner = Open();
        KernelTalk attack = await StartAsync(spawner, "mallory"), beside = await StartAsync(spawner, "ada"), elsewhere = await StartAsync(spawner, "eve", await PlainAsync());
        string its = await ListenAsync(beside), other = await ListenAsync(elsewhere), own = await ListenAsync(attack);

        // Not even asked for by ARP, which takes a while to give up.
        Assert.Equal("EHOSTUNREACH late EHOSTUNREACH", await attack.Run($"print(tcp('{its}', 8001), udp('{its}', 8001))"));
        Assert.Equal("ECONNREFUSED EHOSTUNREACH", await attack.Run($"print(tcp('{other}', 8001), udp('{other}', 8001))"));
        Assert.DoesNotContain("heard", await elsewhere.Run($"print(tcp('{own}', 8001), udp('{own}', 8001))"), StringComparison.Ordinal);
        await ShoutAsync(attack, own);
        foreach (KernelTalk talk in new[] { beside, elsewhere })
        {
            Assert.Equal("heard heard", await talk.Run("print(tcp('127.0.0.1', 8001), udp('127.0.0.1', 8001))"));
            Assert.Equal("['127.0.0.1', '127.0.0.1']", await talk.Run("print(came)"));
        }
        // No second protocol beside it.
        Assert.Equal("[]", await attack.Run("print([line for line in open('/proc/net/if_inet6') if line.split()[-1] != 'lo'] if os.path.exists('/proc/net/if_inet6') else [])"));
    }

    [Fact]
    public async Task Kernels_on_a_bridge_without_these_rules_hear_each_other()
    {
        DockerSpawner spawner = Open();
        string plain = await PlainAsync();
        KernelTalk attack = await StartAsync(spawner, "mallory", plain), beside = await StartAsync(spawner, "ada", plain);
        string its = await ListenAsync(beside), own = await ListenAsync(attack);
        Assert.Equal("heard heard", await attack.Run($"print(tcp('{its}', 8001), udp('{its}', 8001))"));
        await ShoutAsync(attack, own);
        await Eventually.Holds(async () => await beside.Run("print(len(came))") is "4");
    }

    [Fact]
    public async Task Names_are_found_by_the_machines_own_servers_and_those_answer_nothing_else()
    {
        KernelTalk usual = await StartAsync(Open(), "ada");
        Assert.Equal(OwnNetworks.Public, await usual.Run("print(socket.gethostbyname('files.example.org'))"));
        Assert.Equal(1, OwnNetworks.UsualResolvers.Count(address => engine.World.Reached($"names {address}") > 0));

        KernelTalk told = await StartAsync(Open(new InternetOptions { Resolvers = [OwnNetworks.Names] }), "mallory");
        Assert.Equal(OwnNetworks.Public, await told.Run("print(socket.gethostbyname('other.example.org'))"));
        Assert.NotEqual(0, engine.World.Reached("names " + OwnNetworks.Names));
        Assert.Equal("ECONNREFUSED EHOSTUNREACH", await told.Run($"print(tcp('{OwnNetworks.Names}'), udp('{OwnNetworks.Names}'))"));
        Assert.Equal("EHOSTUNREACH", await told.Run($"print(udp('{OwnNetworks.Neighbour}', 53))"));
    }

    [Fact]
    public async Task What_is_allowed_answers_and_what_is_refused_beside_the_rest_does_not_even_on_a_connection_that_is_open()
    {
        KernelTalk attack = await StartAsync(Open(), "mallory");
        Assert.Equal(OwnNetworks.AlsoPublic, await attack.Run($"open_one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); open_one.settimeout(3); open_one.connect(('{OwnNetworks.AlsoPublic}', 80)); open_one.send(b'x'); print(open_one.recv(100).decode())"));

        IInternetNetwork changed = Open(new InternetOptions { Allow = ["10.99.0.0/16", OwnNetworks.MachinesPrivate], Refuse = [OwnNetworks.AlsoPublic, "10.99.1.0/24"] });
        Assert.Null(await changed.EnsureAsync(Cancelled));
        Assert.Equal(Answers(["10.99.0.1", OwnNetworks.Public], host => host), await TriedAsync(attack, ["10.99.0.1", OwnNetworks.Public]));
        string[] refused = [OwnNetworks.AlsoPublic, OwnNetworks.Neighbour, OwnNetworks.MachinesPrivate, "10.99.1.1"];
        Assert.Equal(Answers(refused, _ => "ECONNREFUSED", _ => "EHOSTUNREACH"), await TriedAsync(attack, refused));
        Assert.Equal("OSError", await attack.Run("open_one.send(b'x'); open_one.recv(100)"));
    }

    [Fact]
    public async Task An_address_of_the_machine_that_leads_to_another_container_is_refused_too()
    {
        await OwnNetworks.RunAsync(engine.Networks.Machine, "nft", "add table ip elses; add chain ip elses to { type nat hook prerouting priority -150; }; "
            + $"add rule ip elses to ip daddr {OwnNetworks.MachinesPublic} tcp dport 81 dnat to {OwnNetworks.Neighbour}:80; add rule ip elses to ip daddr 169.254.169.254 tcp dport 81 dnat to {OwnNetworks.Public}:80");
        try
        {
            string both = $"print(tcp('{OwnNetworks.MachinesPublic}', 81), tcp('169.254.169.254', 81))";
            KernelTalk open = await StartAsync(Open(), "ada", await PlainAsync());
            Assert.Equal($"{OwnNetworks.Neighbour} {OwnNetworks.Public}", await open.Run(both));
            engine.World.Forget();

            // Refused in silence: the refusal comes from where the translation leads, which the kernel has not asked.
            KernelTalk attack = await StartAsync(Open(), "mallory");
            Assert.Equal("TIMEOUT late TIMEOUT late", await attack.Run(both));
            Assert.Equal((0, 0), (engine.World.Reached(OwnNetworks.Neighbour), engine.World.Reached(OwnNetworks.Public)));
        }
        finally
        {
            await OwnNetworks.RunAsync(engine.Networks.Machine, "nft", "delete table ip elses");
        }
    }

    [Theory]
    [InlineData("delete table inet {0}")]
    [InlineData("delete table bridge {0}")]
    [InlineData("flush chain inet {0} from_kernel")]
    [InlineData("flush ruleset")]
    [InlineData("insert rule inet {0} from_kernel accept")]
    public async Task Rules_somebody_takes_away_are_back_before_the_next_kernel_is_there_and_at_the_next_look(string taken)
    {
        DockerSpawner spawner = Open();
        KernelTalk first = await StartAsync(spawner, "ada");
        string before = await ListAsync();
        await TakeAsync();
        Assert.Null(await ((IInternetNetwork)spawner).TendAsync(wanted: true, Cancelled));
        Assert.Equal(before, await ListAsync());

        await TakeAsync();
        KernelTalk second = await StartAsync(spawner, "mallory");
        Assert.Equal(before, await ListAsync());
        Assert.Equal("ECONNREFUSED", await second.Run("print(tcp('169.254.169.254'))"));
        Assert.Equal("ECONNREFUSED", await first.Run("print(tcp('169.254.169.254'))"));
        // The engine's own were among them, and it sets those when it starts.
        if (taken == "flush ruleset") await engine.StartAsync(liveRestore: true);

        async Task<string> ListAsync() => string.Concat(await Task.WhenAll(InternetRules.List(Names).Select(table => OwnNetworks.RunAsync(engine.Networks.Machine, "nft", table.Trim()))));
        Task TakeAsync() => OwnNetworks.RunAsync(engine.Networks.Machine, "nft", string.Format(System.Globalization.CultureInfo.InvariantCulture, taken, Names.Table));
    }

    [Fact]
    public async Task Without_the_right_to_set_rules_nothing_is_made_or_started_and_the_reason_is_said()
    {
        HostNetwork may = engine.Networks.Seen();
        DockerSpawner unable = Open(host: may with { Enter = [.. may.Enter, "setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin"] });
        SpawnException refused = await Assert.ThrowsAsync<SpawnException>(() => unable.StartAsync(Kernel("ada", "internet"), null, Cancelled));

        Assert.Equal(SpawnFailure.InvalidRequest, refused.Failure);
        Assert.Contains("Operation not permitted", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Tell the administrator", refused.UserMessage, StringComparison.Ordinal);
        Assert.Contains("rules that keep it from everything private cannot be set", await unable.FindNeedAsync(Cancelled), StringComparison.Ordinal);
        Assert.Null(await engine.Calls.FindNetworkAsync(Names.Network, Cancelled));
        Assert.Empty(await engine.Calls.ListAsync($"{SpawnLabels.Hub}={_hub.Site.HubId}", Cancelled));

        // The same when they were there once: kernels that run go on, and no other comes.
        _ = await StartAsync(Open(), "ada");
        await OwnNetworks.RunAsync(engine.Networks.Machine, "nft", "delete table inet " + Names.Table);
        await Assert.ThrowsAsync<SpawnException>(() => unable.StartAsync(Kernel("eve", "internet"), null, Cancelled));
        Assert.Single(await engine.Calls.ListAsync($"{SpawnLabels.Hub}={_hub.Site.HubId}", Cancelled));
    }

    [Fact]
    public async Task An_engine_whose_bridges_are_not_the_hubs_machines_is_refused_and_nothing_remains_of_it()
    {
        DockerSpawner elsewhere = Open(host: engine.Networks.Seen() with { Proc = "/proc/self/net" });
        SpawnException refused = await Assert.ThrowsAsync<SpawnException>(() => elsewhere.StartAsync(Kernel("ada", "internet"), null, Cancelled));

        Assert.Contains("somewhere else than where the hub is", refused.Message, StringComparison.Ordinal);
        Assert.Null(await engine.Calls.FindNetworkAsync(Names.Network, Cancelled));
    }

    [Fact]
    public async Task It_outlives_the_engine_and_a_hub_and_goes_with_its_last_kernel_and_never_takes_anybody_elses()
    {
        await OwnNetworks.RunAsync(engine.Networks.Machine, "nft", "add table inet elses");
        DockerSpawner spawner = Open();
        KernelTalk kernel = await StartAsync(spawner, "ada");
        await engine.StartAsync(liveRestore: true);
        Assert.Null(await ((IInternetNetwork)spawner).EnsureAsync(Cancelled));
        Assert.Equal($"ECONNREFUSED {OwnNetworks.Public}", await kernel.Run($"print(tcp('169.254.169.254'), tcp('{OwnNetworks.Public}'))"));

        // A hub that no longer has such an environment finds the kernel of a former one.
        DockerSpawner next = Open();
        Assert.Null(await ((IInternetNetwork)next).TendAsync(wanted: false, Cancelled));
        Assert.False(await ((IInternetNetwork)next).RemoveAsync(Cancelled));
        Assert.Equal("ECONNREFUSED", await kernel.Run("print(tcp('169.254.169.254'))"));

        foreach (SpawnedKernel left in await next.ListAsync(Cancelled)) await next.StopAsync(left, TimeSpan.Zero, Cancelled);
        Assert.Null(await ((IInternetNetwork)next).TendAsync(wanted: false, Cancelled));
        Assert.Null(await engine.Calls.FindNetworkAsync(Names.Network, Cancelled));
        string tables = await OwnNetworks.RunAsync(engine.Networks.Machine, "nft", "list tables");
        Assert.DoesNotContain(Names.Table, tables, StringComparison.Ordinal);
        Assert.Contains("elses", tables, StringComparison.Ordinal);
        await OwnNetworks.RunAsync(engine.Networks.Machine, "nft", "delete table inet elses");
    }

    [Fact]
    public async Task One_that_is_not_as_it_should_be_is_made_anew_when_it_is_empty_and_the_hubs()
    {
        NetworkBody open = NetworkBody.For(Names, _hub.Site, new InternetOptions());
        await engine.Calls.CreateNetworkAsync(open with { Options = new Dictionary<string, string> { [NetworkBody.BridgeName] = Names.Bridge } }, Cancelled);
        IInternetNetwork spawner = Open(new InternetOptions { Subnet = "172.30.5.0/24" });
        Assert.Null(await spawner.EnsureAsync(Cancelled));
        EngineAnswers.Network made = (await engine.Calls.FindNetworkAsync(Names.Network, Cancelled))!;
        Assert.Equal(("false", "172.30.5.0/24"), (made.Options![NetworkBody.BetweenContainers], made.IPAM!.Config![0].Subnet));

        await engine.Calls.RemoveNetworkAsync(Names.Network, Cancelled);
        await engine.Calls.CreateNetworkAsync(open with { Labels = new Dictionary<string, string>() }, Cancelled);
        Assert.Contains("is not this hub's", await spawner.EnsureAsync(Cancelled), StringComparison.Ordinal);
        await engine.Calls.RemoveNetworkAsync(Names.Network, Cancelled);
    }

    /// <summary>As the environment <c>internet</c> or another, in containers of the test's own engine.</summary>
    private DockerSpawner Open(InternetOptions? internet = null, HostNetwork? host = null)
    {
        DockerSpawner spawner = new(_hub.Site, Microsoft.Extensions.Options.Options.Create(engine.Options() with { Internet = internet ?? new InternetOptions() }), TimeProvider.System,
            NullLogger<DockerSpawner>.Instance, host ?? engine.Networks.Seen());
        _opened.Add(spawner);
        return spawner;
    }

    /// <summary>A bridge as anybody makes one.</summary>
    private async Task<string> PlainAsync()
    {
        await engine.Calls.CreateNetworkAsync(new NetworkBody { Name = "plain", Options = new Dictionary<string, string>(), Labels = new Dictionary<string, string>() }, Cancelled);
        return "plain";
    }

    private async Task<KernelTalk> StartAsync(DockerSpawner spawner, string user, string network = IInternetNetwork.Word)
    {
        KernelTalk talk = await KernelTalk.With(await spawner.StartAsync(Kernel(user, network), null, Cancelled));
        _talks.Add(talk);
        Assert.Equal("", await talk.Run(Attempts));
        return talk;
    }

    private SpawnRequest Kernel(string user, string network)
    {
        int id = _hub.UserId!.Value + (user == "ada" ? 0 : 1 + user.Length);
        return _hub.Python() with
        {
            UserName = user,
            HomeDirectory = user == "ada" ? _hub.Home : _hub.NewHome(user, id),
            UserId = id,
            GroupId = id,
            Image = OwnEngine.Image,
            Network = network,
            Limits = new ResourceLimits(MemoryBytes: 256 << 20, Processes: 64),
        };
    }

    /// <summary>Says <c>heard</c> to whoever comes to port 8001, by either way, and notes it; gives back its address.</summary>
    private static async Task<string> ListenAsync(KernelTalk talk) => await talk.Run("""
        import threading
        came = []
        def open_at(kind):
            s = socket.socket(socket.AF_INET, kind); s.bind(('0.0.0.0', 8001))
            if kind == socket.SOCK_STREAM: s.listen()
            return s
        def serve(s, kind):
            while True:
                if kind == socket.SOCK_STREAM: c, a = s.accept(); c.send(b'heard'); c.close()
                else: d, a = s.recvfrom(100); s.sendto(b'heard', a)
                came.append(a[0])
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM): threading.Thread(target=serve, args=(open_at(kind), kind), daemon=True).start()
        print(socket.gethostbyname(socket.gethostname()))
        """);

    /// <summary>Two datagrams to everybody on the bridge.</summary>
    private static async Task ShoutAsync(KernelTalk talk, string own) => Assert.Equal("", await talk.Run($$"""
        shout = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); shout.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1); shout.bind(('{{own}}', 0))
        for all in ('255.255.255.255', '{{own[..own.LastIndexOf('.')]}}.255'): _ = shout.sendto(b'x', (all, 8001))
        """));

    /// <summary>What came of one attempt by TCP and one by UDP at each, as <see cref="Answers"/> says it.</summary>
    private static Task<string> TriedAsync(KernelTalk talk, IEnumerable<string> hosts) =>
        talk.Run($"print('\\n'.join(f'{{host}} {{tcp(host)}} {{udp(host)}}' for host in {JsonSerializer.Serialize(hosts)}))");

    private static string Answers(IEnumerable<string> hosts, Func<string, string> tcp, Func<string, string>? udp = null) =>
        string.Join('\n', hosts.Select(host => $"{host} {tcp(host)} {(udp ?? tcp)(host)}"));
}
