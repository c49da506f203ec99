using Wire.Jupyter;

namespace Hub.Kernels;

/// <summary>A request that went to the kernel and is not finished: it is when both its reply and its idle have come (kernel-wire contract, request life cycle).</summary>
internal sealed record PendingRequest
{
    /// <summary>Who asked; null is the hub itself.</summary>
    public required TabId? Tab { get; init; }

    public required string MessageId { get; init; }

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

    /// <summary>Ticks since a status (of an aborted request) or a reply (of a restored one) is missing; see <see cref="KernelState"/>.</summary>
    public int TicksMissing { get; init; }

    /// <summary>Asked before this hub was started: its reply may have gone to nobody.</summary>
    public bool IsRestored { get; init; }

    /// <summary>It is served by the main shell or by control, one after the other; false in a subshell, which answers when it likes.</summary>
    public bool IsInOrder { get; init; } = true;

    /// <summary>Of a restored execute_request: what its <c>execute_input</c> said.</summary>
    public int? ExecutionCount { get; init; }

    /// <summary>Of a restored execute_request: the content of its <c>error</c>.</summary>
    public ReadOnlyMemory<byte>? Error { get; init; }

    /// <summary>How often the hub answered a forbidden prompt of this request.</summary>
    public int PromptsAnswered { get; init; }

    public bool IsFinished => IdleSeen && (Replied || !ExpectsReply);
}
