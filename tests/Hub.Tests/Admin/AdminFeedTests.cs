using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dapper;
using Hub.Admin;
using Hub.Auth;
using Hub.Storage;
using Hub.Tests.Kernels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Spawner;
using Testing;
using Xunit;

namespace Hub.Tests.Admin;

/// <summary>The panel's live line over a real WebSocket.</summary>
public sealed class AdminFeedTests
{
    private static readonly CancellationToken s_cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_panel_is_told_every_kernel_and_then_only_what_changed()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        string first = await hub.StartKernelAsync();
        await using FeedTab panel = await FeedTab.OpenAsync(hub.Hub, HubFixture.AdminToken);
        await panel.CallAsync("WatchKernels");
        JsonElement whole = panel.Next("Kernels");
        Assert.True(whole.GetProperty("whole").GetBoolean());
        Assert.Equal(first, Assert.Single(whole.GetProperty("rows").EnumerateArray()).GetProperty("id").GetString());

        string second = await hub.StartKernelAsync();
        JsonElement more = panel.NextWhere("Kernels", push => Ids(push).Contains(second));
        Assert.False(more.GetProperty("whole").GetBoolean());

        (await hub.Client.DeleteAsync($"api/kernels/{first}", s_cancel)).EnsureSuccessStatusCode();
        panel.NextWhere("Kernels", push => push.GetProperty("gone").EnumerateArray().Any(id => id.GetString() == first));
    }

    [Fact]
    public async Task Starts_that_wait_are_told_and_that_they_wait_for_memory()
    {
        await using KernelHub hub = await KernelHub.StartAsync(settings: ["Starts:KeepFreeBytes=1099511627776", "Kernels:StartReplyAfter=00:00:00.100"]);
        await using FeedTab panel = await FeedTab.OpenAsync(hub.Hub, HubFixture.AdminToken);
        await panel.CallAsync("WatchOverview");
        JsonElement before = panel.Next("Overview");
        Assert.Equal(0, before.GetProperty("waiting").GetInt32());
        Assert.Equal(JsonValueKind.Null, before.GetProperty("wait_seconds").ValueKind);
        Assert.False(before.GetProperty("is_full").GetBoolean());
        Assert.InRange(before.GetProperty("free_memory").GetInt64(), 1 << 20, 1L << 50);

        using HttpResponseMessage asked = await hub.Client.PostAsJsonAsync("api/kernels", new { }, s_cancel);
        string id = (await asked.Content.ReadFromJsonAsync<JsonObject>(s_cancel))!["id"]!.GetValue<string>();
        JsonElement waiting = panel.NextWhere("Overview", now => now.GetProperty("waiting").GetInt32() == 1);
        Assert.True(waiting.GetProperty("is_full").GetBoolean());
        (await hub.Client.DeleteAsync($"api/kernels/{id}", s_cancel)).EnsureSuccessStatusCode();
        panel.NextWhere("Overview", now => now.GetProperty("waiting").GetInt32() == 0);
    }

    [Fact]
    public async Task A_kernel_is_shown_busy_with_who_runs_it_its_tabs_and_its_notebook()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        using HttpResponseMessage opened = await hub.Client.PostAsJsonAsync(
            "api/sessions", new { path = "lessons/<b>one</b>.ipynb", name = "x", type = "notebook", kernel = new { name = "python3" } }, s_cancel);
        opened.EnsureSuccessStatusCode();
        string id = (await opened.Content.ReadFromJsonAsync<JsonObject>(s_cancel))!["kernel"]!["id"]!.GetValue<string>();
        await using FeedTab panel = await FeedTab.OpenAsync(hub.Hub, HubFixture.AdminToken);
        await panel.CallAsync("WatchKernels");
        await using BrowserTab tab = await hub.OpenTabAsync(id);
        await tab.RunAsync("sleep");
        JsonElement row = panel.NextWhere("Kernels", push => push.GetProperty("rows").EnumerateArray().Any(one => one.GetProperty("state").GetString() == "busy"))
            .GetProperty("rows")[0];
        Assert.Equal("lessons/<b>one</b>.ipynb", row.GetProperty("path").GetString());
        Assert.Equal("admin", row.GetProperty("busy_for").GetString());
        Assert.Equal(1, row.GetProperty("tabs").GetInt32());
        Assert.Equal(JsonValueKind.String, row.GetProperty("busy_since").ValueKind);
        Assert.Equal(JsonValueKind.Null, row.GetProperty("memory").ValueKind); // a fake spawner cannot tell, and nothing is made up
    }

    [Fact]
    public async Task However_much_happens_a_panel_is_told_at_most_once_a_second_and_nothing_is_done_for_nobody()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        string id = await hub.StartKernelAsync();
        AdminFeedPump pump = hub.Hub.Services.GetRequiredService<AdminFeedPump>();
        await Task.Delay(TimeSpan.FromSeconds(1.2), TimeProvider.System, s_cancel);
        Assert.Equal(0, pump.Taken);
        await using FeedTab panel = await FeedTab.OpenAsync(hub.Hub, HubFixture.AdminToken);
        await panel.CallAsync("WatchKernels");
        panel.Next("Kernels");
        await using BrowserTab tab = await hub.OpenTabAsync(id);
        long began = TimeProvider.System.GetTimestamp();
        int before = panel.Pushes, cells = 0;
        while (TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(3))
        {
            await tab.RunAsync("print 1");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, s_cancel);
            cells++;
        }
        TimeSpan passed = TimeProvider.System.GetElapsedTime(began);
        Assert.True(cells > 20, $"only {cells} cells ran");
        Assert.InRange(panel.Pushes - before, 1, (int)passed.TotalSeconds + 2);
    }

    [Fact]
    public async Task A_token_sees_only_rows_its_scopes_reach()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        string mine = await hub.StartKernelAsync();
        await hub.Hub.CreateUserAsync("ada", "a good password for ada");
        using HttpClient admin = hub.Hub.Client();
        (await admin.PostAsync("hub/api/users/ada/server", null, s_cancel)).EnsureSuccessStatusCode();
        using HttpResponseMessage started = await admin.PostAsJsonAsync("user/ada/api/kernels", new { }, s_cancel);
        string hers = (await started.Content.ReadFromJsonAsync<JsonObject>(s_cancel))!["id"]!.GetValue<string>();

        await using FeedTab panel = await FeedTab.OpenAsync(hub.Hub, await TokenAsync(hub.Hub, "admin-ui", "read:servers!user=ada"));
        await panel.CallAsync("WatchKernels");
        Assert.Equal([hers], Ids(panel.Next("Kernels")));
        await panel.CallAsync("WatchOverview");
        Assert.Contains("read:hub", panel.NextRefusal(), StringComparison.Ordinal);
        Assert.NotEqual(mine, hers);
    }

    [Fact]
    public async Task A_refusal_is_no_error_in_the_log_and_a_failure_of_the_hub_is()
    {
        using LogCapture errors = new();
        await using HubFixture hub = await HubFixture.StartAsync(replace: services => services.AddLogging(logging => logging.AddProvider(errors).AddFilter<LogCapture>(level => level >= LogLevel.Error)));
        await using FeedTab panel = await FeedTab.OpenAsync(hub, await TokenAsync(hub, "admin-ui", "classes"));
        await panel.CallAsync("WatchOverview");
        Assert.Contains("read:hub", panel.NextRefusal(), StringComparison.Ordinal);
        await panel.CallAsync("WatchWall", 4711);
        Assert.Contains("No such class", panel.NextRefusal(), StringComparison.Ordinal);
        Assert.Equal("", errors.Text);

        await hub.Services.GetRequiredService<HubDatabase>().WriteAsync((connection, transaction) => connection.ExecuteAsync("ALTER TABLE classes RENAME COLUMN capacity TO gone;", null, transaction), s_cancel);
        await panel.CallAsync("WatchWall", 4711);
        Assert.DoesNotContain("no such table", panel.NextFailure(), StringComparison.Ordinal);
        await Eventually.Holds(() => errors.Text.Contains("WatchWall", StringComparison.Ordinal), "the failure to be told to the operator");
    }

    [Fact]
    public async Task A_panel_too_many_is_sent_away_without_an_error()
    {
        using LogCapture errors = new();
        await using HubFixture hub = await HubFixture.StartAsync(
            ["Admin:MaxPanels=1"], services => services.AddLogging(logging => logging.AddProvider(errors).AddFilter<LogCapture>(level => level >= LogLevel.Error)));
        await using (FeedTab first = await FeedTab.OpenAsync(hub, HubFixture.AdminToken))
        {
            await first.CallAsync("WatchOverview");
            first.Next("Overview");
            await using FeedTab second = await FeedTab.OpenAsync(hub, HubFixture.AdminToken);
            await second.Ended.WaitAsync(TimeSpan.FromSeconds(30), s_cancel);
            Assert.Equal("", errors.Text);
        }
        // Whoever was sent away took nobody's place.
        await Eventually.Holds(async () =>
        {
            await using FeedTab third = await FeedTab.OpenAsync(hub, HubFixture.AdminToken);
            await third.CallAsync("WatchOverview");
            return await Task.WhenAny(third.Ended, Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, s_cancel)) != third.Ended;
        });
    }

    [Fact]
    public async Task Whoever_may_decide_about_them_is_told_how_many_wait_for_approval_whatever_page_they_look_at()
    {
        await using HubFixture hub = await HubFixture.StartAsync(["Auth:SignUp=Approval"]);
        SignUpsStore signUps = hub.Services.GetRequiredService<SignUpsStore>();
        await using FeedTab panel = await FeedTab.OpenAsync(hub, HubFixture.AdminToken);
        await panel.CallAsync("WatchNavigation");
        Assert.Equal(0, panel.Next("Waiting").GetInt32());
        await using FeedTab kernels = await FeedTab.OpenAsync(hub, HubFixture.AdminToken);
        await kernels.CallAsync("WatchKernels");
        await using FeedTab teacher = await FeedTab.OpenAsync(hub, await TokenAsync(hub, "admin-ui", "read:hub"));
        await teacher.CallAsync("WatchOverview");
        await signUps.CreateAsync("ada", "hash", 10, s_cancel);
        await signUps.CreateAsync("eve", "hash", 10, s_cancel);
        Assert.Equal(2, panel.NextWhere("Waiting", push => push.GetInt32() > 1).GetInt32());
        kernels.NextWhere("Waiting", push => push.GetInt32() == 2);
        string page = await hub.Client().GetStringAsync("hub/admin/settings", s_cancel);
        Assert.Contains("> 2<span class=\"unseen\"> waiting for approval</span>", page, StringComparison.Ordinal);
        using HttpClient other = hub.Client(await TokenAsync(hub, "admin-ui", "read:hub", "list:users"));
        Assert.DoesNotContain("waiting for approval", await other.GetStringAsync("hub/admin/settings", s_cancel), StringComparison.Ordinal);

        using HttpClient admin = hub.Client();
        (await admin.PostAsync("hub/api/sign-ups/ada", null, s_cancel)).EnsureSuccessStatusCode();
        panel.NextWhere("Waiting", push => push.GetInt32() == 1);
        (await admin.DeleteAsync("hub/api/sign-ups/eve", s_cancel)).EnsureSuccessStatusCode();
        panel.NextWhere("Waiting", push => push.GetInt32() == 0);
        teacher.Next("Overview");
        Assert.False(teacher.Heard("Waiting"));
    }

    [Fact]
    public async Task Without_admin_ui_there_is_no_line()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        string token = await TokenAsync(hub, "read:servers", "read:hub");
        await Assert.ThrowsAsync<WebSocketException>(() => FeedTab.OpenAsync(hub, token));
        using HttpClient client = hub.Client(token);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.PostAsync("hub/admin/feed/negotiate?negotiateVersion=1", null, s_cancel)).StatusCode);
        using HttpClient nobody = hub.Client(null);
        Assert.Equal(HttpStatusCode.Forbidden, (await nobody.PostAsync("hub/admin/feed/negotiate?negotiateVersion=1", null, s_cancel)).StatusCode);
    }

    [Fact]
    public async Task The_line_ends_with_the_token_it_came_with()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        using HttpClient admin = hub.Client();
        using HttpResponseMessage made = await admin.PostAsJsonAsync("hub/api/users/admin/tokens", new { scopes = new[] { "admin-ui", "read:hub" } }, s_cancel);
        JsonObject token = (await made.Content.ReadFromJsonAsync<JsonObject>(s_cancel))!;
        await using FeedTab panel = await FeedTab.OpenAsync(hub, token["token"]!.GetValue<string>());
        await panel.CallAsync("WatchOverview");
        panel.Next("Overview");
        (await admin.DeleteAsync($"hub/api/users/admin/tokens/{token["id"]}", s_cancel)).EnsureSuccessStatusCode();
        await panel.Ended.WaitAsync(TimeSpan.FromSeconds(30), s_cancel);
    }

    [Fact]
    public async Task A_panel_that_does_not_read_costs_the_others_nothing()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        await using FeedTab deaf = await FeedTab.OpenAsync(hub, HubFixture.AdminToken, read: false);
        await deaf.CallAsync("WatchOverview");
        await using FeedTab panel = await FeedTab.OpenAsync(hub, HubFixture.AdminToken);
        await panel.CallAsync("WatchOverview");
        JsonElement before = panel.Next("Overview");
        Assert.NotEqual(before.GetProperty("at").GetDateTimeOffset(), panel.Next("Overview").GetProperty("at").GetDateTimeOffset());
    }

    [Fact]
    public async Task The_overview_counts_kernels_people_starts_and_failures_with_their_reasons()
    {
        await using KernelHub hub = await KernelHub.StartAsync(new FailingSpawner(new SpawnException(SpawnFailure.Unknown, "The image is missing.", "no image")));
        using HttpResponseMessage failed = await hub.Client.PostAsJsonAsync("api/kernels", new { }, s_cancel);
        Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        await using FeedTab panel = await FeedTab.OpenAsync(hub.Hub, HubFixture.AdminToken);
        await panel.CallAsync("WatchOverview");
        JsonElement overview = panel.NextWhere("Overview", push => push.GetProperty("failures").GetArrayLength() > 0);
        JsonElement failure = overview.GetProperty("failures")[0];
        Assert.Equal("admin", failure.GetProperty("user").GetString());
        Assert.NotEqual("", failure.GetProperty("message").GetString());
        Assert.Equal(1, overview.GetProperty("servers").GetInt32());
        Assert.True(overview.GetProperty("hub_memory").GetInt64() > 0);
        Assert.Equal(AdminTally.Minutes, overview.GetProperty("starts").GetArrayLength());
    }

    [Fact]
    public void Every_method_of_the_line_states_its_scope() =>
        Assert.Empty(
            from method in typeof(AdminFeed).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            where method.GetBaseDefinition() == method && method.GetCustomAttribute<FeedScopeAttribute>() is null
            select method.Name);

    private static async Task<string> TokenAsync(HubFixture hub, params string[] scopes)
    {
        using HttpClient admin = hub.Client();
        using HttpResponseMessage made = await admin.PostAsJsonAsync("hub/api/users/admin/tokens", new { scopes }, s_cancel);
        made.EnsureSuccessStatusCode();
        return (await made.Content.ReadFromJsonAsync<JsonObject>(s_cancel))!["token"]!.GetValue<string>();
    }

    private static List<string> Ids(JsonElement push) => [.. push.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("id").GetString()!)];
}
