namespace Spawner.Docker;

/// <summary>The images of the engine, and the networks kernels may be put on.</summary>
public sealed partial class DockerSpawner : IImagePreparer
{
    public Task EnsureAsync(string image, IProgress<SpawnProgress>? progress, CancellationToken cancellationToken) =>
        _images.EnsureAsync(image, progress, cancellationToken);

    public Task RenewAsync(string image, IProgress<SpawnProgress>? progress, CancellationToken cancellationToken) =>
        _images.RenewAsync(image, progress, cancellationToken);

    public Task<ImageFacts?> FindAsync(string image, CancellationToken cancellationToken) => AskAsync(async () =>
        await _engine.FindImageAsync(image, cancellationToken) is { Id: { Length: > 0 } id } ? new ImageFacts(id) : null);

    public Task KeepAsync(string imageId, CancellationToken cancellationToken) => AskAsync(async () =>
    {
        await _engine.TagImageAsync(imageId, KeptRepository, KeptTag(imageId), cancellationToken);
        return true;
    });

    public Task ReleaseAsync(string imageId, CancellationToken cancellationToken) => AskAsync(async () =>
    {
        await _engine.RemoveImageAsync($"{KeptRepository}:{KeptTag(imageId)}", cancellationToken);
        return true;
    });

    public Task<bool> HasNetworkAsync(string network, CancellationToken cancellationToken) => AskAsync(() => _engine.HasNetworkAsync(network, cancellationToken));

    /// <summary>Of this hub alone: another one on the same engine keeps and releases what it likes.</summary>
    private string KeptRepository => $"notebook-hub-pinned/{_site.HubId}";

    private static string KeptTag(string imageId)
    {
        string digits = imageId[(imageId.IndexOf(':', StringComparison.Ordinal) + 1)..];
        return digits.Length <= 32 ? digits : digits[..32];
    }

    private static async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (EngineException silent)
        {
            throw StartFailure.Unavailable(silent);
        }
    }
}
