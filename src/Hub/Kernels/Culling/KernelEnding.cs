namespace Hub.Kernels.Culling;

/// <summary>What the pages of a kernel were told of its end: why, when, in words, and for how long it can be kept (zero: not at all).</summary>
internal sealed record KernelEnding(CullCause Cause, DateTimeOffset At, string Message, TimeSpan KeepFor);
