namespace Wire.Yjs;

/// <summary>Removes what others removed (yjs, DeleteSet.js).</summary>
internal static class Removal
{
    /// <returns>What could not be removed, since it is not there yet.</returns>
    public static DeleteSet Apply(DeleteSet removals, YTransaction transaction)
    {
        StructStore store = transaction.Document.Store;
        DeleteSet rest = new();
        foreach ((int client, List<DeleteRange> ranges) in removals.ByClient)
        {
            int end = store.EndOf(client);
            foreach (DeleteRange range in ranges)
            {
                if (range.End > end)
                    rest.Add(client, Math.Max(range.Clock, end), range.End - Math.Max(range.Clock, end));
                if (range.Clock < end)
                    Remove(store, store.Of(client).Structs, range, transaction);
            }
        }

        return rest;
    }

    private static void Remove(StructStore store, StructList structs, DeleteRange range, YTransaction transaction)
    {
        StructPlace place = structs.Find(range.Clock);
        if (structs[place] is Item { Removed: false } first && first.Clock < range.Clock)
            place = structs.InsertAfter(place, store.Split(first, range.Clock - first.Clock));
        do
        {
            if (structs[place].Clock >= range.End)
                return;
            if (structs[place] is not Item { Removed: false } item)
                continue;
            if (item.End > range.End)
                structs.InsertAfter(place, store.Split(item, range.End - item.Clock));
            Placement.Remove(item, transaction);
        }
        while (structs.TryNext(ref place));
    }
}
