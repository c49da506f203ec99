namespace Spawner;

/// <summary>Makes images exist before somebody waits for them: the hub asks at its start, every start of a kernel asks again.</summary>
public interface IImagePreparer
{
    /// <summary>Does nothing when the image is there and up to date; else pulls or builds it. One at a time per image: later callers join the first.</summary>
    /// <exception cref="SpawnException">It could not be had (<see cref="SpawnFailure.ImageMissing"/>), or the engine does not answer.</exception>
    Task EnsureAsync(string image, IProgress<SpawnProgress>? progress, CancellationToken cancellationToken);
}
