using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Hub.Tests.Kernels;
using Microsoft.Extensions.Options;
using Testing;
using Xunit;

namespace Hub.Tests.Admin;

/// <summary>Environments with the network <c>internet</c>: refused where the machine cannot keep it, broken while it is not kept, and looked after all the time.</summary>
public sealed class InternetEnvironmentTests : IAsyncLifetime
{
    private const string Path = "hub/api/environments";

    private readonly ImageSpawner _spawner = new() { Present = { ["here:1"] = ImageSpawner.Id('1') } };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _spawner.DisposeAsync();

    [Fact]
    public async Task A_machine_that_cannot_keep_it_stops_the_start_of_a_hub_that_is_configured_for_it()
    {
        _spawner.InternetNeed = "nft is not installed";
        OptionsValidationException wrong = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync("Kernels:Specs:open:Image=here:1", "Kernels:Specs:open:Network=internet"));
        Assert.Contains("Kernels:Specs:open:Network is \"internet\", which this machine cannot keep: nft is not installed.", wrong.Message, StringComparison.Ordinal);
        Assert.Equal(0, _spawner.InternetLooks);

        await using KernelHub other = await StartAsync();
    }

    [Fact]
    public async Task The_panel_is_refused_what_the_machine_cannot_keep()
    {
        _spawner.InternetNeed = "nft is not installed";
        await using KernelHub hub = await StartAsync();
        using HttpClient admin = hub.Hub.Client();
        using HttpResponseMessage refused = await admin.PostAsJsonAsync(Path, new { name = "open", settings = new { image = "here:1", network = "internet" } }, Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("nft is not installed", await refused.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);

        (await admin.PostAsJsonAsync(Path, new { name = "open", settings = new { image = "here:1" } }, Cancel)).EnsureSuccessStatusCode();
        using HttpResponseMessage changed = await admin.PatchAsJsonAsync(Path + "/open", new { settings = new { network = "internet" } }, Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, changed.StatusCode);
        _spawner.InternetNeed = null;
        (await admin.PatchAsJsonAsync(Path + "/open", new { settings = new { network = "internet" } }, Cancel)).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task While_it_is_not_kept_its_environments_are_broken_and_offered_to_nobody_and_others_are_not()
    {
        await using KernelHub hub = await StartAsync("Kernels:Specs:open:Image=here:1", "Kernels:Specs:open:Network=internet");
        using HttpClient admin = hub.Hub.Client();
        await Eventually.Holds(async () => await StateAsync(admin, "open") == "ready");
        Assert.True(_spawner.InternetWanted);
        await hub.StartKernelAsync("open");
        Assert.Equal("internet", Assert.Single(_spawner.Requests).Network);

        _spawner.InternetProblem = "somebody took the rules away";
        await Eventually.Holds(async () => await StateAsync(admin, "open") == "broken");
        JsonObject row = (await admin.GetFromJsonAsync<JsonObject>(Path + "/open", Cancel))!;
        Assert.Contains("Kernels:Specs:open:Network: kernels cannot have the network \"internet\" now: somebody took the rules away.", row["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("ready", await StateAsync(admin, "python3"));
        Assert.Single((await hub.Client.GetFromJsonAsync<JsonObject>("api/kernelspecs", Cancel))!["kernelspecs"]!.AsObject());
        using HttpResponseMessage start = await hub.Client.PostAsJsonAsync("api/kernels", new { name = "open" }, Cancel);
        Assert.False(start.IsSuccessStatusCode);

        _spawner.InternetProblem = null;
        await Eventually.Holds(async () => await StateAsync(admin, "open") == "ready");
    }

    [Fact]
    public async Task A_hub_without_such_an_environment_says_so_at_each_look_so_that_what_is_left_can_go()
    {
        await using KernelHub hub = await StartAsync();
        await Eventually.Holds(() => _spawner.InternetLooks > 2);
        Assert.False(_spawner.InternetWanted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_goes_with_the_hub_only_where_kernels_do(bool stopOnExit)
    {
        await using (KernelHub hub = await StartAsync("Kernels:Specs:open:Image=here:1", "Kernels:Specs:open:Network=internet", $"Kernels:StopOnExit={stopOnExit}"))
        {
            await hub.StartKernelAsync("open");
            Assert.Equal(0, _spawner.InternetRemovals);
        }
        Assert.Equal((stopOnExit ? 1 : 0, stopOnExit ? 0 : 1), (_spawner.InternetRemovals, (await _spawner.ListAsync(Cancel)).Count));
    }

    private Task<KernelHub> StartAsync(params string[] settings) => KernelHub.StartAsync(_spawner, null, ["Kernels:Specs:python3:Image=here:1", .. settings]);

    private static async Task<string> StateAsync(HttpClient admin, string name) => (await admin.GetFromJsonAsync<JsonObject>($"{Path}/{name}", Cancel))!["state"]!.GetValue<string>();
}
