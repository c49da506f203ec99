using Wire.Zmtp;

namespace Wire.Jupyter;

/// <summary>Limits and habits of a <see cref="KernelClient"/>.</summary>
public sealed record KernelClientOptions
{
    public static KernelClientOptions Default { get; } = new();

    /// <summary>Which messages of the kernel are too big; those are dropped and counted.</summary>
    public MessageLimits Limits { get; init; } = MessageLimits.Default;

    /// <summary>Longest time between two <c>kernel_info_request</c>s to a kernel that is not ready yet; the first ones follow each other sooner.</summary>
    public TimeSpan NudgeInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The sockets' own limits, and what a send does when the kernel takes nothing in.</summary>
    public ZmtpOptions Zmtp { get; init; } = ZmtpOptions.Default;
}
