namespace Hub.Kernels;

/// <summary>What came of the wish for a kernel.</summary>
public abstract record KernelStart
{
    /// <summary>It runs, or is on its way: then its state is <c>starting</c>, and a failure makes it <c>dead</c> with the reason.</summary>
    public sealed record Started(LiveKernel Kernel) : KernelStart;

    /// <summary>There is no such kernelspec.</summary>
    public sealed record UnknownSpec(string Message) : KernelStart;

    /// <summary>A limit forbids it; the message names the option.</summary>
    public sealed record Refused(string Message) : KernelStart;

    /// <summary>The wished id is no UUID.</summary>
    public sealed record BadId(string Message) : KernelStart;

    /// <summary>The wished id belongs to another kernel.</summary>
    public sealed record Taken(string Message) : KernelStart;

    /// <summary>It was tried and failed; the message names cause and remedy.</summary>
    public sealed record Failed(string Cause, string Message) : KernelStart;
}
