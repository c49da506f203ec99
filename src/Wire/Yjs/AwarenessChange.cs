namespace Wire.Yjs;

/// <summary>Whose state is another now, by number of the client.</summary>
/// <param name="Added">Not known before.</param>
/// <param name="Updated">Said something again, be it the same.</param>
/// <param name="Removed">Gone.</param>
public sealed record AwarenessChange(IReadOnlyList<long> Added, IReadOnlyList<long> Updated, IReadOnlyList<long> Removed)
{
    public bool IsEmpty => Added.Count + Updated.Count + Removed.Count == 0;

    /// <summary>All of them.</summary>
    public IReadOnlyList<long> Clients => [.. Added, .. Updated, .. Removed];
}
