using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hub.Admin;
using Hub.Tests.Classes;
using Hub.Tests.Kernels;
using Testing;
using Xunit;

namespace Hub.Tests.Admin;

/// <summary>Servers in the panel, and what kernels may take.</summary>
public sealed class ServersFeedTests
{
    private const long Mebibyte = 1 << 20;

    private static readonly CancellationToken s_cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_is_shown_with_what_its_kernels_come_to_until_it_is_stopped()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        await using FeedTab panel = await FeedTab.OpenAsync(hub.Hub, HubFixture.AdminToken);
        await panel.CallAsync("WatchServers");
        JsonElement whole = panel.Next("Servers");
        Assert.True(whole.GetProperty("whole").GetBoolean());
        JsonElement empty = Assert.Single(whole.GetProperty("rows").EnumerateArray());
        Assert.Equal(
            ("admin/", "admin", "", "running", 0, 0, 0L),
            (Text(empty, "id"), Text(empty, "user"), Text(empty, "name"), Text(empty, "state"), Number(empty, "kernels"), Number(empty, "tabs"), Number(empty, "memory")));

        string one = await hub.StartKernelAsync();
        await hub.StartKernelAsync();
        await using BrowserTab tab = await hub.OpenTabAsync(one);
        await tab.RunAsync("sleep");
        JsonElement busy = panel.NextWhere("Servers", push => push.GetProperty("rows").EnumerateArray().Any(row => Number(row, "busy") == 1)).GetProperty("rows")[0];
        Assert.Equal((2, 1), (Number(busy, "kernels"), Number(busy, "tabs")));
        Assert.Equal(JsonValueKind.Null, busy.GetProperty("memory").ValueKind); // a fake spawner cannot tell, and nothing is made up
        Assert.Equal(JsonValueKind.Null, busy.GetProperty("memory_limit").ValueKind);

