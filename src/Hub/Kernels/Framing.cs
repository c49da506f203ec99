namespace Hub.Kernels;

/// <summary>How messages are laid out in WebSocket frames (kernel-websocket §2).</summary>
public enum Framing
{
    /// <summary><c>v1.kernel.websocket.jupyter.org</c>: binary frames with offsets.</summary>
    V1,

    /// <summary>No sub-protocol: one JSON object per message, spoken by gateway clients and old front ends.</summary>
    Json,
}
