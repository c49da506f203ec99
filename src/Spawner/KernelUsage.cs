namespace Spawner;

/// <summary>What one kernel, with everything it started, takes of the machine.</summary>
/// <param name="MemoryBytes">Resident memory now.</param>
/// <param name="ProcessorTime">Processor time of all that lives, since each began; two of them tell a load.</param>
public sealed record KernelUsage(long MemoryBytes, TimeSpan ProcessorTime);
