using System.Globalization;
using System.Text.Json;
using Spawner.Docker.Internet;

namespace Spawner.Docker;

/// <summary>The calls of the Engine API that are used (docs.docker.com/reference/api/engine), each with the answers that count as done.</summary>
internal sealed class EngineCalls(EngineClient client)
{
    private static readonly TimeSpan s_untilGone = TimeSpan.FromMilliseconds(50);

    public EngineClient Client { get; } = client;

    /// <summary>Whether containers live through the engine's end; true where it does not say.</summary>
    public async Task<bool> KeepsContainersAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await Client.AskAsync<EngineAnswers.Info>(HttpMethod.Get, "/info", null, cancellationToken)).LiveRestoreEnabled ?? true;
        }
        catch (EngineException missing) when (missing.IsNotFound)
        {
            return true;
        }
    }

    public async Task<string> CreateVolumeAsync(VolumeBody body, CancellationToken cancellationToken)
    {
        EngineAnswers.Volume volume = await Client.AskAsync<EngineAnswers.Volume>(HttpMethod.Post, "/volumes/create", body, cancellationToken);
        return volume.Mountpoint ?? throw new EngineException(0, $"the engine does not say where the volume {body.Name} is");
    }

    /// <summary>The engine's path of a volume, or null when there is no such volume.</summary>
    public async Task<string?> FindVolumeAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return (await Client.AskAsync<EngineAnswers.Volume>(HttpMethod.Get, $"/volumes/{name}", null, cancellationToken)).Mountpoint;
        }
        catch (EngineException missing) when (missing.IsNotFound)
        {
            return null;
        }
    }

    public async Task<IReadOnlyList<EngineAnswers.Volume>> ListVolumesAsync(string label, CancellationToken cancellationToken) =>
        (await Client.AskAsync<EngineAnswers.VolumeList>(HttpMethod.Get, $"/volumes?filters={Filter(label)}", null, cancellationToken)).Volumes ?? [];

    public Task RemoveVolumeAsync(string name, CancellationToken cancellationToken) =>
        Client.TellAsync(HttpMethod.Delete, $"/volumes/{name}", null, [404], cancellationToken);

    public async Task<string> CreateContainerAsync(string name, ContainerBody body, CancellationToken cancellationToken)
    {
        EngineAnswers.Created created = await Client.AskAsync<EngineAnswers.Created>(HttpMethod.Post, $"/containers/create?name={name}", body, cancellationToken);
        return created.Id ?? throw new EngineException(0, "the engine does not say the id of the container it made");
    }

    public Task StartAsync(string container, CancellationToken cancellationToken) =>
        Client.TellAsync(HttpMethod.Post, $"/containers/{container}/start", null, [304], cancellationToken);

    public Task RenameAsync(string container, string name, CancellationToken cancellationToken) =>
        Client.TellAsync(HttpMethod.Post, $"/containers/{container}/rename?name={name}", null, [], cancellationToken);

    /// <summary>Changes limits of a container that runs; what is null stays as it is.</summary>
    public Task UpdateAsync(string container, LimitsBody limits, CancellationToken cancellationToken) =>
        Client.TellAsync(HttpMethod.Post, $"/containers/{container}/update", limits, [], cancellationToken);

    /// <summary>Does nothing when the container is dead (409) or gone (404).</summary>
    public Task KillAsync(string container, string signal, CancellationToken cancellationToken) =>
        Client.TellAsync(HttpMethod.Post, $"/containers/{container}/kill?signal={signal}", null, [404, 409], cancellationToken);

    /// <summary>Kills it when it runs; 409 means that somebody is removing it already.</summary>
    public Task RemoveAsync(string container, CancellationToken cancellationToken) =>
        Client.TellAsync(HttpMethod.Delete, $"/containers/{container}?force=1&v=1", null, [404, 409], cancellationToken);

    /// <summary>The same, and returns when it is gone or stays after some seconds: "removal is already in progress" answers at once.</summary>
    public async Task RemoveFullyAsync(string container, TimeProvider time, CancellationToken cancellationToken)
    {
        const int attempts = 100;
        await RemoveAsync(container, cancellationToken);
        for (int attempt = 0; attempt < attempts && await InspectAsync(container, cancellationToken) is not null; attempt++)
        {
            await Task.Delay(s_untilGone, time, cancellationToken);
            await RemoveAsync(container, cancellationToken);
        }
    }

    /// <summary>Null when there is no such container.</summary>
    public async Task<EngineAnswers.ContainerState?> InspectAsync(string container, CancellationToken cancellationToken)
    {
        try
        {
            return (await Client.AskAsync<EngineAnswers.Container>(HttpMethod.Get, $"/containers/{container}/json", null, cancellationToken)).State;
        }
        catch (EngineException missing) when (missing.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>The volumes a container has; null when there is no such container.</summary>
    public async Task<IReadOnlyList<string>?> FindVolumesOfAsync(string container, CancellationToken cancellationToken)
    {
        try
        {
            EngineAnswers.Container found = await Client.AskAsync<EngineAnswers.Container>(HttpMethod.Get, $"/containers/{container}/json", null, cancellationToken);
            return [.. (found.Mounts ?? []).Where(mount => mount is { Type: "volume", Name: not null }).Select(mount => mount.Name!)];
        }
        catch (EngineException missing) when (missing.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>What a container takes now, without the second the engine otherwise waits to compare; null when there is no such container.</summary>
    public async Task<EngineAnswers.Stats?> MeasureAsync(string container, CancellationToken cancellationToken)
    {
        try
        {
            return await Client.AskAsync<EngineAnswers.Stats>(HttpMethod.Get, $"/containers/{container}/stats?stream=false&one-shot=true", null, cancellationToken);
        }
        catch (EngineException missing) when (missing.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>All containers with a label, running or not.</summary>
    public Task<IReadOnlyList<EngineAnswers.Listed>> ListAsync(string label, CancellationToken cancellationToken) =>
        Client.AskAsync<IReadOnlyList<EngineAnswers.Listed>>(HttpMethod.Get, $"/containers/json?all=1&filters={Filter(label)}", null, cancellationToken);

    /// <summary>The end of a container's log, or the empty string when it cannot be had.</summary>
    public async Task<string> ReadLogAsync(string container, int maxBytes, TimeSpan timeout, CancellationToken cancellationToken)
    {
        // The engine counts lines; a line of nothing but its end is the shortest.
        int lines = Math.Clamp(maxBytes, 1, 1000);
        try
        {
            using HttpResponseMessage answer = await Client.OpenAsync(HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"/containers/{container}/logs?stdout=1&stderr=1&tail={lines}"), () => null, timeout, cancellationToken);
            await using Stream stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
            return await LogFrames.ReadTailAsync(stream, maxBytes, cancellationToken);
        }
        catch (EngineException)
        {
            return "";
        }
        catch (Exception e) when (EngineClient.IsBroken(e))
        {
            return "";
        }
    }

    /// <summary>Null when there is no such image.</summary>
    public async Task<EngineAnswers.Image?> FindImageAsync(string image, CancellationToken cancellationToken)
    {
        try
        {
            return await Client.AskAsync<EngineAnswers.Image>(HttpMethod.Get, $"/images/{image}/json", null, cancellationToken);
        }
        catch (EngineException missing) when (missing.IsNotFound || missing.Status == 400) // 400: what is no name of an image at all
        {
            return null;
        }
    }

    /// <summary>Fails in silence when something still uses it.</summary>
    public Task RemoveImageAsync(string image, CancellationToken cancellationToken) =>
        Client.TellAsync(HttpMethod.Delete, $"/images/{image}", null, [404, 409, 500], cancellationToken);

    /// <summary>Another name for an image; does nothing when there is no such image.</summary>
    public Task TagImageAsync(string image, string repository, string tag, CancellationToken cancellationToken) =>
        Client.TellAsync(HttpMethod.Post, $"/images/{image}/tag?repo={Uri.EscapeDataString(repository)}&tag={Uri.EscapeDataString(tag)}", null, [404], cancellationToken);

    public async Task<bool> HasNetworkAsync(string network, CancellationToken cancellationToken)
    {
        try
        {
            // Of what it answers nothing is needed but that it does.
            await Client.TellAsync(HttpMethod.Get, $"/networks/{Uri.EscapeDataString(network)}", null, [], cancellationToken);
            return true;
        }
        catch (EngineException missing) when (missing.IsNotFound)
        {
            return false;
        }
    }

    /// <summary>Null when there is no network of this name.</summary>
    public async Task<EngineAnswers.Network?> FindNetworkAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            EngineAnswers.Network found = await Client.AskAsync<EngineAnswers.Network>(HttpMethod.Get, $"/networks/{name}", null, cancellationToken);
            return found.Name == name ? found : null;
        }
        catch (EngineException missing) when (missing.IsNotFound)
        {
            return null;
        }
    }

    public Task CreateNetworkAsync(NetworkBody body, CancellationToken cancellationToken) => Client.TellAsync(HttpMethod.Post, "/networks/create", body, [], cancellationToken);

    /// <summary>False when containers are on it.</summary>
    public async Task<bool> RemoveNetworkAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            await Client.TellAsync(HttpMethod.Delete, $"/networks/{name}", null, [404], cancellationToken);
            return true;
        }
        catch (EngineException inUse) when (inUse.Status is 403 or 409)
        {
            return false;
        }
    }

    public static string Filter(string label) => Uri.EscapeDataString(JsonSerializer.Serialize(new { label = new[] { label } }));
}
