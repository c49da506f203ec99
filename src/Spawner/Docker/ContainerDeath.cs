namespace Spawner.Docker;

/// <summary>What the engine's events said about the end of a container.</summary>
/// <param name="OutOfMemory">
/// The memory limit struck just before the end; null when the end itself was not seen. The engine's own flag is no substitute: it is
/// also set when only a child was killed, long before the kernel ended of something else.
/// </param>
/// <param name="EngineLeftAt">
/// When the engine was leaving, or gone, as the end came to be known; a container that ended since then by one of the engine's signals ended with it.
/// Null when the engine was there, or is one that keeps its containers (live-restore).
/// </param>
internal sealed record ContainerDeath(bool? OutOfMemory, DateTimeOffset? EngineLeftAt = null);
