namespace Spawner;

/// <summary>Makes images exist before somebody waits for them: the hub asks at its start, every start of a kernel asks again.</summary>
public interface IImagePreparer
{
    /// <summary>Does nothing when the image is there and up to date; else pulls or builds it. One at a time per image: later callers join the first.</summary>
    /// <exception cref="SpawnException">It could not be had (<see cref="SpawnFailure.ImageMissing"/>), or the engine does not answer.</exception>
    Task EnsureAsync(string image, IProgress<SpawnProgress>? progress, CancellationToken cancellationToken);

    /// <summary>Pulls or builds the image though it is there; what is there stays when that fails. One at a time per image.</summary>
    /// <exception cref="SpawnException">As <see cref="EnsureAsync"/>.</exception>
    Task RenewAsync(string image, IProgress<SpawnProgress>? progress, CancellationToken cancellationToken);

    /// <summary>What a name, a digest or an id stands for now; null when nothing of it is there.</summary>
    /// <exception cref="SpawnException">The engine does not answer.</exception>
    Task<ImageFacts?> FindAsync(string image, CancellationToken cancellationToken);

    /// <summary>Gives the image a name of the hub's own, so that it is not cleaned away once its tag has moved on.</summary>
    /// <param name="imageId">Its id; one that is not there is left alone.</param>
    /// <exception cref="SpawnException">The engine does not answer.</exception>
    Task KeepAsync(string imageId, CancellationToken cancellationToken);

    /// <summary>Takes that name away; an image without any other goes, unless a container uses it.</summary>
    /// <exception cref="SpawnException">The engine does not answer.</exception>
    Task ReleaseAsync(string imageId, CancellationToken cancellationToken);

    /// <summary>Is there a network of this name?</summary>
    /// <exception cref="SpawnException">The engine does not answer.</exception>
    Task<bool> HasNetworkAsync(string network, CancellationToken cancellationToken);
}
