using System.Collections.Concurrent;
using System.Text.Json;
using Hub.Events;
using Hub.Kernels.Reconciling;
using Microsoft.Extensions.DependencyInjection;
using Spawner;
using Testing;
using Xunit;

namespace Hub.Tests.Kernels.Reconciling;

/// <summary>A hub whose spawner has more, or fewer, kernels than the hub believes.</summary>
public sealed class KernelReconcilerTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_kernel_that_nobody_knows_is_removed_and_all_others_run_on()
    {
        await using SilentSpawner spawner = new();
        await using KernelHub hub = await StartAsync(spawner);
        string mine = await hub.StartKernelAsync();
        SpawnRequest request = Assert.Single(spawner.Requests);
        await spawner.StartAsync(request with { KernelId = Guid.NewGuid().ToString() }, null, Cancelled);
        Assert.Equal(2, (await spawner.ListAsync(Cancelled)).Count);

        await Eventually.Holds(async () => (await spawner.ListAsync(Cancelled)).Count == 1);

        await LooksAsync(hub, 3);
        Assert.Equal(mine, Assert.Single(await spawner.ListAsync(Cancelled)).KernelId);
        Assert.Equal("idle", await hub.StateOfAsync(mine));
    }

    [Fact]
    public async Task A_kernel_that_vanished_without_a_word_is_told_dead_with_the_reason_and_comes_back_by_a_restart()
    {
        await using SilentSpawner spawner = new();
        await using KernelHub hub = await StartAsync(spawner);
        using EventReader deaths = hub.Hub.Services.GetRequiredService<EventStream>().Subscribe(happened => happened is HubEvent.KernelDied);
        string id = await hub.StartKernelAsync(), other = await hub.StartKernelAsync();
        await using BrowserTab tab = await hub.OpenTabAsync(id);
        await tab.RunToEndAsync("1+1");

        spawner.Hidden[id] = 0;

        await tab.NextAsync(message => BrowserTab.IsStatus(message, "dead"));
        JsonElement dead = await hub.KernelAsync(id);
        Assert.Contains("removed from outside", dead.GetProperty("reason").GetString(), StringComparison.Ordinal);
        await deaths.WaitAsync(Cancelled);
        Assert.True(deaths.TryTake(out HubEvent? died));
        Assert.Equal((id, "removed"), (((HubEvent.KernelDied)died!).KernelId, ((HubEvent.KernelDied)died).Cause));
        spawner.Hidden.Clear();
        (await hub.Client.PostAsync($"api/kernels/{id}/restart", null, Cancelled)).EnsureSuccessStatusCode();
        await tab.RunToEndAsync("1+1");
        await LooksAsync(hub, 3);
        Assert.Equal(("idle", "idle"), (await hub.StateOfAsync(id), await hub.StateOfAsync(other)));
    }

    [Fact]
    public async Task While_the_engine_is_away_nothing_is_concluded()
    {
        await using SilentSpawner spawner = new();
        await using KernelHub hub = await StartAsync(spawner);
        string id = await hub.StartKernelAsync();
        spawner.IsAway = true;
        await LooksAsync(hub, 3);
        Assert.Equal("idle", await hub.StateOfAsync(id));
        spawner.IsAway = false;
        await LooksAsync(hub, 3);
        Assert.Equal("idle", await hub.StateOfAsync(id));
        Assert.Single(await spawner.ListAsync(Cancelled));
    }

    [Theory]
    [InlineData(KernelExitCause.OutOfMemory, "out_of_memory")]
    [InlineData(KernelExitCause.EngineStopped, "engine_stopped")]
    [InlineData(KernelExitCause.Removed, "removed")]
    public async Task The_reason_of_an_end_is_in_the_audit(KernelExitCause cause, string word)
    {
        await using FakeSpawner spawner = new() { Exit = new KernelExit(cause, 137, 9, "") };
        await using KernelHub hub = await KernelHub.StartAsync(spawner);
        string id = await hub.StartKernelAsync();
        await spawner.KernelOf(id).DieAsync();
        using HttpClient admin = hub.Hub.Client();
        string found = "";
        await Eventually.Holds(async () => (found = await admin.GetStringAsync("hub/api/audit?kind=kernel-died", Cancelled)).Contains(id, StringComparison.Ordinal));
        Assert.Contains(word, found, StringComparison.Ordinal);
    }

    private static Task<KernelHub> StartAsync(FakeSpawner spawner) => KernelHub.StartAsync(spawner, null, "Kernels:ReconcileEvery=00:00:01", "Kernels:StopGrace=00:00:00.1");

    private static async Task LooksAsync(KernelHub hub, int more)
    {
        KernelReconciler reconciler = hub.Hub.Services.GetRequiredService<KernelReconciler>();
        long from = reconciler.Looks;
        await Eventually.Holds(() => reconciler.Looks >= from + more);
    }

    /// <summary>Loses kernels without telling those who wait for their end, or cannot be asked.</summary>
    private sealed class SilentSpawner : FakeSpawner
    {
        public ConcurrentDictionary<string, byte> Hidden { get; } = new();

        public bool IsAway { get; set; }

        public override async Task<IReadOnlyList<SpawnedKernel>> ListAsync(CancellationToken cancellationToken) => IsAway
            ? throw new SpawnException(SpawnFailure.EngineUnavailable, "Away.", "The engine of a test is away.")
            : [.. (await base.ListAsync(cancellationToken)).Where(kernel => !Hidden.ContainsKey(kernel.KernelId))];
    }
}
