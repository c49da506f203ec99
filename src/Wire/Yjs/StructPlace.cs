namespace Wire.Yjs;

/// <summary>A place in a <see cref="StructList"/>; any change of the list but one through the place itself makes it useless.</summary>
internal record struct StructPlace(int Block, int Index);
