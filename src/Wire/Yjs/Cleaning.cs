namespace Wire.Yjs;

/// <summary>What follows a transaction: what was removed lets go of what it held, and runs become one struct (yjs, Transaction.js).</summary>
internal static class Cleaning
{
    public static void Clean(YTransaction transaction, bool collectsGarbage)
    {
        StructStore store = transaction.Document.Store;
        transaction.Deleted.Normalise();
        if (collectsGarbage)
            Collect(transaction.Deleted, store);
        MergeRemoved(transaction.Deleted, store);
        foreach (int client in transaction.Touched)
            MergeNew(store.Of(client));
        foreach (Item item in store.Apart)
            MergeAround(store, item.Id);
        store.Apart.Clear();
        foreach (Struct one in transaction.MergeLater)
            MergeAround(store, one.Id);
    }

    /// <summary>Removed for good: the units keep their place, what they held goes.</summary>
    private static void Collect(DeleteSet deleted, StructStore store)
    {
        Stack<SharedType> within = [];
        foreach ((int client, List<DeleteRange> ranges) in deleted.ByClient)
        {
            StructList structs = store.Of(client).Structs;
            foreach (DeleteRange range in ranges)
            {
                StructPlace place = structs.Find(range.Clock);
                do
                {
                    if (structs[place].Clock >= range.End)
                        break;
                    if (structs[place] is Item { Removed: true } item)
                        Empty(item, within);
                }
                while (structs.TryNext(ref place));
            }
        }

        while (within.TryPop(out SharedType? type))
        {
            for (Item? child = type.Start; child is not null; child = child.Right)
                Drop(child, store, within);
            foreach (Item newest in type.Keys.Values)
                for (Item? child = newest; child is not null; child = child.Left)
                    Drop(child, store, within);
            (type.Start, type.Map) = (null, null);
        }
    }

    private static void Empty(Item item, Stack<SharedType> within)
    {
        if (item.Content is SharedType type)
            within.Push(type);
        (item.Kind, item.Content, item.TextStart) = (ContentKind.Deleted, null, 0);
    }

    /// <summary>Within something removed not even the place is needed.</summary>
    private static void Drop(Item item, StructStore store, Stack<SharedType> within)
    {
        if (item.Content is SharedType type)
            within.Push(type);
        StructList structs = store.Of(item.Client).Structs;
        structs.Replace(structs.Find(item.Clock), new GoneStruct(item.Client, item.Clock, item.Length));
    }

    private static void MergeRemoved(DeleteSet deleted, StructStore store)
    {
        foreach ((int client, List<DeleteRange> ranges) in deleted.ByClient)
        {
            StructList structs = store.Of(client).Structs;
            for (int next = ranges.Count - 1; next >= 0; next--)
            {
                StructPlace place = structs.Find(ranges[next].End - 1);
                structs.TryNext(ref place);
                do
                {
                    if (structs[place].Clock < ranges[next].Clock)
                        break;
                    StructStore.MergeWithLeft(structs, ref place);
                }
                while (structs.TryPrevious(ref place));
            }
        }
    }

    private static void MergeNew(ClientStructs client)
    {
        StructList structs = client.Structs;
        StructPlace place = structs.Last;
        do
        {
            StructStore.MergeWithLeft(structs, ref place);
            if (structs[place].Clock <= client.EndBefore)
                break;
        }
        while (structs.TryPrevious(ref place));
    }

    private static void MergeAround(StructStore store, YId id)
    {
        StructList structs = store.Of(id.Client).Structs;
        StructPlace place = structs.Find(id.Clock);
        StructPlace right = place;
        if (structs.TryNext(ref right) && StructStore.MergeWithLeft(structs, ref right) > 1)
            return;
        place = structs.Find(id.Clock);
        StructStore.MergeWithLeft(structs, ref place);
    }
}
