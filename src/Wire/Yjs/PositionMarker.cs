namespace Wire.Yjs;

/// <summary>An item of which is known how many visible units stand before it.</summary>
internal sealed class PositionMarker
{
    public required Item Item { get; set; }

    public int Index { get; set; }

    /// <summary>When it last helped.</summary>
    public long Used { get; set; }
}
