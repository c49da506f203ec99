namespace Hub.Terminals;

/// <summary>What the holder of a terminal said (<c>terminal.py</c>).</summary>
internal abstract record HolderFrame
{
    /// <summary>The first: what it keeps begins at <paramref name="First"/>, and the next byte will be <paramref name="End"/>.</summary>
    public sealed record Hello(long First, long End) : HolderFrame;

    /// <summary>Output. The memory is the reader's, valid until the next frame is read.</summary>
    /// <param name="Number">Of its first byte.</param>
    public sealed record Output(long Number, ReadOnlyMemory<byte> Text) : HolderFrame;

    /// <summary>The shell has ended.</summary>
    public sealed record Exit(int Status) : HolderFrame;
}
