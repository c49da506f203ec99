namespace Wire.Jupyter;

/// <summary>One Jupyter message: header, parent header, metadata, content and buffers, each kept as the bytes that were received (messaging spec, "General message format").</summary>
public sealed class KernelMessage
{
    public required KernelChannel Channel { get; init; }

    public required ReadOnlyMemory<byte> Header { get; init; }

    public required ReadOnlyMemory<byte> ParentHeader { get; init; }

    public required ReadOnlyMemory<byte> Metadata { get; init; }

    public required ReadOnlyMemory<byte> Content { get; init; }

    public IReadOnlyList<ReadOnlyMemory<byte>> Buffers { get; init; } = [];
}
