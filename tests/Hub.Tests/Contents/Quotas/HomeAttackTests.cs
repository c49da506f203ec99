using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Hub.Contents.Quotas;
using Testing;
using Xunit;

namespace Hub.Tests.Contents.Quotas;

/// <summary>
/// Kernels in real containers that fill their own home, beside a neighbour who must not notice. Both ways of keeping a quota: an image, which is a wall, and
/// measuring, which ends the kernel. The engine is the one <c>HUB_TEST_DOCKER</c> names.
/// </summary>
public sealed class HomeAttackTests : IAsyncLifetime
{
    private const int Quota = 64 << 20;

    private string _data = "";
    private HubFixture? _hub;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        Assert.SkipUnless(ImageSupport.Problem() is null, $"Homes cannot be images here: {ImageSupport.Problem()}");
        Assert.SkipUnless(File.Exists(Environment.GetEnvironmentVariable("HUB_TEST_DOCKER")), "HUB_TEST_DOCKER names no engine.");
        _data = Directory.CreateTempSubdirectory("hub-attack-").FullName;
        // Kernels are to reach their homes with their own uid.
        File.SetUnixFileMode(_data, File.GetUnixFileMode(_data) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (_hub is not null)
            await _hub.DisposeAsync();
        // The hub ended with its kernels: nothing of it is mounted any more.
        if (Directory.Exists(Path.Combine(_data, "homes")))
            Assert.DoesNotContain(Directory.GetDirectories(Path.Combine(_data, "homes")), MountPoint.IsMounted);
        Directory.Delete(_data, recursive: true);
    }

    [Theory]
    [InlineData("one large file", """
        try:
            with open('fill.bin', 'wb') as f:
                while True: f.write(bytes(1 << 20)); f.flush()
        except OSError as e: print('errno', e.errno)
        """)]
    [InlineData("as many small files as it takes", """
        import os
        os.mkdir('many')
        try:
            for i in range(10_000_000):
                with open(f'many/{i}', 'wb') as f: f.write(b'x')
        except OSError as e: print('errno', e.errno)
        """)]
    public async Task A_kernel_that_fills_its_home_ends_at_its_own_wall(string how, string attack)
    {
        await StartAsync("Homes:QuotaKind=image");
        (string kernel, ContentsClient ada) = await BeginAsync("ada");
        (string other, ContentsClient bob) = await BeginAsync("bob");
        object notebook = new { nbformat = 4, nbformat_minor = 5, metadata = new { }, cells = Array.Empty<object>() };
        (await ada.PutAsync("note.ipynb", new { type = "notebook", content = notebook })).EnsureStatus(201);
        await using BrowserTab tab = await OpenAsync(ada, kernel);
        await using BrowserTab neighbour = await OpenAsync(bob, other);

        Assert.Equal((how, "errno 28\n"), (how, await SayAsync(tab, attack)));
        // The kernel and its page go on, and the neighbour has all of its room.
        Assert.Equal("2\n", await SayAsync(tab, "print(1 + 1)"));
        Assert.Equal("41943040\n", await SayAsync(neighbour, "import os\nopen('mine.bin', 'wb').write(bytes(40 << 20))\nprint(os.path.getsize('mine.bin'))"));
        (await bob.PostAsync("", new { type = "notebook" })).EnsureStatus(201);

        // The hub lists, opens, reads and saves over; it makes nothing new, and says why.
        (await ada.GetAsync("")).EnsureStatus(200);
        (await ada.GetAsync("note.ipynb")).EnsureStatus(200);
        (await ada.PutAsync("note.ipynb", new { type = "notebook", content = notebook })).EnsureStatus(200);
        for (int again = 0; again < 10; again++)
            (await ada.PutAsync("note.ipynb", new { type = "notebook", content = notebook })).EnsureStatus(200);
        bool large = how.StartsWith("one", StringComparison.Ordinal);
        ContentsAnswer refused = await ada.SaveAsync("more.txt", "more");
        Assert.Contains(large ? "of 64 MiB are used" : "no room for one file more: '/more.txt'", refused.EnsureStatus(507).Message, StringComparison.Ordinal);
        if (large)
            (await ada.DeleteAsync("fill.bin")).EnsureStatus(204);
        else
            Assert.Equal("gone\n", await SayAsync(tab, "import shutil\nshutil.rmtree('many')\nprint('gone')"));
        (await ada.PostAsync("", new { type = "notebook" })).EnsureStatus(201);
        Assert.Equal("30000000\n", await SayAsync(tab, "print(open('again.bin', 'wb').write(bytes(30_000_000)))"));
    }

