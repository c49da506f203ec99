using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hub.Events;
using Hub.Kernels;
using Hub.Kernels.Culling;
using Hub.Lab;
using Hub.Tests.Classes;
using Microsoft.Extensions.DependencyInjection;
using Testing;
using Wire.Jupyter;
using Xunit;

namespace Hub.Tests.Kernels.Culling;

/// <summary>Kernels nobody uses are stopped: told before, never at work, and never without a way back.</summary>
public sealed class KernelCullerTests
{
    private static readonly TimeSpan s_look = TimeSpan.FromMinutes(1);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_kernel_that_nobody_uses_is_told_of_stopped_with_its_reason_and_comes_back_by_a_restart()
    {
        (KernelHub hub, ManualTime time) = await StartAsync("Culling:IdleAfter=01:00:00");
        await using KernelHub over = hub;
        using EventReader told = hub.Hub.Services.GetRequiredService<EventStream>().Subscribe(happened => happened is HubEvent.KernelEnding or HubEvent.KernelDied);
        string id = await hub.StartKernelAsync();
        await using BrowserTab tab = await hub.OpenTabAsync(id);
        await tab.RunToEndAsync("1+1");

        await PassAsync(hub, time, TimeSpan.FromMinutes(54));
        Assert.False((await hub.KernelAsync(id)).GetProperty("hub").TryGetProperty("ending", out _));
        await PassAsync(hub, time, TimeSpan.FromMinutes(3));
        JsonElement ending = (await hub.KernelAsync(id)).GetProperty("hub").GetProperty("ending");
        Assert.Equal(("idle", 3600), (ending.GetProperty("cause").GetString(), ending.GetProperty("keep_seconds").GetInt32()));
        Assert.Contains("after 1 hour", ending.GetProperty("message").GetString(), StringComparison.Ordinal);
        await told.WaitAsync(Cancelled);
        Assert.True(told.TryTake(out HubEvent? warned));
        JsonElement news = JsonDocument.Parse(KernelNewsCodec.Encode(warned!)!).RootElement;
        Assert.Equal((KernelNewsCodec.EndingSchema, id, ending.GetProperty("ends_at").GetString()), (news.GetProperty("schema_id").GetString(), news.GetProperty("kernel_id").GetString(), news.GetProperty("ends_at").GetString()));

        await PassAsync(hub, time, TimeSpan.FromMinutes(6));
        JsonElement dead = await hub.KernelAsync(id);
        Assert.Equal("dead", dead.GetProperty("execution_state").GetString());
        Assert.Contains("nothing ran in it for 1 hour", dead.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Empty(await hub.Spawner.ListAsync(Cancelled));
        await told.WaitAsync(Cancelled);
        Assert.True(told.TryTake(out HubEvent? died));
        Assert.Equal("idle", Assert.IsType<HubEvent.KernelDied>(died).Cause);
        await tab.NextAsync(message => BrowserTab.IsStatus(message, "dead"));

        Assert.Equal(HttpStatusCode.OK, (await hub.Client.PostAsync($"api/kernels/{id}/restart", null, Cancelled)).StatusCode);
        await tab.RunToEndAsync("1+1");
        await PassAsync(hub, time, TimeSpan.FromMinutes(54));
        Assert.Equal("idle", await hub.StateOfAsync(id));
        await LeaveAsync(hub, tab);
    }

    [Fact]
    public async Task A_kernel_that_somebody_wants_kept_is_kept_and_pages_are_told()
    {
        (KernelHub hub, ManualTime time) = await StartAsync("Culling:IdleAfter=01:00:00", "Culling:KeepFor=02:00:00");
        await using KernelHub over = hub;
        string id = await hub.StartKernelAsync();
        await PassAsync(hub, time, TimeSpan.FromMinutes(58));
        using HttpResponseMessage kept = await hub.Client.PostAsync($"api/kernels/{id}/keep", null, Cancelled);
        Assert.Equal("2026-01-01T02:58:00", (await kept.Content.ReadFromJsonAsync<JsonObject>(Cancelled))!["kept_until"]!.GetValue<string>()[..19]);
        await PassAsync(hub, time, TimeSpan.FromMinutes(1));
        Assert.False((await hub.KernelAsync(id)).GetProperty("hub").TryGetProperty("ending", out _));
        await PassAsync(hub, time, TimeSpan.FromMinutes(110));
        Assert.Equal("idle", await hub.StateOfAsync(id));
        await PassAsync(hub, time, TimeSpan.FromMinutes(12));
        Assert.Equal("dead", await hub.StateOfAsync(id));
        Assert.Equal(HttpStatusCode.NotFound, (await hub.Client.PostAsync($"api/kernels/{Guid.NewGuid()}/keep", null, Cancelled)).StatusCode);
    }

    [Fact]
    public async Task A_cell_and_a_prompt_keep_a_kernel_for_as_long_as_they_take()
    {
        (KernelHub hub, ManualTime time) = await StartAsync("Culling:IdleAfter=01:00:00");
        await using KernelHub over = hub;
        string runs = await hub.StartKernelAsync(), asks = await hub.StartKernelAsync();
        await using BrowserTab tab = await hub.OpenTabAsync(runs), prompted = await hub.OpenTabAsync(asks);
        string cell = await tab.RunAsync("sleep");
        await tab.NextAsync(message => message.ParentMessageId == cell && message.MessageType == MessageTypes.ExecuteInput);
        await prompted.RunAsync("input who?");
        await prompted.NextAsync(message => message.MessageType == MessageTypes.InputRequest);
        await PassAsync(hub, time, TimeSpan.FromHours(5));
        Assert.Equal(("busy", "busy"), (await hub.StateOfAsync(runs), await hub.StateOfAsync(asks)));
        hub.Spawner.KernelOf(runs).Release();
        await tab.DoneAsync(cell);
        await PassAsync(hub, time, TimeSpan.FromMinutes(66));
        Assert.Equal(("dead", "busy"), (await hub.StateOfAsync(runs), await hub.StateOfAsync(asks)));
        await LeaveAsync(hub, tab, prompted);
    }

    [Fact]
    public async Task The_longest_run_ends_a_kernel_at_work_and_says_so_before()
    {
        (KernelHub hub, ManualTime time) = await StartAsync("Kernels:Specs:short:Image=x", "Kernels:Specs:short:LongestRun=02:00:00", "Kernels:Specs:short:IdleAfter=00:30:00");
        await using KernelHub over = hub;
        string id = await hub.StartKernelAsync("short");
        await using BrowserTab tab = await hub.OpenTabAsync(id);
        string cell = await tab.RunAsync("sleep");
        await tab.NextAsync(message => message.ParentMessageId == cell && message.MessageType == MessageTypes.ExecuteInput);
        await PassAsync(hub, time, TimeSpan.FromMinutes(117));
        JsonElement ending = (await hub.KernelAsync(id)).GetProperty("hub").GetProperty("ending");
        Assert.Equal(("longest_run", 0), (ending.GetProperty("cause").GetString(), ending.GetProperty("keep_seconds").GetInt32()));
        await PassAsync(hub, time, TimeSpan.FromMinutes(5));
        Assert.Contains("ran for 2 hours", (await hub.KernelAsync(id)).GetProperty("reason").GetString(), StringComparison.Ordinal);
        await LeaveAsync(hub, tab);
    }

    [Fact]
    public async Task A_class_says_for_its_students_when()
    {
        (KernelHub hub, ManualTime time) = await StartAsync("Culling:IdleAfter=03:00:00");
        await using KernelHub over = hub;
        using HttpClient admin = hub.Hub.Client();
        using HttpResponseMessage wrong = await admin.PostAsJsonAsync("hub/api/classes", new { name = "Physics", limits = new { idle_seconds = 100_000 } }, Cancelled);
        Assert.Contains("Classes:MaxIdleSeconds", await wrong.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        JsonObject one = await hub.Hub.CreateClassAsync("grace", new { limits = new { idle_seconds = 1800 } });
        Assert.Equal(1800, one["limits"]!["idle_seconds"]!.GetValue<int>());
        (string user, CookieContainer cookies) = await hub.Hub.JoinAsGuestAsync(one.Code());
        using HttpClient guest = hub.Hub.Browser(cookies);
        guest.DefaultRequestHeaders.Add("X-XSRFToken", hub.Hub.Xsrf(cookies));
        using HttpResponseMessage started = await guest.PostAsJsonAsync($"user/{user}/api/kernels", new { }, Cancelled);
        string ofStudent = (await started.Content.ReadFromJsonAsync<JsonObject>(Cancelled))!["id"]!.GetValue<string>(), ofAdmin = await hub.StartKernelAsync();
        await PassAsync(hub, time, TimeSpan.FromMinutes(40));
        Assert.Equal("dead", (await guest.GetFromJsonAsync<JsonObject>($"user/{user}/api/kernels/{ofStudent}", Cancelled))!["execution_state"]!.GetValue<string>());
        Assert.Equal("idle", await hub.StateOfAsync(ofAdmin));
    }

    [Fact]
    public async Task A_clock_that_is_set_stops_nobody()
    {
        ManualTime time = new();
        SetClock set = new(time);
        await using KernelHub hub = await KernelHub.StartWithClockAsync(set, [.. Settings, "Culling:IdleAfter=01:00:00"]);
        string id = await hub.StartKernelAsync();
        await PassAsync(hub, time, TimeSpan.FromMinutes(5));
        set.Ahead = TimeSpan.FromDays(400);
        await PassAsync(hub, time, TimeSpan.FromMinutes(20));
        set.Ahead = TimeSpan.FromDays(-400);
        await PassAsync(hub, time, TimeSpan.FromMinutes(20));
        Assert.Equal("idle", await hub.StateOfAsync(id));
        Assert.False((await hub.KernelAsync(id)).GetProperty("hub").TryGetProperty("ending", out _));
    }

    /// <summary>A day of twelve kernels, used at random: each is stopped when it was not used for an hour, and in no other moment.</summary>
    [Fact]
    public async Task A_day_of_twelve_kernels()
    {
        (KernelHub hub, ManualTime time) = await StartAsync("Culling:IdleAfter=01:00:00");
        await using KernelHub over = hub;
        Random random = new(7);
        List<Watched> all = [];
        for (int i = 0; i < 12; i++)
        {
            string id = await hub.StartKernelAsync();
            all.Add(new Watched(id, await hub.OpenTabAsync(id)));
        }

        int stopped = 0;
        for (int minute = 0; minute < 24 * 60; minute++)
        {
            foreach (Watched one in all.Where(_ => random.Next(45) == 0))
            {
                // Who comes back to a kernel that was stopped starts it anew.
                if (await hub.StateOfAsync(one.Id) == "dead")
                    Assert.Equal(HttpStatusCode.OK, (await hub.Client.PostAsync($"api/kernels/{one.Id}/restart", null, Cancelled)).StatusCode);
                await one.Tab.RunToEndAsync("1+1");
                (one.Used, one.WasDead) = (minute, false);
            }

            await PassAsync(hub, time, s_look);
            foreach (JsonElement kernel in (await hub.Client.GetFromJsonAsync<JsonElement>("api/kernels", Cancelled)).EnumerateArray())
            {
                Watched one = all.Single(watched => watched.Id == kernel.GetProperty("id").GetString());
                bool dead = kernel.GetProperty("execution_state").GetString() == "dead";
                int unused = minute - one.Used;
                Assert.True(dead ? one.WasDead || unused is >= 58 and <= 63 : unused <= 63, $"minute {minute}: unused {unused}, dead {dead}");
                stopped += dead && !one.WasDead ? 1 : 0;
                one.WasDead = dead;
            }
        }

        Assert.True(stopped > 20, $"{stopped} stops");
        await LeaveAsync(hub, [.. all.Select(one => one.Tab)]);
    }

    private static string[] Settings => ["Culling:LookEvery=00:01:00", "Kernels:StopGrace=0", "Http:WebSocketPingSeconds=600"];

    private static async Task<(KernelHub Hub, ManualTime Time)> StartAsync(params string[] settings)
    {
        ManualTime time = new();
        return (await KernelHub.StartWithClockAsync(time, [.. Settings, .. settings]), time);
    }

    /// <summary>Lets time go by, look by look.</summary>
    private static async Task PassAsync(KernelHub hub, ManualTime time, TimeSpan much)
    {
        KernelCuller culler = hub.Hub.Services.GetRequiredService<KernelCuller>();
        for (TimeSpan gone = TimeSpan.Zero; gone < much; gone += s_look)
        {
            long looks = culler.Looks;
            time.Advance(s_look);
            await Eventually.Holds(() => culler.Looks > looks);
        }
    }

    /// <summary>Closes the pages: a hub that ends waits for them, by a clock that stands.</summary>
    private static async Task LeaveAsync(KernelHub hub, params BrowserTab[] tabs)
    {
        foreach (BrowserTab tab in tabs)
            await tab.DisposeAsync();
        KernelRegistry kernels = hub.Hub.Services.GetRequiredService<KernelRegistry>();
        await Eventually.Holds(() => kernels.OpenSockets == 0);
    }

    private sealed class Watched(string id, BrowserTab tab)
    {
        public string Id { get; } = id;

        public BrowserTab Tab { get; } = tab;

        public int Used { get; set; }

        public bool WasDead { get; set; }
    }

    /// <summary>The time of day is what somebody sets; what only goes on goes on.</summary>
    private sealed class SetClock(ManualTime time) : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override long TimestampFrequency => time.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => time.GetUtcNow() + Ahead;

        public override long GetTimestamp() => time.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => time.CreateTimer(callback, state, dueTime, period);
    }
}
