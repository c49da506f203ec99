using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Hub.Contents.Quotas;
using Testing;
using Xunit;

namespace Hub.Tests.Contents.Quotas;

/// <summary>Real kernels in containers, each in a home of 4 MiB. The engine is the one <c>HUB_TEST_DOCKER</c> names.</summary>
public sealed class DockerQuotaTests : IAsyncLifetime
{
    private readonly string _data = Directory.CreateTempSubdirectory("hub-dock-").FullName;
    private HubFixture? _hub;

    public async ValueTask InitializeAsync()
    {
        string? socket = Environment.GetEnvironmentVariable("HUB_TEST_DOCKER");
        Assert.SkipUnless(ImageSupport.Problem() is null, $"Homes cannot be images here: {ImageSupport.Problem()}");
        Assert.SkipUnless(File.Exists(socket), "HUB_TEST_DOCKER names no engine.");
        // Kernels are to reach their homes with their own uid.
        File.SetUnixFileMode(_data, File.GetUnixFileMode(_data) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        await StartAsync(kernelsStay: true);
    }

    public async ValueTask DisposeAsync()
    {
        if (_hub is not null)
        {
            await _hub.StopAsync();
            await StartAsync(kernelsStay: false);
            await _hub.DisposeAsync();
        }
        foreach (string home in Directory.Exists(Path.Combine(_data, "homes")) ? Directory.GetDirectories(Path.Combine(_data, "homes")) : [])
            await HomeWalkTests.RunAsync("umount", "--lazy", home);
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task A_kernel_that_fills_its_home_meets_the_wall_and_neither_neighbour_nor_hub_notices()
    {
        (string kernel, ContentsClient ada) = await BeginAsync("ada");
        (string other, ContentsClient bob) = await BeginAsync("bob");
        await using BrowserTab tab = await OpenAsync(ada, kernel);
        await using BrowserTab neighbour = await OpenAsync(bob, other);
        Assert.Equal("errno 28\n", await SayAsync(tab, """
            try:
                with open('fill.bin', 'wb') as f:
                    while True: f.write(bytes(65536)); f.flush()
            except OSError as e: print('errno', e.errno)
            """));
        Assert.Equal("100000\n", await SayAsync(neighbour, "import os\nopen('mine.bin', 'wb').write(bytes(100000))\nprint(os.path.getsize('mine.bin'))"));
        (await bob.PostAsync("", new { type = "notebook" })).EnsureStatus(201);

        (await ada.GetAsync("")).EnsureStatus(200);
        Assert.Contains("of 4 MiB are used", (await ada.PostAsync("", new { type = "notebook" })).EnsureStatus(507).Message, StringComparison.Ordinal);
        Assert.Equal("gone\n", await SayAsync(tab, "import os\nos.remove('fill.bin')\nprint('gone')"));
        (await ada.PostAsync("", new { type = "notebook" })).EnsureStatus(201);
    }

    [Fact]
    public async Task A_kernel_and_the_next_run_of_the_hub_see_the_same_home_though_it_was_unmounted_meanwhile()
    {
        (string kernel, ContentsClient ada) = await BeginAsync("ada");
        await using (BrowserTab tab = await OpenAsync(ada, kernel))
            Assert.Equal("3\n", await SayAsync(tab, "x = open('kept.txt', 'w')\nx.write('one')\nx.flush()\nprint(x.tell())"));
        await _hub!.StopAsync();
        await HomeWalkTests.RunAsync("umount", "--lazy", ada.Home);
        await StartAsync(kernelsStay: true);
        ada = new ContentsClient(_hub.Client(), "ada", ada.Home);
        Assert.Equal("one", (await ada.GetAsync("kept.txt")).EnsureStatus(200)["content"]);
        await using (BrowserTab again = await OpenAsync(ada, kernel))
            Assert.Equal("6\n", await SayAsync(again, "x.write('two')\nx.flush()\nprint(x.tell())"));
        Assert.Equal("onetwo", (await ada.GetAsync("kept.txt")).EnsureStatus(200)["content"]);
    }

    [Fact]
    public async Task A_kernel_writes_past_its_old_wall_once_the_quota_was_raised()
    {
        HttpClient admin = _hub!.Client();
        (await admin.PostAsJsonAsync("hub/api/users/ada", new { })).EnsureSuccessStatusCode();
        (await admin.PostAsJsonAsync("hub/api/users/ada/server", new { })).EnsureSuccessStatusCode();
        await RaiseTests.WritePastAsync(_hub, new ContentsClient(admin, "ada", Path.Combine(_data, "homes", "ada")));
    }

    private async Task StartAsync(bool kernelsStay) => _hub = await HubFixture.StartAsync(
        ["Hub:Spawner=docker", $"Docker:Socket={Environment.GetEnvironmentVariable("HUB_TEST_DOCKER")}", $"Kernels:StopOnExit={!kernelsStay}", $"Homes:QuotaBytes={4 << 20}", "Homes:QuotaKind=image", .. RaiseTests.Settings], data: _data);

    private async Task<(string KernelId, ContentsClient Contents)> BeginAsync(string user)
    {
        HttpClient admin = _hub!.Client();
        (await admin.PostAsJsonAsync($"hub/api/users/{user}", new { })).EnsureSuccessStatusCode();
        (await admin.PostAsJsonAsync($"hub/api/users/{user}/server", new { })).EnsureSuccessStatusCode();
        using HttpResponseMessage started = await admin.PostAsJsonAsync($"user/{user}/api/kernels", new { name = "python3" });
        started.EnsureSuccessStatusCode();
        string kernel = (await started.Content.ReadFromJsonAsync<JsonObject>())!["id"]!.GetValue<string>();
        return (kernel, new ContentsClient(admin, user, Path.Combine(_data, "homes", user)));
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
