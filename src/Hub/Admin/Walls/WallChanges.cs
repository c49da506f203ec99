namespace Hub.Admin.Walls;

/// <summary>What changed on the wall of a class since a panel was last told.</summary>
/// <param name="Whole">The tiles are all there are, and what the panel knew is void.</param>
/// <param name="Tiles">New and changed ones.</param>
/// <param name="Gone">Names of students who left the class.</param>
public sealed record WallChanges(long ClassId, bool Whole, IReadOnlyList<WallTile> Tiles, IReadOnlyList<string> Gone)
{
    public bool IsEmpty => !Whole && Tiles.Count == 0 && Gone.Count == 0;

    /// <summary>The way from what a panel was told to what is now.</summary>
    /// <param name="before">Null when it was told nothing of this class yet.</param>
    public static WallChanges Between(long classId, IReadOnlyDictionary<string, WallTile>? before, IReadOnlyDictionary<string, WallTile> now) => before is null
        ? new WallChanges(classId, true, [.. now.Values], [])
        : new WallChanges(
            classId,
            false,
            // An unchanged tile is the same object from picture to picture.
            [.. now.Values.Where(tile => !before.TryGetValue(tile.User, out WallTile? known) || !ReferenceEquals(known, tile))],
            [.. before.Keys.Where(user => !now.ContainsKey(user))]);
}
