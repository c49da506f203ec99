namespace Spawner;

/// <summary>How a kernel ended, in terms a person understands.</summary>
/// <param name="Code">Exit code, or null when nobody knows it.</param>
/// <param name="Signal">Number of the signal that ended it, or null.</param>
/// <param name="LogTail">The last lines it wrote to stdout and stderr, bounded; may be empty. Never logged by the hub.</param>
public sealed record KernelExit(KernelExitCause Cause, int? Code, int? Signal, string LogTail);
