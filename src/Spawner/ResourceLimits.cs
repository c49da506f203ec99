namespace Spawner;

/// <summary>What one kernel may use. A null means: no limit of ours.</summary>
/// <param name="MemoryBytes">Memory in bytes, swap included.</param>
/// <param name="Cpus">Processors, as a fraction (0.5 is half a core).</param>
/// <param name="Processes">Processes and threads together.</param>
/// <param name="OpenFiles">File descriptors per process.</param>
/// <param name="SharedMemoryBytes">Size of <c>/dev/shm</c> in bytes.</param>
/// <param name="TemporaryBytes">Size of <c>/tmp</c> in bytes.</param>
public sealed record ResourceLimits(
    long? MemoryBytes = null,
    double? Cpus = null,
    long? Processes = null,
    long? OpenFiles = null,
    long? SharedMemoryBytes = null,
    long? TemporaryBytes = null);
