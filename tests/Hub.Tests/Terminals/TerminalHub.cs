using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Hub.Http;
using Hub.Terminals;
using Microsoft.Extensions.DependencyInjection;
using Spawner;
using Testing;
using Xunit;

namespace Hub.Tests.Terminals;

/// <summary>A hub with real terminals as local processes, and the administrator's server started.</summary>
internal sealed class TerminalHub(HubFixture hub, HttpClient client) : IAsyncDisposable
{
    public HubFixture Hub { get; } = hub;

    /// <summary>Asks below <c>/user/admin/</c> with the administrator's token.</summary>
    public HttpClient Client { get; } = client;

    public static Task<TerminalHub> StartAsync(params string[] settings) => StartAsync(null, false, null, settings);

    /// <param name="data">Where an earlier hub was; null for a new place.</param>
    /// <param name="stays">Terminals outlive this hub.</param>
    /// <param name="replace">Other parts.</param>
    /// <param name="settings">More settings.</param>
    public static async Task<TerminalHub> StartAsync(string? data, bool stays, Action<IServiceCollection>? replace, params string[] settings)
    {
        HubFixture hub = await HubFixture.StartAsync([$"Kernels:StopOnExit={!stays}", .. settings], replace, data);
        HttpClient client = hub.Client();
        client.BaseAddress = new Uri(hub.Address, "user/admin/");
        using HttpResponseMessage started = await hub.Client().PostAsync("hub/api/users/admin/server", null);
        Assert.True(started.StatusCode is HttpStatusCode.Created or HttpStatusCode.BadRequest, started.StatusCode.ToString());
        return new TerminalHub(hub, client);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Hub.DisposeAsync();
    }

    /// <summary>Starts a terminal and returns its name.</summary>
    public async Task<string> OpenTerminalAsync(object? wish = null)
    {
        using HttpResponseMessage answer = await Client.PostAsJsonAsync("api/terminals", wish ?? new { });
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, text);
        return JsonNode.Parse(text)!["name"]!.GetValue<string>();
    }

    public Uri Address(string name) => new(Client.BaseAddress!, $"terminals/websocket/{name}");

    public Task<TerminalPage> OpenPageAsync(string name, bool read = true) => TerminalPage.OpenAsync(Address(name), HubFixture.AdminToken, read);

    public LiveTerminal Terminal(string name) => Hub.Services.GetRequiredService<TerminalRegistry>().Find(ServerKey.Default("admin"), name) ?? throw new InvalidOperationException($"There is no terminal {name}.");

    public async Task<IReadOnlyList<string>> NamesAsync() => [.. (await Client.GetFromJsonAsync<JsonArray>("api/terminals"))!.Select(one => one!["name"]!.GetValue<string>())];

    /// <summary>What the spawner has.</summary>
    public Task<IReadOnlyList<SpawnedKernel>> SpawnedAsync() => Hub.Services.GetRequiredService<ISpawner>().ListAsync(CancellationToken.None);
}
