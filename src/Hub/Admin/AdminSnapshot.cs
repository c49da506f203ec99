namespace Hub.Admin;

/// <summary>Everything panels show live, at one moment. Never changed: a panel is told the difference between two of them.</summary>
public sealed record AdminSnapshot(Overview Overview, IReadOnlyDictionary<string, KernelRow> Kernels);
