namespace Spawner.Processes;

/// <summary>What a restarted hub needs to find a kernel again; kept as <c>kernel.json</c> in its state directory.</summary>
internal sealed record KernelRecord(SpawnedKernel Kernel, string Channels, ProcessIdentity Supervisor, ProcessIdentity Process);