    [Fact]
    public async Task Where_homes_are_measured_a_kernel_that_writes_far_beyond_is_stopped_by_name_until_there_is_room()
    {
        await StartAsync("Homes:QuotaKind=measured");
        (string kernel, ContentsClient ada) = await BeginAsync("ada");
        (string other, ContentsClient bob) = await BeginAsync("bob");
        (await ada.SaveAsync("kept.txt", "kept")).EnsureStatus(201);
        await using BrowserTab tab = await OpenAsync(ada, kernel);
        await using BrowserTab neighbour = await OpenAsync(bob, other);

        // Bounded beside the wall: ten times the quota at most, and it stays open for writing, at work.
        await tab.RunAsync($"""
            import time
            f = open('fill.bin', 'wb')
            for i in range({10 * Quota >> 20}): f.write(bytes(1 << 20)); f.flush(); time.sleep(0.01)
            time.sleep(600)
            """);
        await tab.NextAsync(message => BrowserTab.IsStatus(message, "dead"));
        using HttpClient admin = _hub!.Client();
        JsonObject dead = (await admin.GetFromJsonAsync<JsonObject>($"user/ada/api/kernels/{kernel}", Cancelled))!;
        Assert.Equal("dead", dead["execution_state"]!.GetValue<string>());
        Assert.Contains("more than 200 % of the 64 MiB it may hold (Homes:HardLimitPercent)", dead["reason"]!.GetValue<string>(), StringComparison.Ordinal);
        JsonObject audit = (await admin.GetFromJsonAsync<JsonObject>("hub/api/audit?kind=kernel-died", Cancelled))!;
        Assert.Contains("home_full", Assert.Single(audit["records"]!.AsArray())!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("2\n", await SayAsync(neighbour, "print(1 + 1)"));

        // What is there can be opened and read; no kernel is started, neither a new one nor this one.
        (await ada.GetAsync("kept.txt")).EnsureStatus(200);
        using (HttpResponseMessage refused = await admin.PostAsJsonAsync("user/ada/api/kernels", new { name = "python3" }, Cancelled))
        {
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
            Assert.Contains("No kernel is started, because the home holds", await refused.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        }
        using (HttpResponseMessage refused = await admin.PostAsync($"user/ada/api/kernels/{kernel}/restart", null, Cancelled))
            Assert.Contains("No kernel is started, because the home holds", await refused.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        (await ada.DeleteAsync("fill.bin")).EnsureStatus(204);
        using (HttpResponseMessage again = await admin.PostAsync($"user/ada/api/kernels/{kernel}/restart", null, Cancelled))
            Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal("4\n", await SayAsync(tab, "print(open('kept.txt').read().__len__())"));
    }

    private async Task StartAsync(string kind) => _hub = await HubFixture.StartAsync(
        ["Hub:Spawner=docker", $"Docker:Socket={Environment.GetEnvironmentVariable("HUB_TEST_DOCKER")}", "Kernels:StopOnExit=true", "Kernels:StopGrace=00:00:01", "Kernels:Specs:python3:Image=notebook-hub/minimal",
         $"Homes:QuotaBytes={Quota}", "Homes:LookEvery=00:00:00.200", "Homes:MeasureEvery=00:00:01", kind], data: _data);

    private async Task<(string KernelId, ContentsClient Contents)> BeginAsync(string user)
    {
        HttpClient admin = _hub!.Client();
        (await admin.PostAsJsonAsync($"hub/api/users/{user}", new { }, Cancelled)).EnsureSuccessStatusCode();
        (await admin.PostAsJsonAsync($"hub/api/users/{user}/server", new { }, Cancelled)).EnsureSuccessStatusCode();
        using HttpResponseMessage started = await admin.PostAsJsonAsync($"user/{user}/api/kernels", new { name = "python3" }, Cancelled);
        Assert.True(started.IsSuccessStatusCode, await started.Content.ReadAsStringAsync(Cancelled));
        return ((await started.Content.ReadFromJsonAsync<JsonObject>(Cancelled))!["id"]!.GetValue<string>(), new ContentsClient(admin, user, Path.Combine(_data, "homes", user)));
    }

    private Task<BrowserTab> OpenAsync(ContentsClient user, string kernel) =>
        BrowserTab.OpenAsync(new Uri(_hub!.Address, $"user/{user.User}/api/kernels/{kernel}/channels"), HubFixture.AdminToken);

    private static async Task<string> SayAsync(BrowserTab tab, string code)
    {
        string request = await tab.RunAsync(code);
        await tab.DoneAsync(request);
        return tab.TextOf(request);
    }
}
