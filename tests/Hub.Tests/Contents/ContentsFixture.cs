using System.Net.Http.Json;
using Xunit;

namespace Hub.Tests.Contents;

/// <summary>A real hub with two users, alice and bob, whose servers run and whose homes are there.</summary>
public sealed class ContentsFixture : IAsyncLifetime
{
    private readonly string[] _settings;
    private HubFixture? _hub;

    public ContentsFixture() : this([])
    {
    }

    private ContentsFixture(string[] settings) => _settings = settings;

    public HubFixture Hub => _hub!;

    /// <summary>Alice's contents.</summary>
    public ContentsClient Alice => new(Hub.Client(), "alice", Path.Combine(Hub.Data, "homes", "alice"));

    public ContentsClient Bob => new(Hub.Client(), "bob", Path.Combine(Hub.Data, "homes", "bob"));

    public static async Task<ContentsFixture> StartAsync(params string[] settings)
    {
        ContentsFixture fixture = new(settings);
        await fixture.InitializeAsync();
        return fixture;
    }

    public async ValueTask InitializeAsync()
    {
        _hub = await HubFixture.StartAsync(_settings);
        using HttpClient admin = Hub.Client();
        foreach (ContentsClient user in new[] { Alice, Bob })
        {
            (await admin.PostAsJsonAsync($"hub/api/users/{user.User}", new { })).EnsureSuccessStatusCode();
            (await admin.PostAsJsonAsync($"hub/api/users/{user.User}/server", new { })).EnsureSuccessStatusCode();
            (await user.GetAsync("")).EnsureStatus(200);
        }
    }

    public ValueTask DisposeAsync() => _hub is null ? ValueTask.CompletedTask : _hub.DisposeAsync();
}
