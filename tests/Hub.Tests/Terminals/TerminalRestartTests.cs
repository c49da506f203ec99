using System.Net;
using Hub.Terminals;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Spawner;
using Testing;
using Xunit;

namespace Hub.Tests.Terminals;

/// <summary>Terminals outlive the hub, and are found again with what they showed.</summary>
public sealed class TerminalRestartTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("hub-test-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task A_terminal_outlives_the_hub_with_its_programs_and_what_it_showed_meanwhile()
    {
        TerminalHub before = await TerminalHub.StartAsync(_data, true, null);
        string name = await before.OpenTerminalAsync(new { name = "work" });
        await using TerminalPage page = await before.OpenPageAsync(name);
        await page.RunAsync("x=mine-$((40+2)); (sleep 1; echo meanwhile-$((3+4))) & echo up-$((1+1))", "up-2");
        // Tabs are told before anything else ends.
        before.Hub.Services.GetRequiredService<TerminalRegistry>().CloseAllTabs();
        await page.Closed;
        Assert.Equal(1, before.Terminal(name).Links);
        await before.DisposeAsync();
        // 1012 makes a front end come back.
        Assert.Equal(1012, page.CloseCode);

        await using TerminalHub after = await TerminalHub.StartAsync(_data, false, null);
        Assert.Equal(["work"], await after.NamesAsync());
        await using TerminalPage again = await after.OpenPageAsync(name);
        await again.ShowsAsync("up-2");
        await again.ShowsAsync("meanwhile-7");
        await again.RunAsync("echo still-$x", "still-mine-42");
    }

    [Fact]
    public async Task A_shell_that_ended_while_no_hub_was_there_leaves_nothing()
    {
        TerminalHub before = await TerminalHub.StartAsync(_data, true, null);
        await using (TerminalPage page = await before.OpenPageAsync(await before.OpenTerminalAsync()))
            await page.RunAsync("(while [ ! -e go ]; do sleep 0.05; done; kill -9 $$) & echo up-$((1+1))", "up-2");
        ISpawner spawner = before.Hub.Services.GetRequiredService<ISpawner>();
        SpawnedKernel terminal = Assert.Single(await before.SpawnedAsync());
        string home = Path.Combine(_data, "homes", "admin");
        await before.DisposeAsync();
        await File.WriteAllTextAsync(Path.Combine(home, "go"), "");
        await Eventually.Holds(async () => await spawner.PollAsync(terminal, CancellationToken.None) is not null);

        await using TerminalHub after = await TerminalHub.StartAsync(_data, false, null);
        Assert.Empty(await after.NamesAsync());
        await Eventually.Holds(async () => (await after.SpawnedAsync()).Count == 0);
    }

    [Fact]
    public async Task A_terminal_whose_user_is_gone_is_ended_at_the_start()
    {
        TerminalHub before = await TerminalHub.StartAsync(_data, true, null);
        await before.OpenTerminalAsync();
        await before.DisposeAsync();
        await using TerminalHub after = await TerminalHub.StartAsync(_data, false, null, "Terminals:Enabled=false");
        Assert.Empty(await after.SpawnedAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_ends_all_kernels_ends_all_terminals_whether_a_hub_runs_or_not(bool runs)
    {
        TerminalHub before = await TerminalHub.StartAsync(_data, true, null);
        await before.OpenTerminalAsync();
        if (!runs)
            await before.DisposeAsync();
        await using (WebApplication other = HubApplication.Create(["--data", _data, "--urls", "http://127.0.0.1:0", "Hub:Spawner=process", .. await HubFixture.DatabaseOfAsync(_data)]))
        {
            // It counts kernels, and there were none.
            Assert.Equal(0, await other.Services.GetRequiredService<KernelsLeft>().StopAllAsync(CancellationToken.None));
            if (!runs)
                Assert.Empty(await other.Services.GetRequiredService<ISpawner>().ListAsync(CancellationToken.None));
        }
        if (runs)
        {
            Assert.Empty(await before.NamesAsync());
            Assert.Empty(await before.SpawnedAsync());
            await before.DisposeAsync();
        }
    }

    [Fact]
    public void Whoever_ends_the_hub_is_told_of_terminals_that_run_on()
    {
        Assert.Null(KernelsLeft.SentenceOfTerminals(0, stopped: false));
        Assert.Null(KernelsLeft.SentenceOfTerminals(3, stopped: true));
        Assert.StartsWith("One terminal runs on", KernelsLeft.SentenceOfTerminals(1, stopped: false), StringComparison.Ordinal);
        Assert.StartsWith("3 terminals run on", KernelsLeft.SentenceOfTerminals(3, stopped: false), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hub_that_loses_its_connection_connects_again_and_misses_nothing()
    {
        await using TerminalHub hub = await TerminalHub.StartAsync();
        string name = await hub.OpenTerminalAsync();
        await using TerminalPage page = await hub.OpenPageAsync(name);
        await page.RunAsync("echo one-$((1+1))", "one-2");
        // What a broken connection does: the holder cuts whoever sends what is no frame.
        await hub.Terminal(name).SendAsync([(byte)'?', 0, 0, 0, 0], CancellationToken.None);
        await Eventually.Holds(() => hub.Terminal(name).Links == 2);
        await page.RunAsync("echo two-$((1+1))", "two-2");
        Assert.Equal(1, page.Shown.Split("one-2\r\n").Length - 1);
        Assert.DoesNotContain("left out", page.Shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_hub_does_not_know_is_removed_at_the_second_look()
    {
        ManualTime time = new();
        ISpawner? spawner = null;
        await using TerminalHub hub = await TerminalHub.StartAsync(null, false, services => TerminalCullingTests.UseClock(services, time), "Kernels:ReconcileEvery=00:00:30");
        spawner = hub.Hub.Services.GetRequiredService<ISpawner>();
        await hub.OpenTerminalAsync();
        LiveTerminal known = hub.Terminal("1");
        SpawnedKernel stray = await spawner.StartAsync(TerminalCullingTests.StrayRequest(hub), null, CancellationToken.None);
        await TerminalCullingTests.PassAsync(hub, time, TimeSpan.FromSeconds(35));
        Assert.Equal(2, (await hub.SpawnedAsync()).Count);
        await TerminalCullingTests.PassAsync(hub, time, TimeSpan.FromSeconds(35));
        Assert.Equal(known.Id, Assert.Single(await hub.SpawnedAsync()).KernelId);
        Assert.NotEqual(known.Id, stray.KernelId);
        Assert.Equal(HttpStatusCode.OK, (await hub.Client.GetAsync("api/terminals/1")).StatusCode);
    }
}
