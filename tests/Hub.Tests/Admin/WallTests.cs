using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hub.Admin;
using Hub.Admin.Walls;
using Hub.Classes;
using Hub.Tests.Classes;
using Microsoft.Extensions.DependencyInjection;
using Spawner;
using Testing;
using Xunit;

namespace Hub.Tests.Admin;

/// <summary>The live wall of a class, and what is done for all its students at once.</summary>
public sealed class WallTests
{
    private static readonly CancellationToken s_cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_teacher_sees_their_students_work_fail_raise_hands_and_come_and_go()
    {
        Hands hands = new();
        await using FakeSpawner spawner = new();
        await using HubFixture hub = await StartAsync(spawner, hands);
        JsonObject one = await hub.CreateClassAsync("tina");
        (string anna, _) = await hub.JoinAsGuestAsync(one.Code(), "<b>Anna</b>");
        await using FeedTab panel = await FeedTab.OpenAsync(hub, await TokenAsync(hub, "tina"));
        await panel.CallAsync("WatchWall", one.Id());
        JsonElement whole = panel.Next("Wall");
        Assert.True(whole.GetProperty("whole").GetBoolean());
        JsonElement tile = Assert.Single(whole.GetProperty("tiles").EnumerateArray());
        Assert.Equal((anna, "<b>Anna</b>", "none"), (Text(tile, "user"), Text(tile, "name"), Text(tile, "state")));

        using HttpClient tina = hub.Client(await TokenAsync(hub, "tina"));
        JsonObject started = await ReadAsync(await tina.PostAsync($"hub/api/classes/{one.Id()}/kernels", null, s_cancel));
        Assert.Equal((1, "started"), (started["started"]!.GetValue<int>(), started["students"]![0]!["result"]!.GetValue<string>()));
        Wait(panel, anna, "idle");
        using HttpClient admin = hub.Client();
        JsonArray kernels = (await admin.GetFromJsonAsync<JsonArray>($"user/{anna}/api/kernels", s_cancel))!;
        string id = kernels[0]!["id"]!.GetValue<string>();
        await using BrowserTab tab = await BrowserTab.OpenAsync(new Uri(hub.Address, $"user/{anna}/api/kernels/{id}/channels"), HubFixture.AdminToken);
        await tab.RunAsync("raise");
        Wait(panel, anna, "error");
        await tab.RunAsync("sleep");
        Assert.Equal(JsonValueKind.String, Wait(panel, anna, "running").GetProperty("busy_since").ValueKind);
        hands.Raised = (one.Id(), anna, DateTimeOffset.UnixEpoch);
        panel.NextWhere("Wall", push => push.GetProperty("tiles").EnumerateArray().Any(row => row.GetProperty("hand").ValueKind == JsonValueKind.String));

        await admin.PostAsync($"hub/api/users/{anna}/servers/second", null, s_cancel);
        JsonObject stopped = await ReadAsync(await tina.DeleteAsync($"hub/api/classes/{one.Id()}/kernels", s_cancel));
        Assert.Equal(1, stopped["stopped"]!.GetValue<int>());
        Assert.Empty((await admin.GetFromJsonAsync<JsonObject>($"hub/api/users/{anna}", s_cancel))!["servers"]!.AsObject());
        Wait(panel, anna, "none");
        (string bert, _) = await hub.JoinAsGuestAsync(one.Code(), "Bert");
        Wait(panel, bert, "none");
        string page = await tina.GetStringAsync($"hub/admin/classes/{one.Id()}", s_cancel);
        Assert.Contains("&lt;b&gt;Anna", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>Anna", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_teacher_of_another_class_sees_no_wall_and_no_kernel_of_it()
    {
        await using FakeSpawner spawner = new();
        await using HubFixture hub = await StartAsync(spawner);
        JsonObject hers = await hub.CreateClassAsync("tina"), his = await hub.CreateClassAsync("tom");
        (string anna, _) = await hub.JoinAsGuestAsync(hers.Code(), "Anna");
        (string otto, _) = await hub.JoinAsGuestAsync(his.Code(), "Otto");
        using HttpClient admin = hub.Client();
        foreach (JsonObject one in new[] { hers, his })
            Assert.Equal(1, (await ReadAsync(await admin.PostAsync($"hub/api/classes/{one.Id()}/kernels", null, s_cancel)))["started"]!.GetValue<int>());
        await using FeedTab panel = await FeedTab.OpenAsync(hub, await TokenAsync(hub, "tom"));
        await panel.CallAsync("WatchWall", hers.Id());
        Assert.Contains("No such class", panel.NextRefusal(), StringComparison.Ordinal);
        await panel.CallAsync("WatchWall", 4711);
        Assert.Contains("No such class", panel.NextRefusal(), StringComparison.Ordinal);
        await panel.CallAsync("WatchKernels");
        Assert.Equal([otto], Users(panel.Next("Kernels")));
        // Somebody who joins while the panel is open comes into view with what runs for them already.
        JsonObject second = await hub.CreateClassAsync("tina");
        await hub.CreateUserAsync("bert", ClassHelp.Password);
        (await admin.PostAsync("hub/api/users/bert/server", null, s_cancel)).EnsureSuccessStatusCode();
        (await admin.PostAsJsonAsync("user/bert/api/kernels", new { }, s_cancel)).EnsureSuccessStatusCode();
        (await admin.PutAsJsonAsync($"hub/api/classes/{his.Id()}/members/bert", new { role = "student" }, s_cancel)).EnsureSuccessStatusCode();
        Assert.Equal(["bert"], Users(panel.NextWhere("Kernels", push => push.GetProperty("rows").GetArrayLength() > 0)));
        Assert.NotEqual(anna, second.Code());
    }

    [Fact]
    public async Task Whoever_only_stands_on_the_list_shows_nothing_and_is_not_started()
    {
        await using FakeSpawner spawner = new();
        await using HubFixture hub = await StartAsync(spawner);
        JsonObject one = await hub.CreateClassAsync("tina");
        await hub.CreateUserAsync("bert", ClassHelp.Password);
        using HttpClient admin = hub.Client(), tina = hub.Client(await TokenAsync(hub, "tina"));
        (await admin.PostAsync("hub/api/users/bert/server", null, s_cancel)).EnsureSuccessStatusCode();
        (await admin.PostAsJsonAsync("user/bert/api/sessions", new { path = "secret.ipynb", name = "x", type = "notebook", kernel = new { name = "python3" } }, s_cancel)).EnsureSuccessStatusCode();
        (await tina.PutAsJsonAsync($"hub/api/classes/{one.Id()}/members/bert", new { role = "student" }, s_cancel)).EnsureSuccessStatusCode();
        await using FeedTab panel = await FeedTab.OpenAsync(hub, await TokenAsync(hub, "tina"));
        await panel.CallAsync("WatchWall", one.Id());
        JsonElement tile = Assert.Single(panel.Next("Wall").GetProperty("tiles").EnumerateArray());
        Assert.Equal("listed", Text(tile, "state"));
        Assert.Equal(JsonValueKind.Null, tile.GetProperty("notebook").ValueKind);
        JsonObject started = await ReadAsync(await tina.PostAsync($"hub/api/classes/{one.Id()}/kernels", null, s_cancel));
        Assert.Equal((0, 1), (started["started"]!.GetValue<int>(), started["skipped"]!.GetValue<int>()));
        Assert.Equal(0, (await ReadAsync(await tina.DeleteAsync($"hub/api/classes/{one.Id()}/kernels", s_cancel)))["stopped"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_kernel_is_started_for_everybody_with_the_first_notebook_of_the_class_and_who_runs_already_is_left_alone()
    {
        await using FakeSpawner spawner = new();
        await using HubFixture hub = await StartAsync(spawner, null, "Classes:KernelsAtOnce=2");
        JsonObject one = await hub.CreateClassAsync("tina");
        string materials = Path.Combine(hub.Data, "classes", $"{one.Id()}", "materials");
        Directory.CreateDirectory(materials);
        foreach (string name in new[] { "02 more.ipynb", "01 first.ipynb", "data.csv" })
            await File.WriteAllTextAsync(Path.Combine(materials, name), "{\"cells\":[],\"metadata\":{},\"nbformat\":4,\"nbformat_minor\":5}", s_cancel);
        List<string> names = [];
        for (int i = 0; i < 5; i++)
            names.Add((await hub.JoinAsGuestAsync(one.Code(), $"Student {i}")).Name);
        using HttpClient tina = hub.Client(await TokenAsync(hub, "tina"));
        JsonObject started = await ReadAsync(await tina.PostAsync($"hub/api/classes/{one.Id()}/kernels", null, s_cancel));
        Assert.Equal(5, started["started"]!.GetValue<int>());
        Assert.All(started["students"]!.AsArray(), student => Assert.EndsWith("/01 first.ipynb", student!["path"]!.GetValue<string>(), StringComparison.Ordinal));
        JsonObject again = await ReadAsync(await tina.PostAsync($"hub/api/classes/{one.Id()}/kernels", null, s_cancel));
        Assert.Equal((0, 5), (again["started"]!.GetValue<int>(), again["running"]!.GetValue<int>()));
        using HttpClient admin = hub.Client();
        string audit = "";
        while (!audit.Contains("kernels-started", StringComparison.Ordinal)) // written soon after; the test's own time limit ends it
            audit = await admin.GetStringAsync("hub/api/audit?order=newest&limit=50", s_cancel);
        (await admin.PostAsync($"hub/api/classes/{one.Id()}/end", null, s_cancel)).EnsureSuccessStatusCode();
        Assert.Equal(HttpStatusCode.Conflict, (await tina.PostAsync($"hub/api/classes/{one.Id()}/kernels", null, s_cancel)).StatusCode);
    }

    [Fact]
    public async Task Why_a_kernel_could_not_be_started_is_told_for_each_student()
    {
        await using FailingSpawner spawner = new(new SpawnException(SpawnFailure.Unknown, "The image is missing.", "no image"));
        await using HubFixture hub = await StartAsync(spawner);
        JsonObject one = await hub.CreateClassAsync("tina");
        await hub.JoinAsGuestAsync(one.Code(), "Anna");
        using HttpClient tina = hub.Client(await TokenAsync(hub, "tina"));
        JsonObject started = await ReadAsync(await tina.PostAsync($"hub/api/classes/{one.Id()}/kernels", null, s_cancel));
        Assert.Equal((0, 1), (started["started"]!.GetValue<int>(), started["failed"]!.GetValue<int>()));
        Assert.Contains("image is missing", started["students"]![0]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_tile_shows_the_kernel_that_works_and_says_what_became_of_the_last_cell()
    {
        KernelRow old = Row("a", "idle", 1), failed = Row("b", "idle", 2, failed: true), busy = Row("c", "busy", 0), dead = Row("d", "dead", 3);
        Assert.Null(WallState.Shown([]));
        Assert.Same(failed, WallState.Shown([old, failed]));
        Assert.Same(busy, WallState.Shown([old, busy, failed, dead]));
        Assert.Equal(
            ["away", "none", "idle", "error", "running", "error", "starting"],
            [WallState.Of(null, false), WallState.Of(null, true), WallState.Of(old, true), WallState.Of(failed, true), WallState.Of(busy, false), WallState.Of(dead, true), WallState.Of(Row("e", "restarting", 1), true)]);
    }

    [Fact]
    public void Only_tiles_that_changed_are_told_and_who_left()
    {
        WallTile anna = new("anna", "Anna", "idle", null, null, null, null, 1, null), bert = anna with { User = "bert" };
        Dictionary<string, WallTile> before = new() { ["anna"] = anna, ["bert"] = bert };
        Assert.True(WallChanges.Between(1, before, new Dictionary<string, WallTile>(before)).IsEmpty);
        WallChanges changes = WallChanges.Between(1, before, new Dictionary<string, WallTile> { ["anna"] = anna with { State = "error" } });
        Assert.Equal((false, "error", "bert"), (changes.Whole, Assert.Single(changes.Tiles).State, Assert.Single(changes.Gone)));
        Assert.True(WallChanges.Between(1, null, new Dictionary<string, WallTile>()) is { Whole: true, IsEmpty: false });
    }

    private static KernelRow Row(string id, string state, int second, bool failed = false) =>
        new(id, "anna", "python3", "one.ipynb", state, null, null, 0, 0, 0, DateTimeOffset.UnixEpoch.AddSeconds(second), null, null, null, null, failed);

    private static Task<HubFixture> StartAsync(FakeSpawner spawner, IRaisedHands? hands = null, params string[] settings) => HubFixture.StartAsync(settings, services =>
    {
        services.AddSingleton<ISpawner>(spawner);
        services.AddSingleton(new SpawnerChoice(SpawnerKind.Container, "Kernels are fakes of a test."));
        if (hands is not null)
            services.AddSingleton(hands);
    });

    private static JsonElement Wait(FeedTab panel, string user, string state) =>
        panel.NextWhere("Wall", push => push.GetProperty("tiles").EnumerateArray().Any(tile => Text(tile, "user") == user && Text(tile, "state") == state))
            .GetProperty("tiles").EnumerateArray().Single(tile => Text(tile, "user") == user);

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static List<string> Users(JsonElement push) => [.. push.GetProperty("rows").EnumerateArray().Select(row => Text(row, "user"))];

    private static async Task<JsonObject> ReadAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(s_cancel));
            return (await answer.Content.ReadFromJsonAsync<JsonObject>(s_cancel))!;
        }
    }

    private static async Task<string> TokenAsync(HubFixture hub, string user)
    {
        using HttpClient admin = hub.Client();
        using HttpResponseMessage made = await admin.PostAsJsonAsync($"hub/api/users/{user}/tokens", new { }, s_cancel);
        return (await ReadAsync(made))["token"]!.GetValue<string>();
    }

    private sealed class Hands : IRaisedHands
    {
        public (long ClassId, string User, DateTimeOffset At)? Raised { get; set; }

        public DateTimeOffset? RaisedAt(long classId, string userName) => Raised is { } hand && hand.ClassId == classId && hand.User == userName ? hand.At : null;
    }
}
