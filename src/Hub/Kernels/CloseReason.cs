namespace Hub.Kernels;

/// <summary>Why the hub ends a connection. Front ends come back by themselves after any code but 1000 and 1001 (kernel-websocket §6).</summary>
/// <param name="Code">WebSocket close code.</param>
/// <param name="Text">For whoever reads the network panel; at most 123 bytes.</param>
public sealed record CloseReason(int Code, string Text)
{
    /// <summary>1012: the hub restarts, kernels run on.</summary>
    public static CloseReason HubRestarts { get; } = new(1012, "the hub restarts; the kernel runs on");

    /// <summary>1000: the same client connected again. With any other code two pages that share a session_id would take turns for ever.</summary>
    public static CloseReason Replaced { get; } = new(1000, "another connection with the same session_id took over");

    /// <summary>1000: the kernel was deleted.</summary>
    public static CloseReason KernelGone { get; } = new(1000, "the kernel was shut down");

    /// <summary>1011: a defect of the hub.</summary>
    public static CloseReason Broken { get; } = new(1011, "the hub failed; its log says more");

    /// <summary>1009: a frame was too long.</summary>
    public static CloseReason FrameTooLong(long limit) => new(1009, $"a frame is longer than Kernels:MaxFrameBytes ({limit})");

    /// <summary>1007: a frame was no message.</summary>
    public static CloseReason Malformed(string what) => new(1007, what);
}
