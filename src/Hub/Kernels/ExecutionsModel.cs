namespace Hub.Kernels;

/// <summary>What runs, waits and ran last (ours). Connecting with <c>seq</c> follows from exactly here.</summary>
public sealed record ExecutionsModel(long Seq, string ExecutionState, KernelHubModel Hub, IReadOnlyList<ExecutionModel> Executions);
