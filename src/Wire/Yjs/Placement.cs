namespace Wire.Yjs;

/// <summary>Puts structs into a document and removes what is in it (yjs, Item.js).</summary>
internal static class Placement
{
    /// <summary>Finds the neighbours and the parent of an item, of which everything it names is there.</summary>
    /// <returns>False where its units have no place any more: what they belonged to is gone, or there never was such a thing.</returns>
    public static bool TryResolve(Item item, YDoc document)
    {
        StructStore store = document.Store;
        Struct? left = item.Origin.IsNone ? null : store.FindEnd(item.Origin);
        Struct? right = item.RightOrigin.IsNone ? null : store.FindStart(item.RightOrigin);
        if (left is GoneStruct || right is GoneStruct)
            return false;
        (item.Left, item.Right) = (left as Item, right as Item);
        switch (item.Parent)
        {
            case null:
                Item near = item.Right ?? item.Left!;
                // Neighbours of two lists: nobody honest writes that, and a list must not lead into another.
                if (item.Left is { } other && (other.Parent != near.Parent || other.Key != near.Key))
                    return false;
                (item.Parent, item.Key) = (near.Parent, near.Key);
                return true;
            case string name:
                item.Parent = document.Root(name);
                return true;
            case YId id:
                if (store.Find(id) is not Item { Content: SharedType type } || type.Depth >= document.Limits.MaxTypeDepth)
                    return false;
                item.Parent = type;
                return true;
            default:
                return true;
        }
    }

    /// <summary>Puts it where it belongs among what others put at the same place meanwhile.</summary>
    public static void Integrate(Item item, YTransaction transaction)
    {
        YDoc document = transaction.Document;
        SharedType parent = item.Owner;
        if ((item.Left is null && (item.Right is null || item.Right.Left is not null)) || (item.Left is not null && item.Left.Right != item.Right))
            item.Left = FindLeft(item, parent, document);
        Link(item, parent, transaction);
        if (item.Key is null && item.IsCountable)
            parent.Length += item.Length;
        transaction.Touch(item.Client);
        document.Store.Of(item.Client).Structs.Add(item);
        switch (item.Content)
        {
            case SharedType type:
                (type.Item, type.Document, type.Depth) = (item, document, parent.Depth + 1);
                break;
            case FormatMark:
                parent.HasFormats = true;
                parent.Markers?.Clear();
                parent.Markers = null;
                break;
        }

        if (item.Kind == ContentKind.Deleted)
        {
            item.Removed = true;
            transaction.Deleted.Add(item.Client, item.Clock, item.Length);
        }

        transaction.MarkChanged(parent, item.Key);
        if (parent.IsRemoved || (item.Key is not null && item.Right is not null))
            Remove(item, transaction);
    }

    public static void AddGone(int client, int clock, int length, YTransaction transaction)
    {
        transaction.Touch(client);
        transaction.Document.Store.Of(client).Structs.Add(new GoneStruct(client, clock, length));
    }

    /// <summary>With all that is in it; without recursion, since how deep types lie is others' choice.</summary>
    public static void Remove(Item item, YTransaction transaction)
    {
        if (item.Removed)
            return;
        RemoveOne(item, transaction);
        if (item.Content is not SharedType first)
            return;
        Stack<SharedType> within = new([first]);
        while (within.TryPop(out SharedType? type))
        {
            for (Item? child = type.Start; child is not null; child = child.Right)
                RemoveWithin(child, transaction, within);
            foreach (Item child in type.Keys.Values)
                RemoveWithin(child, transaction, within);
            transaction.ForgetChanged(type);
        }
    }

    private static void RemoveWithin(Item child, YTransaction transaction, Stack<SharedType> within)
    {
        if (!child.Removed)
        {
            RemoveOne(child, transaction);
            if (child.Content is SharedType type)
                within.Push(type);
        }
        else if (child.Clock < transaction.EndBefore(child.Client))
            transaction.MergeLater.Add(child);
    }

    private static void RemoveOne(Item item, YTransaction transaction)
    {
        SharedType parent = item.Owner;
        if (item.Key is null && item.IsCountable)
            parent.Length -= item.Length;
        item.Removed = true;
        transaction.Deleted.Add(item.Client, item.Clock, item.Length);
        transaction.MarkChanged(parent, item.Key);
    }

    /// <summary>
    /// Between its neighbours of then stands what others put there. Who named the same left neighbour is ordered by client; who named one that stands between
    /// goes with it. (What was seen in this search, and what since the last step to the right, is told by the number written on each item.)
    /// </summary>
    private static Item? FindLeft(Item item, SharedType parent, YDoc document)
    {
        Item? left = item.Left;
        Item? other = left is not null ? left.Right : First(item, parent);
        int firstSeen = document.BeginSearch();
        int sinceStep = firstSeen;
        int seen = firstSeen;
        for (; other is not null && other != item.Right; other = other.Right)
        {
            other.Seen = seen++;
            if (item.Origin == other.Origin)
            {
                if (document.Store.Clients.NumberOf(other.Client) < document.Store.Clients.NumberOf(item.Client))
                    (left, sinceStep) = (other, seen);
                else if (item.RightOrigin == other.RightOrigin)
                    break;
            }
            else if (!other.Origin.IsNone && document.Store.Find(other.Origin) is Item origin && origin.Seen >= firstSeen)
            {
                if (origin.Seen < sinceStep)
                    (left, sinceStep) = (other, seen);
            }
            else
            {
                break;
            }
        }

        document.EndSearch(seen);
        return left;
    }

    private static Item? First(Item item, SharedType parent)
    {
        if (item.Key is null)
            return parent.Start;
        Item? first = parent.Newest(item.Key);
        while (first?.Left is not null)
            first = first.Left;
        return first;
    }

    private static void Link(Item item, SharedType parent, YTransaction transaction)
    {
        if (item.Left is { } left)
        {
            item.Right = left.Right;
            left.Right = item;
        }
        else
        {
            item.Right = First(item, parent);
            if (item.Key is null)
                parent.Start = item;
        }

        if (item.Right is { } right)
        {
            right.Left = item;
        }
        else if (item.Key is not null)
        {
            // The newest value of its key; the one before is none any more.
            parent.SetNewest(item.Key, item);
            if (item.Left is not null)
                Remove(item.Left, transaction);
        }
    }
}
