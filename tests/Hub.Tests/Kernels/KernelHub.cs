using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Spawner;
using Testing;
using Xunit;

namespace Hub.Tests.Kernels;

/// <summary>A real hub whose kernels are a fake spawner's, with the administrator's server started.</summary>
internal sealed class KernelHub : IAsyncDisposable
{
    private readonly bool _ownsSpawner;

    private KernelHub(HubFixture hub, FakeSpawner? spawner, bool ownsSpawner)
    {
        (Hub, _spawner, _ownsSpawner) = (hub, spawner, ownsSpawner);
        Client = hub.Client();
        Client.BaseAddress = new Uri(hub.Address, "user/admin/");
    }

    private readonly FakeSpawner? _spawner;

    public HubFixture Hub { get; }

    public FakeSpawner Spawner => _spawner ?? throw new InvalidOperationException("This hub has a real spawner.");

    /// <summary>Asks below <c>/user/admin/</c> with the administrator's token.</summary>
    public HttpClient Client { get; }

    /// <param name="spawner">Left alive with its kernels when given, so that another hub can find them.</param>
    public static Task<KernelHub> StartAsync(FakeSpawner? spawner = null, string? data = null, params string[] settings) => StartAsync(spawner, data, TimeProvider.System, settings);

    /// <summary>The same by another clock.</summary>
    public static Task<KernelHub> StartWithClockAsync(TimeProvider time, params string[] settings) => StartAsync(null, null, time, settings);

    /// <summary>The same with a spawner and another clock.</summary>
    public static async Task<KernelHub> StartAsync(FakeSpawner? spawner, string? data, TimeProvider time, params string[] settings)
    {
        FakeSpawner used = spawner ?? new FakeSpawner { Clock = time };
        HubFixture hub = await HubFixture.StartAsync(settings, services =>
        {
            services.AddSingleton<ISpawner>(used);
            services.AddSingleton(time);
            services.AddSingleton(new SpawnerChoice(SpawnerKind.Container, "Kernels are fakes of a test."));
        }, data);
        return await BeginAsync(hub, used, spawner is null);
    }

    /// <summary>The same with local processes, which end with the hub unless <paramref name="kernelsStay"/>.</summary>
    public static async Task<KernelHub> StartWithProcessesAsync(string? data = null, bool kernelsStay = false, params string[] settings) =>
        await BeginAsync(await HubFixture.StartAsync([$"Kernels:StopOnExit={!kernelsStay}", .. settings], data: data), null, false);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Hub.DisposeAsync();
        if (_ownsSpawner)
            await Spawner.DisposeAsync();
    }

    /// <summary>
    /// Ends it as <c>kill -9</c> does: what the next hub finds on disk is what was there in this moment, and no word of an orderly end.
    /// </summary>
    public async Task KillAsync()
    {
        string journal = Path.Combine(Hub.Data, "journal");
        string killed = Path.Combine(Hub.Data, "journal-killed");
        Copy(journal, killed);
        await DisposeAsync();
        Directory.Delete(journal, recursive: true);
        Directory.Move(killed, journal);
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string directory in Directory.GetDirectories(from))
            Copy(directory, Path.Combine(to, Path.GetFileName(directory)));
        foreach (string file in Directory.GetFiles(from).Where(file => Path.GetFileName(file) != "lock"))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    /// <summary>Starts a kernel and returns its id.</summary>
    public async Task<string> StartKernelAsync(string? name = null)
    {
        using HttpResponseMessage answer = await Client.PostAsJsonAsync("api/kernels", new { name });
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonObject>())!["id"]!.GetValue<string>();
    }

    public Uri Channels(string kernelId) => new(Client.BaseAddress!, $"api/kernels/{kernelId}/channels");

    public Task<BrowserTab> OpenTabAsync(string kernelId, string? session = null, bool v1 = true, bool read = true, long? seq = null) =>
        BrowserTab.OpenAsync(Channels(kernelId), HubFixture.AdminToken, session, v1, read, seq: seq);

    public async Task<JsonElement> KernelAsync(string kernelId) => await Client.GetFromJsonAsync<JsonElement>($"api/kernels/{kernelId}");

    public async Task<string> StateOfAsync(string kernelId) => (await KernelAsync(kernelId)).GetProperty("execution_state").GetString()!;

    private static async Task<KernelHub> BeginAsync(HubFixture hub, FakeSpawner? spawner, bool ownsSpawner)
    {
        using HttpResponseMessage started = await hub.Client().PostAsync("hub/api/users/admin/server", null);
        Assert.True(started.StatusCode is HttpStatusCode.Created or HttpStatusCode.Accepted or HttpStatusCode.BadRequest, started.StatusCode.ToString());
        return new KernelHub(hub, spawner, ownsSpawner);
    }
}