        (await hub.Hub.Client().DeleteAsync("hub/api/users/admin/server", s_cancel)).EnsureSuccessStatusCode();
        panel.NextWhere("Servers", push => push.GetProperty("gone").EnumerateArray().Any(id => id.GetString() == "admin/"));
    }

    [Fact]
    public async Task Servers_of_one_user_are_rows_of_their_own_with_their_own_kernels()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        using HttpClient admin = hub.Hub.Client();
        Assert.Equal(HttpStatusCode.Created, (await admin.PostAsync("hub/api/users/admin/servers/second", null, s_cancel)).StatusCode);
        await hub.StartKernelAsync();
        using HttpResponseMessage started = await admin.PostAsJsonAsync("user/admin/second/api/kernels", new { }, s_cancel);
        string second = (await started.Content.ReadFromJsonAsync<JsonObject>(s_cancel))!["id"]!.GetValue<string>();
        await using FeedTab panel = await FeedTab.OpenAsync(hub.Hub, HubFixture.AdminToken);
        await panel.CallAsync("WatchServers");
        Dictionary<string, JsonElement> rows = panel.Next("Servers").GetProperty("rows").EnumerateArray().ToDictionary(row => Text(row, "id")!);
        Assert.Equal(["admin/", "admin/second"], rows.Keys.Order(StringComparer.Ordinal));
        Assert.All(rows.Values, row => Assert.Equal(1, Number(row, "kernels")));
        Assert.Equal("second", Text(rows["admin/second"], "name"));
        await panel.CallAsync("WatchKernels");
        JsonElement[] kernels = [.. panel.Next("Kernels").GetProperty("rows").EnumerateArray()];
        Assert.Equal(second, Text(Assert.Single(kernels, row => Text(row, "server") == "second"), "id"));
    }

    [Fact]
    public async Task A_teacher_sees_the_servers_of_their_students_alone()
    {
        await using FakeSpawner spawner = new();
        await using KernelHub kernels = await KernelHub.StartAsync(spawner);
        HubFixture hub = kernels.Hub;
        JsonObject hers = await hub.CreateClassAsync("tina"), his = await hub.CreateClassAsync("tom");
        (string anna, _) = await hub.JoinAsGuestAsync(hers.Code(), "Anna");
        (string otto, _) = await hub.JoinAsGuestAsync(his.Code(), "Otto");
        using HttpClient admin = hub.Client();
        foreach (string name in new[] { anna, otto })
            await admin.PostAsync($"hub/api/users/{name}/server", null, s_cancel);
        await using FeedTab panel = await FeedTab.OpenAsync(hub, await TokenAsync(admin, "tom"));
        await panel.CallAsync("WatchServers");
        Assert.Equal([otto], panel.Next("Servers").GetProperty("rows").EnumerateArray().Select(row => Text(row, "user")));

        using HttpClient tom = hub.Client(await TokenAsync(admin, "tom"));
        string page = await tom.GetStringAsync("hub/admin/servers", s_cancel);
        Assert.Contains(otto, page, StringComparison.Ordinal);
        Assert.DoesNotContain(anna, page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kernel_is_shown_with_the_limit_it_was_started_with_and_after_a_restart_of_the_hub_too()
    {
        string data = Directory.CreateTempSubdirectory("hub-test-").FullName;
        await using FakeSpawner spawner = new();
        try
        {
            string kernel;
            await using (KernelHub before = await KernelHub.StartAsync(spawner, data))
            {
                Floor floor = await Floor.BeginAsync(before.Hub, new { limits = new { memory_bytes = 300 * Mebibyte } });
                using HttpResponseMessage started = await floor.Guest.PostAsJsonAsync($"user/{floor.Student}/api/kernels", new { }, s_cancel);
                kernel = (await started.Content.ReadFromJsonAsync<JsonObject>(s_cancel))!["id"]!.GetValue<string>();
                // What holds from the next start on changes nothing about what runs.
                Assert.Equal(HttpStatusCode.OK, (await floor.Teacher.PatchAsJsonAsync(floor.Path, new { limits = new { memory_bytes = 500 * Mebibyte } }, s_cancel)).StatusCode);
                Assert.Equal(300 * Mebibyte, await LimitAsync(before.Hub, kernel));
                await using FeedTab panel = await FeedTab.OpenAsync(before.Hub, HubFixture.AdminToken);
                await panel.CallAsync("WatchServers");
                Assert.Contains(panel.Next("Servers").GetProperty("rows").EnumerateArray(), row => Text(row, "user") == floor.Student && Number(row, "memory_limit") == 300 * Mebibyte);
            }
            await using KernelHub after = await KernelHub.StartAsync(spawner, data);
            Assert.Equal(300 * Mebibyte, await LimitAsync(after.Hub, kernel));
            Assert.Contains("unknown of 300 MiB", await after.Hub.Client().GetStringAsync("hub/admin/kernels", s_cancel), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public void Sums_say_no_more_than_is_known()
    {
        DateTimeOffset at = DateTimeOffset.UnixEpoch;
        ServerRow row = Of(Kernel(100, 1000, 7) with { State = "busy", Tabs = 2 }, Kernel(50, 500, null), Kernel(9, 9, 9) with { State = "dead", Tabs = 1 });
        Assert.Equal((2, 1, 2, 150L, 1500L, 7), (row.Kernels, row.Busy, row.Tabs, row.Memory, row.MemoryLimit, row.Cpu));
        Assert.Null(Of(Kernel(100, 1000, 7), Kernel(100, null, 7)).MemoryLimit);
        row = Of(Kernel(null, 1000, null));
        Assert.Equal((null, 1000L, null), (row.Memory, row.MemoryLimit, row.Cpu));
        row = Of();
        Assert.Equal((0L, null, 0), (row.Memory, row.MemoryLimit, row.Cpu));
        Assert.Equal(at.AddSeconds(5), Of(Kernel(1, 1, 1) with { LastActivity = at.AddSeconds(5) }).LastActivity);

        static KernelRow Kernel(long? memory, long? limit, int? cpu) =>
            new("k", "ada", "python3", "", "idle", null, null, 0, 0, 0, DateTimeOffset.UnixEpoch, memory, limit, cpu, null, false);
        ServerRow Of(params KernelRow[] kernels) => ServerRow.Of("ada", "", running: true, at, at, kernels);
    }

    [Fact]
    public void Of_five_thousand_rows_only_those_that_changed_are_told()
    {
        Dictionary<string, ServerRow> before = Enumerable.Range(0, 5000).Select(Row).ToDictionary(row => row.Id);
        Dictionary<string, ServerRow> now = new(before) { ["u7/"] = before["u7/"] with { Tabs = 1 } };
        now.Remove("u8/");
        RowChanges<ServerRow> changes = RowDifference.Between(before, now, _ => true, _ => true);
        Assert.Equal((false, "u7/", "u8/"), (changes.Whole, Assert.Single(changes.Rows).Id, Assert.Single(changes.Gone)));
        Assert.True(RowDifference.Between(before, before, _ => true, _ => true).IsEmpty);
        // Whoever leaves a group goes out of sight, and comes into it with what runs for them already.
        Assert.Equal(5000, RowDifference.Between(before, before, _ => false, _ => true).Gone.Count);
        Assert.Equal(5000, RowDifference.Between(before, before, _ => true, _ => false).Rows.Count);

        static ServerRow Row(int i) => ServerRow.Of($"u{i}", "", running: true, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, []);
    }

    private static async Task<long> LimitAsync(HubFixture hub, string kernelId)
    {
        await using FeedTab panel = await FeedTab.OpenAsync(hub, HubFixture.AdminToken);
        await panel.CallAsync("WatchKernels");
        return panel.NextWhere("Kernels", push => push.GetProperty("rows").EnumerateArray().Any(row => Text(row, "id") == kernelId && row.GetProperty("memory_limit").ValueKind == JsonValueKind.Number))
            .GetProperty("rows").EnumerateArray().First(row => Text(row, "id") == kernelId).GetProperty("memory_limit").GetInt64();
    }

    private static async Task<string> TokenAsync(HttpClient admin, string user)
    {
        using HttpResponseMessage made = await admin.PostAsJsonAsync($"hub/api/users/{user}/tokens", new { }, s_cancel);
        made.EnsureSuccessStatusCode();
        return (await made.Content.ReadFromJsonAsync<JsonObject>(s_cancel))!["token"]!.GetValue<string>();
    }

    private static string? Text(JsonElement row, string name) => row.GetProperty(name).GetString();

    private static long Number(JsonElement row, string name) => row.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? number.GetInt64() : -1;
}
