using Hub.Kernels;

namespace Hub.Sessions;

/// <summary>What came of the wish for a session.</summary>
public abstract record SessionStart
{
    /// <summary>It is there, new or as it was.</summary>
    public sealed record Ready(Session Session, LiveKernel Kernel) : SessionStart;

    /// <summary>Its kernel could not be had; why stands inside.</summary>
    public sealed record NoKernel(KernelStart Why) : SessionStart;

    /// <summary>The kernel it should attach to is not there.</summary>
    public sealed record UnknownKernel(string KernelId) : SessionStart;
}
