namespace Wire.Yjs;

/// <summary>What a struct is, as the low five bits of its first byte say it on the wire.</summary>
internal enum ContentKind : byte
{
    /// <summary>Units whose place nobody needs any more.</summary>
    Gone = 0,

    /// <summary>Removed units whose place is still needed.</summary>
    Deleted = 1,

    /// <summary>Values as JSON texts, of old versions.</summary>
    Json = 2,

    Binary = 3,
    Text = 4,

    /// <summary>An object in a text.</summary>
    Embed = 5,

    /// <summary>Here a format of the text begins or ends.</summary>
    Format = 6,

    Type = 7,
    Any = 8,
    Document = 9,

    /// <summary>Units that the update does not hold.</summary>
    Gap = 10,
}
