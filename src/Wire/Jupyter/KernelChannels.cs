namespace Wire.Jupyter;

/// <summary>The spelling of channels in WebSocket frames and logs.</summary>
public static class KernelChannels
{
    /// <summary><c>shell</c>, <c>control</c>, <c>iopub</c>, <c>stdin</c> or <c>hb</c>.</summary>
    public static string WireName(this KernelChannel channel) => channel switch
    {
        KernelChannel.Shell => "shell",
        KernelChannel.Control => "control",
        KernelChannel.IOPub => "iopub",
        KernelChannel.Stdin => "stdin",
        KernelChannel.Heartbeat => "hb",
        _ => throw new ArgumentOutOfRangeException(nameof(channel)),
    };

    /// <summary>Finds the channel with this exact spelling; false for anything else.</summary>
    public static bool TryParse(ReadOnlySpan<byte> wireName, out KernelChannel channel)
    {
        (var known, channel) = wireName switch
        {
            _ when wireName.SequenceEqual("shell"u8) => (true, KernelChannel.Shell),
            _ when wireName.SequenceEqual("control"u8) => (true, KernelChannel.Control),
            _ when wireName.SequenceEqual("iopub"u8) => (true, KernelChannel.IOPub),
            _ when wireName.SequenceEqual("stdin"u8) => (true, KernelChannel.Stdin),
            _ when wireName.SequenceEqual("hb"u8) => (true, KernelChannel.Heartbeat),
            _ => (false, default),
        };
        return known;
    }

    /// <summary>The same bytes as <see cref="WireName"/>, without allocation.</summary>
    internal static ReadOnlySpan<byte> WireNameUtf8(this KernelChannel channel) => channel switch
    {
        KernelChannel.Shell => "shell"u8,
        KernelChannel.Control => "control"u8,
        KernelChannel.IOPub => "iopub"u8,
        KernelChannel.Stdin => "stdin"u8,
        KernelChannel.Heartbeat => "hb"u8,
        _ => throw new ArgumentOutOfRangeException(nameof(channel)),
    };
}
