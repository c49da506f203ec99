namespace Wire.Yjs;

/// <summary>What became of an update.</summary>
/// <param name="Placed">Structs that are part of the document now.</param>
/// <param name="Placeless">Structs that belong to something that is gone, was never there or lies deeper than <see cref="YjsLimits.MaxTypeDepth"/>: only their number is kept.</param>
/// <param name="Waiting">Structs and removals that wait for others, this update's and earlier ones'.</param>
/// <param name="HasChanged">Whether the document is another now.</param>
public readonly record struct UpdateResult(int Placed, int Placeless, int Waiting, bool HasChanged);
