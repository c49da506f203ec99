using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dapper;
using Hub.Storage;
using Hub.Tests.Kernels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Testing;
using Xunit;

namespace Hub.Tests.Admin;

/// <summary>Environments made in the panel, and what becomes of the images of all of them.</summary>
public sealed class EnvironmentsApiTests : IAsyncLifetime
{
    private const string Path = "hub/api/environments";

    private static readonly CancellationToken s_cancel = TestContext.Current.CancellationToken;
    private static readonly string s_first = ImageSpawner.Id('1'), s_second = ImageSpawner.Id('2');

    private readonly ImageSpawner _spawner = new() { Present = { ["here:1"] = s_first } };
    private readonly List<IDisposable> _clients = [];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        await _spawner.DisposeAsync();
    }

    [Fact]
    public async Task One_is_made_used_changed_and_removed_and_all_of_it_is_in_the_audit()
    {
        await using KernelHub hub = await StartAsync();
        HttpClient admin = Admin(hub);
        using HttpResponseMessage made = await admin.PostAsJsonAsync(Path, new { name = "Course", settings = new { image = "here:1", display_name = "The course", memory_bytes = 1 << 30, environment = new Dictionary<string, string> { ["LESSON"] = "4" }, gpus = "all", network = "none" } }, s_cancel);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        Assert.Equal("course", (await made.Content.ReadFromJsonAsync<JsonObject>(s_cancel))!["id"]!.GetValue<string>());
        JsonObject row = await UntilAsync(admin, "course", one => Text(one, "state") == "ready" && Text(one, "image_id") == s_first);
        Assert.Equal(("panel", "The course", "here:1"), (Text(row, "origin"), Text(row, "display_name"), Text(row, "image")));

        await hub.StartKernelAsync("course");
        global::Spawner.SpawnRequest asked = Assert.Single(_spawner.Requests);
        Assert.Equal((s_first, 1L << 30, "4", "all", "none"), (asked.Image, asked.Limits.MemoryBytes, asked.Environment["LESSON"], asked.Gpus, asked.Network));

        Assert.Equal(HttpStatusCode.OK, (await admin.PatchAsJsonAsync(Path + "/course", new { settings = new { display_name = "Changed", gpus = (string?)null } }, s_cancel)).StatusCode);
        JsonObject details = await GetAsync(admin, "course");
        Assert.Equal(("Changed", "", 1L << 30), (Text(details["settings"]!, "display_name"), Text(details["settings"]!, "gpus"), details["settings"]!["memory_bytes"]!.GetValue<long>()));

        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync(Path + "/course", s_cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.DeleteAsync(Path + "/course", s_cancel)).StatusCode);
        Assert.Single((await hub.Client.GetFromJsonAsync<JsonArray>("api/kernels", s_cancel))!); // it runs on
        Assert.Empty(_spawner.Kept);
        await Eventually.Holds(async () =>
        {
            string audit = await admin.GetStringAsync("hub/api/audit", s_cancel);
            return new[] { "environment-created", "environment-changed", "environment-removed" }.All(kind => audit.Contains(kind, StringComparison.Ordinal)) && audit.Contains("here:1", StringComparison.Ordinal);
        }, "the audit of it");
    }

    [Fact]
    public async Task What_is_made_is_there_after_a_restart_of_the_hub_with_its_pin()
    {
        string data = Directory.CreateTempSubdirectory("hub-test-").FullName;
        try
        {
            await using (KernelHub first = await StartAsync(data))
            {
                (await Admin(first).PostAsJsonAsync(Path, new { name = "course", settings = new { image = "here:1", groups = new[] { "a" } } }, s_cancel)).EnsureSuccessStatusCode();
                await UntilAsync(Admin(first), "course", one => one["pinned"]!.GetValue<bool>());
            }
            _spawner.Present["here:1"] = s_second;
            await using KernelHub second = await StartAsync(data);
            JsonObject row = await UntilAsync(Admin(second), "course", one => one["moved"]!.GetValue<bool>());
            Assert.Equal((s_first, "a"), (Text(row, "image_id"), row["groups"]![0]!.GetValue<string>()));
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task Kernels_stay_with_the_pinned_image_until_the_new_one_is_taken()
    {
        await using KernelHub hub = await StartAsync();
        HttpClient admin = Admin(hub);
        (await admin.PostAsJsonAsync(Path, new { name = "course", settings = new { image = "here:1" } }, s_cancel)).EnsureSuccessStatusCode();
        await UntilAsync(admin, "course", one => one["pinned"]!.GetValue<bool>());
        Assert.True(_spawner.Kept.ContainsKey(s_first));

        _spawner.Registry["here:1"] = s_second;
        Assert.Equal(HttpStatusCode.Accepted, (await admin.PostAsJsonAsync(Path + "/course/prepare", new { again = true }, s_cancel)).StatusCode);
        JsonObject moved = await UntilAsync(admin, "course", one => one["moved"]!.GetValue<bool>());
        Assert.Equal(("ready", s_first), (Text(moved, "state"), Text(moved, "image_id")));
        await hub.StartKernelAsync("course");
        Assert.Equal(s_first, _spawner.Requests.Last().Image);

        (await admin.PostAsync(Path + "/course/take", null, s_cancel)).EnsureSuccessStatusCode();
        await hub.StartKernelAsync("course");
        Assert.Equal(s_second, _spawner.Requests.Last().Image);
        Assert.Equal([s_second], _spawner.Kept.Keys);
        Assert.False((await GetAsync(admin, "course"))["moved"]!.GetValue<bool>());
        // What follows its tag has nothing to take.
        Assert.Equal(HttpStatusCode.Conflict, (await admin.PostAsync(Path + "/python3/take", null, s_cancel)).StatusCode);
    }

    [Fact]
    public async Task A_pin_of_the_configuration_is_what_kernels_start_from()
    {
        _spawner.Present["other:1"] = s_second;
        await using KernelHub hub = await StartAsync(null, "Kernels:Specs:pinned:Image=here:1", $"Kernels:Specs:pinned:PinnedDigest={s_second}");
        JsonObject row = await UntilAsync(Admin(hub), "pinned", one => Text(one, "state") == "ready" && one["moved"]!.GetValue<bool>());
        Assert.Equal((s_second, true), (Text(row, "image_id"), row["pinned"]!.GetValue<bool>()));
        await hub.StartKernelAsync("pinned");
        Assert.Equal(s_second, _spawner.Requests.Last().Image);
    }

    [Fact]
    public async Task A_missing_image_is_an_error_of_the_environment_and_nobody_is_offered_it()
    {
        await using KernelHub hub = await StartAsync(null, "Kernels:Specs:absent:Image=nowhere/absent:1", "Kernels:Specs:lonely:Image=here:1", "Kernels:Specs:lonely:Network=missing");
        HttpClient admin = Admin(hub);
        string why = Text(await UntilAsync(admin, "absent", one => Text(one, "state") == "broken"), "message")!;
        Assert.All(["'absent'", "'nowhere/absent:1'", "no such repository", "Docker:Builds"], part => Assert.Contains(part, why, StringComparison.Ordinal));
        Assert.Contains("Kernels:Specs:lonely:Network: the engine has no network \"missing\"", Text(await UntilAsync(admin, "lonely", one => Text(one, "state") == "broken"), "message"), StringComparison.Ordinal);

        JsonObject offered = (await hub.Client.GetFromJsonAsync<JsonObject>("api/kernelspecs", s_cancel))!;
        Assert.Equal(["python3"], offered["kernelspecs"]!.AsObject().Select(spec => spec.Key));
        using HttpResponseMessage refused = await hub.Client.PostAsJsonAsync("api/kernels", new { name = "absent" }, s_cancel);
        Assert.Equal(HttpStatusCode.InternalServerError, refused.StatusCode);
        string said = await refused.Content.ReadAsStringAsync(s_cancel);
        Assert.Contains("environment_broken", said, StringComparison.Ordinal);
        Assert.Contains("tell your administrator", said, StringComparison.Ordinal);
        Assert.Empty(_spawner.Requests);

        // The image comes, and somebody says so.
        _spawner.Registry["nowhere/absent:1"] = s_second;
        Assert.Equal(HttpStatusCode.Accepted, (await admin.PostAsync(Path + "/absent/prepare", null, s_cancel)).StatusCode);
        await UntilAsync(admin, "absent", one => Text(one, "state") == "ready");
        await hub.StartKernelAsync("absent");
    }

    [Fact]
    public async Task A_missing_image_is_tried_again_by_itself()
    {
        ManualTime time = new();
        await using ImageSpawner spawner = new() { Clock = time, Present = { ["here:1"] = s_first } };
        await using KernelHub hub = await KernelHub.StartAsync(spawner, null, time, "Kernels:Specs:python3:Image=here:1", "Kernels:Specs:late:Image=late:1");
        HttpClient admin = Admin(hub);
        await UntilAsync(admin, "late", one => Text(one, "state") == "broken");
        spawner.Registry["late:1"] = s_second;
        await Eventually.Holds(async () =>
        {
            time.Advance(TimeSpan.FromSeconds(300));
            return Text(await GetAsync(admin, "late"), "state") == "ready";
        }, "the image to be there after Kernels:ImageCheckSeconds");
    }

    [Fact]
    public async Task An_engine_that_is_away_makes_nothing_broken()
    {
        _spawner.IsAway = true;
        await using KernelHub hub = await StartAsync();
        JsonObject row = await UntilAsync(Admin(hub), "python3", one => Text(one, "message")!.Length > 0);
        Assert.Equal(("unknown", "The engine does not answer."), (Text(row, "state"), Text(row, "message")));
        Assert.Single((await hub.Client.GetFromJsonAsync<JsonObject>("api/kernelspecs", s_cancel))!["kernelspecs"]!.AsObject());
    }

    [Fact]
    public async Task Progress_of_a_pull_is_pushed_to_the_panel()
    {
        TaskCompletionSource pulling = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _spawner.Pulling = pulling.Task;
        _spawner.Registry["far:1"] = s_second;
        await using KernelHub hub = await StartAsync();
        await using FeedTab panel = await FeedTab.OpenAsync(hub.Hub, HubFixture.AdminToken);
        await panel.CallAsync("WatchEnvironments");
        Assert.True(panel.Next("Environments").GetProperty("whole").GetBoolean());

        (await Admin(hub).PostAsJsonAsync(Path, new { name = "far", settings = new { image = "far:1" } }, s_cancel)).EnsureSuccessStatusCode();
        JsonElement row = panel.NextWhere("Environments", push => RowOf(push, "far") is { } one && one.GetProperty("state").GetString() == "preparing").GetProperty("rows")[0];
        Assert.Equal((30, "Downloading the kernel's image: 3 of 10 MB"), (row.GetProperty("percent").GetInt32(), row.GetProperty("message").GetString()));
        Assert.Equal(HttpStatusCode.Conflict, (await Admin(hub).PostAsync(Path + "/far/prepare", null, s_cancel)).StatusCode);
        pulling.SetResult();
        panel.NextWhere("Environments", push => RowOf(push, "far") is { } one && one.GetProperty("state").GetString() == "ready" && one.GetProperty("pinned").GetBoolean());
        (await Admin(hub).DeleteAsync(Path + "/far", s_cancel)).EnsureSuccessStatusCode();
        panel.NextWhere("Environments", push => push.GetProperty("gone").EnumerateArray().Any(id => id.GetString() == "far"));
    }

    [Fact]
    public async Task What_is_changed_while_its_image_is_pulled_is_looked_after_as_it_is_then()
    {
        TaskCompletionSource pulling = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _spawner.Pulling = pulling.Task;
        _spawner.Registry["far:1"] = s_second;
        await using KernelHub hub = await StartAsync();
        HttpClient admin = Admin(hub);
        (await admin.PostAsJsonAsync(Path, new { name = "far", settings = new { image = "far:1" } }, s_cancel)).EnsureSuccessStatusCode();
        await UntilAsync(admin, "far", one => Text(one, "state") == "preparing");
        (await admin.PatchAsJsonAsync(Path + "/far", new { settings = new { image = "here:1" } }, s_cancel)).EnsureSuccessStatusCode();
        pulling.SetResult();
        JsonObject row = await UntilAsync(admin, "far", one => Text(one, "state") == "ready" && one["pinned"]!.GetValue<bool>());
        Assert.Equal(("here:1", s_first), (Text(row, "image"), Text(row, "image_id")));
    }

    [Theory]
    [InlineData("Kernels:Specs:x:Mounts:0:Source=/nowhere-at-all", "Kernels:Specs:x:Mounts:0: the directory")]
    [InlineData("Kernels:Specs:x:Network=host", "Kernels:Specs:x:Network")]
    [InlineData("Docker:Internet:Allow:0=169.254.169.254", "Docker:Internet:Allow:0")]
    [InlineData("Kernels:Specs:x:MemoryBytes=5", "Kernels:Specs:x:MemoryBytes")]
    [InlineData("Kernels:Specs:x:PinnedDigest=latest", "Kernels:Specs:x:PinnedDigest")]
    [InlineData("Kernels:PanelMountRoots:0=course", "Kernels:PanelMountRoots")]
    public async Task A_mistake_in_the_configuration_stops_the_start_with_its_key(string setting, string key)
    {
        OptionsValidationException wrong = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(null, "Kernels:Specs:x:Image=here:1", "Kernels:Specs:x:Mounts:0:Target=/srv/course", $"Kernels:Specs:x:Mounts:0:Source={AppContext.BaseDirectory.TrimEnd('/')}", setting));
        Assert.Contains(key, wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"settings": {"image": "a"}}""", 400, "name is missing")]
    [InlineData("""{"name": "a b", "settings": {"image": "a"}}""", 400, "may only hold")]
    [InlineData("""{"name": "x", "settings": {}}""", 400, "x:Image is missing")]
    [InlineData("""{"name": "x", "settings": {"image": "a", "colour": "red"}}""", 400, "no setting colour")]
    [InlineData("""{"name": "x", "settings": {"image": "a", "memory_bytes": 3}}""", 400, "x:MemoryBytes")]
    [InlineData("""{"name": "x", "settings": {"image": "a", "network": "host"}}""", 400, "network of the machine")]
    [InlineData("""{"name": "x", "settings": {"image": "a", "mounts": [{"source": "/usr/share", "target": "/srv/x"}]}}""", 400, "Kernels:PanelMountRoots")]
    [InlineData("""{"name": "x", "settings": {"image": "a", "mounts": [{"source": "/nowhere-at-all", "target": "/srv/x"}]}}""", 400, "does not exist")]
    [InlineData("""{"name": "x", "settings": {"image": "a", "resources": "/etc"}}""", 400, "configuration alone")]
    [InlineData("""{"name": "x", "settings": {"image": "a", "pinned_digest": "sha256:1"}}""", 400, "configuration alone")]
    [InlineData("""{"name": "PYTHON3", "settings": {"image": "a"}}""", 409, "already")]
    [InlineData("""{"name": "third", "settings": {"image": "here:1"}}""", 409, "Kernels:MaxPanelSpecs")]
    public async Task What_cannot_be_is_refused_in_words_and_nothing_is_made(string body, int status, string why)
    {
        await using KernelHub hub = await StartAsync(null, "Kernels:MaxPanelSpecs=1");
        HttpClient admin = Admin(hub);
        (await admin.PostAsJsonAsync(Path, new { name = "first", settings = new { image = "here:1" } }, s_cancel)).EnsureSuccessStatusCode();
        using HttpResponseMessage refused = await admin.PostAsync(Path, Json.Raw(body), s_cancel);
        Assert.Equal(status, (int)refused.StatusCode);
        Assert.Contains(why, await refused.Content.ReadAsStringAsync(s_cancel), StringComparison.Ordinal);
        Assert.Equal(["first", "python3"], (await admin.GetFromJsonAsync<JsonArray>(Path, s_cancel))!.Select(row => Text(row!, "id")));
    }

    [Fact]
    public async Task What_the_configuration_says_is_changed_there_and_its_variables_are_not_shown()
    {
        await using KernelHub hub = await StartAsync(null, "Kernels:Specs:python3:Environment:LICENCE=very-secret-key");
        HttpClient admin = Admin(hub);
        foreach (HttpResponseMessage answer in new[] { await admin.PatchAsJsonAsync(Path + "/python3", new { settings = new { image = "x" } }, s_cancel), await admin.DeleteAsync(Path + "/python3", s_cancel) })
        {
            using (answer)
            {
                Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
                Assert.Contains("Kernels:Specs", await answer.Content.ReadAsStringAsync(s_cancel), StringComparison.Ordinal);
            }
        }
        string all = await admin.GetStringAsync(Path + "/python3", s_cancel) + await admin.GetStringAsync(Path, s_cancel);
        Assert.DoesNotContain("very-secret-key", all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_cannot_be_read_any_more_hinders_nothing_and_can_be_removed()
    {
        await using KernelHub hub = await StartAsync();
        HttpClient admin = Admin(hub);
        await hub.Hub.Services.GetRequiredService<HubDatabase>().WriteAsync(
            (connection, transaction) => connection.ExecuteAsync("INSERT INTO environments (name, settings, pin, changed) VALUES ('old', '{\"colour\": 1}', 0, 0);", transaction: transaction), s_cancel);
        (await admin.PostAsJsonAsync(Path, new { name = "course", settings = new { image = "here:1" } }, s_cancel)).EnsureSuccessStatusCode();
        Assert.Equal(HttpStatusCode.NotFound, (await admin.GetAsync(Path + "/old", s_cancel)).StatusCode);
        using HttpResponseMessage taken = await admin.PostAsJsonAsync(Path, new { name = "old", settings = new { image = "here:1" } }, s_cancel);
        Assert.Contains("remove it first", await taken.Content.ReadAsStringAsync(s_cancel), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync(Path + "/old", s_cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await admin.PostAsJsonAsync(Path, new { name = "old", settings = new { image = "here:1" } }, s_cancel)).StatusCode);
    }

    [Fact]
    public async Task One_that_is_switched_off_is_there_for_administrators_alone()
    {
        await using KernelHub hub = await StartAsync();
        HttpClient admin = Admin(hub);
        (await admin.PostAsJsonAsync(Path, new { name = "course", settings = new { image = "here:1", enabled = false } }, s_cancel)).EnsureSuccessStatusCode();
        Assert.Equal("off", Text(await GetAsync(admin, "course"), "state"));
        Assert.Single((await hub.Client.GetFromJsonAsync<JsonObject>("api/kernelspecs", s_cancel))!["kernelspecs"]!.AsObject());
        (await admin.PatchAsJsonAsync(Path + "/course", new { settings = new { enabled = true } }, s_cancel)).EnsureSuccessStatusCode();
        Assert.Equal(2, (await hub.Client.GetFromJsonAsync<JsonObject>("api/kernelspecs", s_cancel))!["kernelspecs"]!.AsObject().Count);
    }

    private Task<KernelHub> StartAsync(string? data = null, params string[] settings) =>
        KernelHub.StartAsync(_spawner, data, ["Kernels:Specs:python3:Image=here:1", .. settings]);

    private HttpClient Admin(KernelHub hub)
    {
        HttpClient client = hub.Hub.Client();
        _clients.Add(client);
        return client;
    }

    private static async Task<JsonObject> GetAsync(HttpClient admin, string name) => (await admin.GetFromJsonAsync<JsonObject>($"{Path}/{name}", s_cancel))!;

    private static async Task<JsonObject> UntilAsync(HttpClient admin, string name, Func<JsonObject, bool> holds)
    {
        JsonObject row = [];
        await Eventually.Holds(async () => holds(row = await GetAsync(admin, name)), $"the state of {name} that is waited for");
        return row;
    }

    private static string? Text(JsonNode row, string key) => row[key]?.GetValue<string>();

    private static JsonElement? RowOf(JsonElement push, string id) =>
        push.GetProperty("rows").EnumerateArray().Where(row => row.GetProperty("id").GetString() == id).Select(row => (JsonElement?)row).FirstOrDefault();
}
