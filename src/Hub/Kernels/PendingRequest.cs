using Wire.Jupyter;

namespace Hub.Kernels;

/// <summary>A request that went to the kernel and is not finished: it is when both its reply and its idle have come (kernel-wire contract, request life cycle).</summary>
internal sealed record PendingRequest
{
    /// <summary>Who asked; null is the hub itself.</summary>
    public required TabId? Tab { get; init; }

    public required KernelChannel Channel { get; init; }

    public required string MessageType { get; init; }

    /// <summary>The header as sent: parent of whatever the hub must say about this request in the kernel's stead.</summary>
    public required ReadOnlyMemory<byte> Header { get; init; }

    /// <summary>False: the kernel must not ask for input while it works on this.</summary>
    public bool AllowStdin { get; init; }

    /// <summary>Subshell a delete_subshell_request wants to end.</summary>
    public string? Subshell { get; init; }

    /// <summary>Comm messages are never replied to.</summary>
    public bool ExpectsReply { get; init; } = true;

    public bool Replied { get; init; }

    public bool BusySeen { get; init; }

    public bool IdleSeen { get; init; }

    /// <summary>Reply said <c>aborted</c>: some kernels send no status for such a request.</summary>
    public bool Aborted { get; init; }

    /// <summary>Ticks since the aborted reply; see <see cref="KernelState"/>.</summary>
    public int TicksSinceAborted { get; init; }

    /// <summary>How often the hub answered a forbidden prompt of this request.</summary>
    public int PromptsAnswered { get; init; }

    public bool IsFinished => IdleSeen && (Replied || !ExpectsReply);
}
