namespace Hub.Kernels;

/// <summary>What <see cref="KernelState"/> knows of a tab.</summary>
/// <param name="Connection">Number of its latest connection; the newest tab has the highest.</param>
/// <param name="IsHere">False: it lost its connection and is expected back.</param>
/// <param name="OpenRequests">How many of its requests are pending.</param>
internal sealed record TabEntry(long Connection, bool IsHere, int OpenRequests);
