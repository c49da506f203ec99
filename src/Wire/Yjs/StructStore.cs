namespace Wire.Yjs;

/// <summary>All structs of a document by client.</summary>
internal sealed class StructStore(ClientTable clients)
{
    private readonly List<ClientStructs?> _byPlace = [];

    public ClientTable Clients { get; } = clients;

    /// <summary>Right parts of what was taken apart in this transaction: they are joined again where nothing came between.</summary>
    public List<Item> Apart { get; } = [];

    /// <summary>Of all clients.</summary>
    public int Count => _byPlace.Sum(client => client?.Structs.Count ?? 0);

    /// <summary>Clients of which there is something, as they are written: the highest number first.</summary>
    public List<int> Present()
    {
        List<int> present = [];
        for (int place = 0; place < _byPlace.Count; place++)
            if (_byPlace[place] is { End: > 0 })
                present.Add(place);
        present.Sort(Clients.Compare);
        return present;
    }

    public ClientStructs Of(int client)
    {
        while (_byPlace.Count <= client)
            _byPlace.Add(null);
        return _byPlace[client] ??= new ClientStructs();
    }

    /// <summary>Clock of the client's next unit; 0 where it made none.</summary>
    public int EndOf(int client) => client < _byPlace.Count ? _byPlace[client]?.End ?? 0 : 0;

    public Struct Find(YId id)
    {
        StructList structs = Of(id.Client).Structs;
        return structs[structs.Find(id.Clock)];
    }

    /// <summary>The struct that begins with the unit, taken apart before if need be.</summary>
    public Struct FindStart(YId id)
    {
        StructList structs = Of(id.Client).Structs;
        return structs[FindStart(structs, id.Clock)];
    }

    /// <summary>The struct that ends with the unit, taken apart after it if need be.</summary>
    public Struct FindEnd(YId id)
    {
        StructList structs = Of(id.Client).Structs;
        StructPlace place = structs.Find(id.Clock);
        Struct found = structs[place];
        if (found is Item item && id.Clock != item.End - 1)
            structs.InsertAfter(place, Split(item, id.Clock - item.Clock + 1));
        return found;
    }

    public StructPlace FindStart(StructList structs, int clock)
    {
        StructPlace place = structs.Find(clock);
        return structs[place] is Item item && item.Clock < clock ? structs.InsertAfter(place, Split(item, clock - item.Clock)) : place;
    }

    /// <summary>Takes an item of a document apart.</summary>
    /// <returns>The right part.</returns>
    public Item Split(Item item, int count)
    {
        Item right = item.SplitOff(count);
        (right.Left, right.Right) = (item, item.Right);
        item.Right = right;
        if (right.Right is not null)
            right.Right.Left = right;
        else if (right.Key is not null)
            right.Owner.Map![right.Key] = right;
        Apart.Add(right);
        return right;
    }

    /// <summary>Joins the struct with those before it as far as they are a run, and leaves <paramref name="place"/> at what it is part of now.</summary>
    /// <returns>How many were joined.</returns>
    public static int MergeWithLeft(StructList structs, ref StructPlace place)
    {
        for (int merged = 0; ; merged++)
        {
            StructPlace before = place;
            if (!structs.TryPrevious(ref before))
                return merged;
            Struct left = structs[before], right = structs[place];
            if (left.IsDeleted != right.IsDeleted || !left.TryMerge(right))
                return merged;
            if (right is Item { Key: { } key } item && item.Owner.Map is { } map && map.TryGetValue(key, out Item? current) && current == item)
                map[key] = (Item)left;
            structs.RemoveMerged(ref place);
        }
    }
}
