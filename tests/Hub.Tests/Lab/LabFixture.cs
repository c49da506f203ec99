using System.Net.Http.Headers;
using Xunit;

namespace Hub.Tests.Lab;

/// <summary>A hub with a tiny front end, whose administrator's server runs.</summary>
public sealed class LabFixture : IAsyncLifetime
{
    private readonly FakeBundle _bundle = new();

    public HubFixture Hub { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Hub = await HubFixture.StartAsync([$"Lab:Assets={_bundle.Path}", "Lab:MaxWorkspaces=3", "Lab:MaxWorkspaceBytes=2000", "Lab:MaxSettingsBytes=1024", "Lab:MaxConfigSections=2", "Lab:MaxEventSockets=2"]);
        await Hub.Client().PostAsync("hub/api/users/admin/server", null);
    }

    public async ValueTask DisposeAsync()
    {
        await Hub.DisposeAsync();
        _bundle.Dispose();
    }

    /// <summary>Asks as a browser that navigates.</summary>
    public async Task<HttpResponseMessage> OpenAsync(string path)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));
        return await Hub.Client().SendAsync(request);
    }
}
