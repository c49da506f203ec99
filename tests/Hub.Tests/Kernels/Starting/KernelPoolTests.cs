using System.Collections.Concurrent;
using Hub.Kernels.Starting;
using Hub.KernelSpecs;
using Hub.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Spawner;
using Spawner.Docker;
using Testing;
using Xunit;

namespace Hub.Tests.Kernels.Starting;

/// <summary>The hub asks for kernels ahead where kernelspecs say so, when nobody waits, and does not start where that cannot be.</summary>
public sealed class KernelPoolTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("hub-pool-").FullName;
    private readonly ManualTime _time = new();
    private readonly StartQueue _starts;
    private Dictionary<string, int> _soon = [];
    private KernelSpecCatalog? _catalog;

    public KernelPoolTests() => _starts = new StartQueue(Options.Create(new StartsOptions { AtOnce = 1, KeepFreeBytes = 0 }), new MachineMemory(), _time);

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task Kernels_are_made_ahead_while_nobody_waits_for_one()
    {
        await using Warmer warmer = new();
        using KernelPool pool = Pool(warmer, SpawnerKind.Process, new DockerOptions());
        using (await _starts.EnterAsync("ada", _ => { }, TestContext.Current.CancellationToken))
        {
            await pool.StartAsync(TestContext.Current.CancellationToken);
            for (int i = 0; i < 5; i++)
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                await Task.Yield();
            }
            Assert.Empty(warmer.Wanted);
        }
        await Eventually.Holds(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return warmer.Wanted.Count > 3;
        });
        await pool.StopAsync(TestContext.Current.CancellationToken);

        // The first call failed, and the loop lives on; the kernelspec without a pool is in no call.
        WarmEnvironment only = Assert.Single(warmer.Wanted.Last());
        Assert.Equal(("pooled", "image", 3, "nobody"), (only.Template.KernelSpecName, only.Template.Image, only.Count, only.Template.UserName));
        Assert.Equal(7, pool.Ready);
    }

    [Fact]
    public async Task What_a_class_wants_for_its_beginning_is_made_beside_what_the_kernelspecs_say()
    {
        await using Warmer warmer = new();
        _soon = new Dictionary<string, int> { ["other"] = 30, ["pooled"] = 2 };
        using KernelPool pool = Pool(warmer, SpawnerKind.Container, new DockerOptions());
        Assert.Null(await pool.FindProblemAsync(_catalog!.Find("pooled")!, TestContext.Current.CancellationToken) is { } problem && Environment.IsPrivilegedProcess ? problem : null);
        Assert.Equal("it has another program", await pool.FindProblemAsync(_catalog.Find("other")!, TestContext.Current.CancellationToken));
        using KernelPool local = Pool(warmer, SpawnerKind.Process, new DockerOptions());
        Assert.Equal("its kernels are no containers", await local.FindProblemAsync(_catalog.Find("pooled")!, TestContext.Current.CancellationToken));

        await local.StartAsync(TestContext.Current.CancellationToken);
        await Eventually.Holds(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return !warmer.Wanted.IsEmpty;
        });
        await local.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal([("other", 30), ("pooled", 5)], warmer.Wanted.First().Select(wanted => (wanted.Template.KernelSpecName, wanted.Count)));
    }

    [Fact]
    public async Task A_hub_that_cannot_do_what_a_kernelspec_asks_for_does_not_start_and_says_why()
    {
        await using Warmer warmer = new();
        using KernelPool pool = Pool(warmer, SpawnerKind.Container, new DockerOptions { Network = "bridge" });
        OptionsValidationException refused = await Assert.ThrowsAsync<OptionsValidationException>(() => pool.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains("Kernels:Specs:pooled:Pool is 3", refused.Message, StringComparison.Ordinal);
        Assert.Contains(Environment.IsPrivilegedProcess ? "Docker:Network" : "root", refused.Message, StringComparison.Ordinal);
        Assert.Empty(warmer.Wanted);
    }

    private KernelPool Pool(ISpawner spawner, SpawnerKind kind, DockerOptions docker)
    {
        KernelSpecsOptions specs = new() { Specs = new Dictionary<string, KernelSpecOptions> { ["pooled"] = new() { Image = "image", Pool = 3 }, ["other"] = new() { Image = "image" } } };
        Directory.CreateDirectory(Path.Combine(_data, "run"));
        // Those of the settings are the kernelspecs of containers.
        KernelSpecCatalog catalog = _catalog = new(Options.Create(specs), new SpawnerChoice(SpawnerKind.Container, ""), _time, NullLogger<KernelSpecCatalog>.Instance);
        return new KernelPool(spawner, new SpawnerChoice(kind, ""), catalog, new EnvironmentBoard(), new Soon(_soon), _starts, new SpawnSite("hub", Path.Combine(_data, "run")), new DataLayout(_data), Options.Create(docker), _time, NullLogger<KernelPool>.Instance);
    }

    private sealed class Soon(Dictionary<string, int> wanted) : IKernelDemand
    {
        public Task<IReadOnlyDictionary<string, int>> FindAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyDictionary<string, int>>(wanted);
    }

    /// <summary>Fails once, then does something once, and notes what it was asked for.</summary>
    private sealed class Warmer : FakeSpawner, IKernelWarmer
    {
        public ConcurrentQueue<IReadOnlyList<WarmEnvironment>> Wanted { get; } = [];

        public int Ready => 7;

        public string? FindProblem(SpawnRequest template) => template.KernelSpecName == "other" ? "it has another program" : null;

        public Task<bool> TendAsync(IReadOnlyList<WarmEnvironment> wanted, CancellationToken cancellationToken)
        {
            Wanted.Enqueue(wanted);
            return Wanted.Count == 1 ? Task.FromException<bool>(new InvalidOperationException("the first")) : Task.FromResult(Wanted.Count == 2);
        }
    }
}
