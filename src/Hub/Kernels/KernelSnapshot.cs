namespace Hub.Kernels;

/// <summary>How things stand with a kernel.</summary>
/// <param name="Executions">What runs, waits and ran last.</param>
/// <param name="Sequence">The journal's last number at that moment.</param>
internal sealed record KernelSnapshot(ExecutionsState Executions, long Sequence);
