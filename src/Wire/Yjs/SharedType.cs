namespace Wire.Yjs;

/// <summary>What a map, an array, a text or an element of XML has in common: a list of items, and a map of them by key.</summary>
internal sealed class SharedType(TypeKind kind)
{
    private static readonly Dictionary<string, Item> s_none = [];

    public TypeKind Kind { get; } = kind;

    /// <summary>Of an element or hook of XML.</summary>
    public string? NodeName { get; init; }

    /// <summary>At the top of its document.</summary>
    public string? Name { get; init; }

    /// <summary>Null before it is part of one.</summary>
    public YDoc? Document { get; set; }

    /// <summary>What holds it; null at the top.</summary>
    public Item? Item { get; set; }

    public Item? Start { get; set; }

    /// <summary>The newest item of each key; those it replaced are left of it.</summary>
    public Dictionary<string, Item>? Map { get; set; }

    /// <summary>Visible units of the list.</summary>
    public int Length { get; set; }

    /// <summary>Types around this one.</summary>
    public int Depth { get; set; }

    public bool HasFormats { get; set; }

    public PositionMarkers? Markers { get; set; }

    public bool IsRemoved => Item is { Removed: true };

    public IReadOnlyDictionary<string, Item> Keys => Map ?? s_none;

    public Item? Newest(string key) => Map is not null && Map.TryGetValue(key, out Item? item) ? item : null;

    public void SetNewest(string key, Item item) => (Map ??= [])[key] = item;
}
