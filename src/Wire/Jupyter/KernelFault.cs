namespace Wire.Jupyter;

/// <summary>Something a kernel sent that was dropped.</summary>
/// <param name="Channel">Where it came from.</param>
/// <param name="Kind">Why it was dropped.</param>
/// <param name="Detail">The part, field or limit that was wrong, in words; never content of the message.</param>
public sealed record KernelFault(KernelChannel Channel, KernelFaultKind Kind, string Detail);
