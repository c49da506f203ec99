using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Hub.Contents.Quotas;
using Microsoft.Extensions.DependencyInjection;
using Testing;
using Xunit;

namespace Hub.Tests.Contents.Quotas;

/// <summary>A quota that is raised while a kernel, a local process with its own mounts, has the home open. In a container: <see cref="DockerQuotaTests"/>.</summary>
public sealed class RaiseTests : IAsyncLifetime
{
    /// <summary>Members of the group <c>large</c> have 48 MiB.</summary>
    internal static readonly string[] Settings =
        ["Homes:LookEvery=00:00:00.100", "Homes:QuotasEvery=00:00:00.100", $"Homes:Quotas:large:Bytes={48 << 20}", "Homes:Quotas:large:Groups:0=large"];

    private string _data = "";
    private HubFixture? _hub;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(ImageSupport.Problem() is null, $"Homes cannot be images here: {ImageSupport.Problem()}");
        Assert.SkipUnless(ImageGrowth.HasCapability(ImageGrowth.MayResize), "This machine's kernel lets nobody here resize what is mounted: CAP_SYS_RESOURCE was taken away.");
        _data = Directory.CreateTempSubdirectory("hub-raise-").FullName;
        File.SetUnixFileMode(_data, File.GetUnixFileMode(_data) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        _hub = await HubFixture.StartAsync(["Kernels:StopOnExit=true", "Kernels:StartReplyAfter=00:02:00", "Kernels:StartTimeout=00:02:00", $"Homes:QuotaBytes={4 << 20}", "Homes:QuotaKind=image", .. Settings], data: _data);
    }

    public async ValueTask DisposeAsync()
    {
        if (_hub is not null)
            await _hub.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task A_kernel_writes_past_its_old_wall_once_the_quota_was_raised()
    {
        using HttpClient admin = _hub!.Client();
        (await admin.PostAsJsonAsync("hub/api/users/ada", new { }, Cancelled)).EnsureSuccessStatusCode();
        (await admin.PostAsJsonAsync("hub/api/users/ada/server", new { }, Cancelled)).EnsureSuccessStatusCode();
        using HttpResponseMessage started = await admin.PostAsJsonAsync("user/ada/api/kernels", new { name = "python3" }, Cancelled);
        Assert.True(started.IsSuccessStatusCode, await started.Content.ReadAsStringAsync(Cancelled));
        string kernel = (await started.Content.ReadFromJsonAsync<JsonObject>(Cancelled))!["id"]!.GetValue<string>();
        await using BrowserTab tab = await BrowserTab.OpenAsync(new Uri(_hub.Address, $"user/ada/api/kernels/{kernel}/channels"), HubFixture.AdminToken);
        await WritePastAsync(_hub, tab, new ContentsClient(admin, "ada", Path.Combine(_data, "homes", "ada")));
    }

    /// <summary>One open file all the time: to the wall, and after the raise past it, until the next one.</summary>
    internal static async Task WritePastAsync(HubFixture hub, BrowserTab tab, ContentsClient whose)
    {
        const string fill = """
            try:
                while True: f.write(bytes(65536))
            except OSError as e: print(e.errno, f.tell() >> 20)
            """;
        string[] before = (await SayAsync(tab, "f = open('fill.bin', 'wb', buffering=0)\n" + fill)).Split();
        Assert.Equal("28", before[0]);
        Assert.InRange(int.Parse(before[1], System.Globalization.CultureInfo.InvariantCulture), 3, 12);

        using HttpClient admin = hub.Client();
        (await admin.PostAsJsonAsync("hub/api/groups/large", new { }, Cancelled)).EnsureSuccessStatusCode();
        (await admin.PostAsJsonAsync("hub/api/groups/large/users", new { users = new[] { whose.User } }, Cancelled)).EnsureSuccessStatusCode();
        await Eventually.Holds(() => hub.Services.GetRequiredService<HomeQuotas>().Find(whose.User) is { LimitBytes: 48 << 20 } && new DriveInfo(whose.Home).TotalSize > 48 << 20);
        await Eventually.Holds(() => new DriveInfo(whose.Home).AvailableFreeSpace > 30 << 20);

        string[] after = (await SayAsync(tab, fill)).Split();
        Assert.Equal("28", after[0]);
        Assert.InRange(int.Parse(after[1], System.Globalization.CultureInfo.InvariantCulture), 46, 58);
    }

    private static async Task<string> SayAsync(BrowserTab tab, string code)
    {
        string request = await tab.RunAsync(code);
        await tab.DoneAsync(request);
        return tab.TextOf(request);
    }
}
