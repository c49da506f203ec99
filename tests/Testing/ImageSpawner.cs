using System.Collections.Concurrent;
using Spawner;

namespace Testing;

/// <summary>A fake spawner with images: those it has, those it can have, and how long that takes, as a test says.</summary>
public sealed class ImageSpawner : FakeSpawner, IImagePreparer, IInternetNetwork
{
    private int _internetLooks, _internetRemovals;

    /// <summary>What is there: id by name.</summary>
    public ConcurrentDictionary<string, string> Present { get; } = new();

    /// <summary>What can be pulled: id by name.</summary>
    public ConcurrentDictionary<string, string> Registry { get; } = new();

    public ConcurrentDictionary<string, bool> Networks { get; } = new();

    /// <summary>Ids that are kept though their tag moved.</summary>
    public ConcurrentDictionary<string, bool> Kept { get; } = new();

    /// <summary>A pull says its first percent and then waits for this.</summary>
    public Task Pulling { get; set; } = Task.CompletedTask;

    public bool IsAway { get; set; }

    /// <summary>What the machine lacks for the network to the internet.</summary>
    public string? InternetNeed { get; set; }

    /// <summary>Why that network cannot be had now.</summary>
    public string? InternetProblem { get; set; }

    /// <summary>Whether the last look was for somebody who wants it.</summary>
    public bool? InternetWanted { get; private set; }

    public int InternetLooks => Volatile.Read(ref _internetLooks);

    public int InternetRemovals => Volatile.Read(ref _internetRemovals);

    public TimeSpan CheckEvery => TimeSpan.FromMilliseconds(20);

    /// <summary>Sixty-four digits of this one.</summary>
    public static string Id(char digit) => "sha256:" + new string(digit, 64);

    public async Task EnsureAsync(string image, IProgress<SpawnProgress>? progress, CancellationToken cancellationToken)
    {
        if (await FindAsync(image, cancellationToken) is null)
            await RenewAsync(image, progress, cancellationToken);
    }

    public async Task RenewAsync(string image, IProgress<SpawnProgress>? progress, CancellationToken cancellationToken)
    {
        RefuseAway();
        progress?.Report(new SpawnProgress(30, "Downloading the kernel's image: 3 of 10 MB"));
        await Pulling.WaitAsync(cancellationToken);
        if (!Registry.TryGetValue(image, out string? id))
            throw new SpawnException(SpawnFailure.ImageMissing, "The image is not there.", $"Image {image} could not be had: no such repository.");
        Present[image] = id;
    }

    public Task<ImageFacts?> FindAsync(string image, CancellationToken cancellationToken)
    {
        RefuseAway();
        string? id = Present.GetValueOrDefault(image) ?? (Kept.ContainsKey(image) || Present.Values.Contains(image) ? image : null);
        return Task.FromResult(id is null ? null : new ImageFacts(id));
    }

    public Task KeepAsync(string imageId, CancellationToken cancellationToken)
    {
        RefuseAway();
        Kept[imageId] = true;
        return Task.CompletedTask;
    }

    public Task ReleaseAsync(string imageId, CancellationToken cancellationToken)
    {
        RefuseAway();
        Kept.TryRemove(imageId, out _);
        return Task.CompletedTask;
    }

    public Task<bool> HasNetworkAsync(string network, CancellationToken cancellationToken)
    {
        RefuseAway();
        return Task.FromResult(Networks.ContainsKey(network));
    }

    public bool IsMeantBy(string? network) => network == IInternetNetwork.Word;

    public Task<string?> FindNeedAsync(CancellationToken cancellationToken) => Task.FromResult(InternetNeed);

    public Task<string?> EnsureAsync(CancellationToken cancellationToken)
    {
        RefuseAway();
        return Task.FromResult(InternetNeed ?? InternetProblem);
    }

    public Task<string?> TendAsync(bool wanted, CancellationToken cancellationToken)
    {
        InternetWanted = wanted;
        Interlocked.Increment(ref _internetLooks);
        return Task.FromResult(wanted ? InternetNeed ?? InternetProblem : null);
    }

    public async Task<bool> RemoveAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _internetRemovals);
        return (await ListAsync(cancellationToken)).Count == 0;
    }

    private void RefuseAway()
    {
        if (IsAway)
            throw new SpawnException(SpawnFailure.EngineUnavailable, "Try again in a minute.", "The engine does not answer.");
    }
}
