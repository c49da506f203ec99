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
        await WritePastAsync(_hub, new ContentsClient(admin, "ada", Path.Combine(_data, "homes", "ada")));
    }

    /// <summary>
    /// One open file all the time: to the wall, and after the raise past it, until the next one. Where nobody may resize what is mounted (CAP_SYS_RESOURCE was
    /// taken away), the wall stays for this kernel, which lives on, and is gone for the next one, once the home was unmounted between the two.
    /// </summary>
    internal static async Task WritePastAsync(HubFixture hub, ContentsClient whose)
    {
        const string fill = """
            try:
                while True: f.write(bytes(65536))
            except OSError as e: print(e.errno, f.tell() >> 20)
            """;
        (string kernel, BrowserTab tab) = await BeginAsync(hub, whose);
        string[] before = (await SayAsync(tab, "f = open('fill.bin', 'wb', buffering=0)\n" + fill)).Split();
        Assert.Equal("28", before[0]);
        Assert.InRange(int.Parse(before[1], System.Globalization.CultureInfo.InvariantCulture), 3, 12);

        using HttpClient admin = hub.Client();
        (await admin.PostAsJsonAsync("hub/api/groups/large", new { }, Cancelled)).EnsureSuccessStatusCode();
        (await admin.PostAsJsonAsync("hub/api/groups/large/users", new { users = new[] { whose.User } }, Cancelled)).EnsureSuccessStatusCode();
        await Eventually.Holds(() => hub.Services.GetRequiredService<HomeQuotas>().Find(whose.User) is { LimitBytes: 48 << 20 });
        if (!ImageGrowth.HasCapability(ImageGrowth.MayResize))
        {
            Assert.Equal(before, (await SayAsync(tab, fill)).Split());
            await tab.DisposeAsync();
            (await admin.DeleteAsync($"user/{whose.User}/api/kernels/{kernel}", Cancelled)).EnsureSuccessStatusCode();
            Assert.Empty(await hub.Services.GetRequiredService<HomesRest>().UnmountAllAsync(Cancelled));
            (_, tab) = await BeginAsync(hub, whose);
            await SayAsync(tab, "f = open('fill.bin', 'ab', buffering=0)");
        }

        await Eventually.Holds(() => new DriveInfo(whose.Home) is { TotalSize: > 48 << 20, AvailableFreeSpace: > 30 << 20 });
        string[] after = (await SayAsync(tab, fill)).Split();
        Assert.Equal("28", after[0]);
        Assert.InRange(int.Parse(after[1], System.Globalization.CultureInfo.InvariantCulture), 46, 58);
        await tab.DisposeAsync();
    }

    private static async Task<(string Kernel, BrowserTab Tab)> BeginAsync(HubFixture hub, ContentsClient whose)
    {
        using HttpClient admin = hub.Client();
        using HttpResponseMessage started = await admin.PostAsJsonAsync($"user/{whose.User}/api/kernels", new { name = "python3" }, Cancelled);
        Assert.True(started.IsSuccessStatusCode, await started.Content.ReadAsStringAsync(Cancelled));
        string kernel = (await started.Content.ReadFromJsonAsync<JsonObject>(Cancelled))!["id"]!.GetValue<string>();
        return (kernel, await BrowserTab.OpenAsync(new Uri(hub.Address, $"user/{whose.User}/api/kernels/{kernel}/channels"), HubFixture.AdminToken));
    }

    private static async Task<string> SayAsync(BrowserTab tab, string code)
    {
        string request = await tab.RunAsync(code);
        await tab.DoneAsync(request);
        return tab.TextOf(request);
    }
}
