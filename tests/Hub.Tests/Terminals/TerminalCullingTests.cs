using Hub.Events;
using Hub.Http;
using Hub.Servers;
using Hub.Terminals;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Spawner;
using Spawner.Processes;
using Spawner.Terminals;
using Testing;
using Xunit;

namespace Hub.Tests.Terminals;

/// <summary>A terminal nobody uses ends; one that shows something, is typed in, or has a tab does not.</summary>
public sealed class TerminalCullingTests
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task A_terminal_without_tab_and_output_ends_with_the_reason_in_the_audit()
    {
        ManualTime time = new();
        await using TerminalHub hub = await TerminalHub.StartAsync(null, false, services => UseClock(services, time), "Terminals:CullAfter=01:00:00", "Http:WebSocketPingSeconds=600");
        using EventReader told = hub.Hub.Services.GetRequiredService<EventStream>().Subscribe(happened => happened is HubEvent.TerminalEnded);
        await hub.OpenTerminalAsync();
        await QuietAsync(hub, "1");
        await PassAsync(hub, time, TimeSpan.FromMinutes(59));
        Assert.Equal(["1"], await hub.NamesAsync());
        await PassAsync(hub, time, TimeSpan.FromMinutes(2));
        Assert.Empty(await hub.NamesAsync());
        Assert.Empty(await hub.SpawnedAsync());
        await told.WaitAsync(TestContext.Current.CancellationToken);
        Assert.True(told.TryTake(out HubEvent? ended));
        Assert.Equal("idle", Assert.IsType<HubEvent.TerminalEnded>(ended).Cause);
    }

    [Fact]
    public async Task A_tab_keeps_it_and_so_does_output_and_both_are_activity_of_the_server()
    {
        ManualTime time = new();
        await using TerminalHub hub = await TerminalHub.StartAsync(null, false, services => UseClock(services, time), "Terminals:CullAfter=01:00:00", "Http:WebSocketPingSeconds=600");
        string watched = await hub.OpenTerminalAsync(), busy = await hub.OpenTerminalAsync();
        TerminalPage page = await hub.OpenPageAsync(watched);
        await page.RunAsync("echo up-$((1+1))", "up-2");
        // It shows something whenever the file changes, with nobody there.
        await using (TerminalPage other = await hub.OpenPageAsync(busy))
            await other.RunAsync("touch tick; echo ready-$((1+1)); tail -f tick", "ready-2");
        await Eventually.Holds(() => hub.Terminal(busy).TabCount == 0);
        for (int round = 1; round <= 4; round++)
        {
            await PassAsync(hub, time, TimeSpan.FromMinutes(30));
            await page.RunAsync($"echo tick-{round}- >> tick; echo did-{round}-$((1+1))", $"did-{round}-2");
            await Eventually.Holds(() => hub.Terminal(busy).Scrollback.Snapshot().Text.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes($"tick-{round}-")) >= 0);
        }
        Assert.Equal([watched, busy], await hub.NamesAsync());
        DateTimeOffset active = hub.Hub.Services.GetRequiredService<ServerRegistry>().Find(ServerKey.Default("admin"))!.Value.Server.LastActivity;
        await PassAsync(hub, time, s_look);
        Assert.InRange(time.GetUtcNow() - hub.Hub.Services.GetRequiredService<ServerRegistry>().Find(ServerKey.Default("admin"))!.Value.Server.LastActivity, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        Assert.True(active < time.GetUtcNow());
        // The one that shows nothing more ends, the one with a tab does not.
        await PassAsync(hub, time, TimeSpan.FromMinutes(62));
        Assert.Equal([watched], await hub.NamesAsync());
        await page.RunAsync("echo alive-$((1+1))", "alive-2");
        // A hub that ends waits for tabs, and time does not pass by itself.
        await page.DisposeAsync();
        await Eventually.Holds(() => hub.Terminal(watched).TabCount == 0);
    }

    /// <summary>Time is the test's, but real processes take real time.</summary>
    internal static void UseClock(IServiceCollection services, ManualTime time)
    {
        services.AddSingleton<TimeProvider>(time);
        services.AddSingleton<ISpawner>(provider => new ProcessSpawner(provider.GetRequiredService<SpawnSite>(), Options.Create(new ProcessOptions()), TimeProvider.System, NullLogger<ProcessSpawner>.Instance));
    }

    internal static SpawnRequest StrayRequest(TerminalHub hub) => new()
    {
        Purpose = SpawnPurpose.Terminal,
        KernelId = Guid.NewGuid().ToString(),
        UserName = "admin",
        KernelSpecName = "python3",
        Command = TerminalProgram.Command("python3", 65536, ""),
        Files = TerminalProgram.Files,
        HomeDirectory = Path.Combine(hub.Hub.Data, "homes", "admin"),
        Key = "key",
    };

    /// <summary>Moves time look by look, so that nothing is overslept.</summary>
    internal static async Task PassAsync(TerminalHub hub, ManualTime time, TimeSpan span)
    {
        TerminalKeeper keeper = hub.Hub.Services.GetRequiredService<TerminalKeeper>();
        for (TimeSpan left = span; left > TimeSpan.Zero; left -= s_look)
        {
            long before = keeper.Looks;
            time.Advance(s_look);
            await Eventually.Holds(() => keeper.Looks > before);
        }
    }

    /// <summary>Until the prompt is there and nothing more comes of itself.</summary>
    private static Task QuietAsync(TerminalHub hub, string name) => Eventually.Holds(() => hub.Terminal(name).Scrollback.End > 0);
}
