namespace Wire.Yjs;

/// <summary>Units of one client that were removed.</summary>
internal readonly record struct DeleteRange(int Clock, int Length)
{
    public int End => Clock + Length;
}
