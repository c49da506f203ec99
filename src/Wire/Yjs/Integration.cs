using System.Runtime.InteropServices;

namespace Wire.Yjs;

/// <summary>
/// Puts the structs of an update into a document in an order in which each finds what it names; what names something that has not come is handed back.
/// One that waits for another client's is laid on a stack, and that client's turn comes first; a dead end sends the whole stack back.
/// </summary>
internal sealed class Integration(YTransaction transaction)
{
    private readonly Dictionary<int, StructQueue> _queues = [];
    private readonly Stack<Struct> _waiting = [];
    private readonly Dictionary<int, int> _missing = [];
    private readonly StructStore _store = transaction.Document.Store;

    /// <summary>Of which clients something is missing, and from which clock on.</summary>
    public IReadOnlyDictionary<int, int> Missing => _missing;

    /// <summary>Put in as what it is.</summary>
    public int Placed { get; private set; }

    /// <summary>Put in as units without a place, since what they belong to is gone.</summary>
    public int Placeless { get; private set; }

    /// <returns>What has to wait, by client.</returns>
    public Dictionary<int, List<Struct>> Run(UpdateContents contents)
    {
        Dictionary<int, List<Struct>> held = [];
        List<int> order = new(contents.ByClient.Count);
        foreach ((int client, List<Struct> structs) in contents.ByClient)
        {
            _queues.Add(client, new StructQueue(structs));
            order.Add(client);
        }

        // Higher numbers first: then the lower ones mostly find their place without a search.
        order.Sort(_store.Clients.Compare);
        foreach (int client in order)
        {
            StructQueue queue = _queues[client];
            while (!queue.IsEmpty)
                Follow(queue.Take(), held);
        }

        return held;
    }

    private void Follow(Struct head, Dictionary<int, List<Struct>> held)
    {
        while (true)
        {
            int offset = _store.EndOf(head.Client) - head.Clock;
            int missing = offset < 0 ? head.Client : offset >= head.Length ? -1 : FindMissing(head);
            if (missing < 0)
            {
                if (offset < head.Length)
                    Place(head, offset);
                if (!_waiting.TryPop(out head!))
                    return;
                continue;
            }

            _waiting.Push(head);
            if (offset < 0)
            {
                Miss(head.Client, head.Clock - 1);
                HoldWaiting(held);
                return;
            }

            if (!_queues.TryGetValue(missing, out StructQueue? queue) || queue.IsEmpty)
            {
                Miss(missing, _store.EndOf(missing));
                HoldWaiting(held);
                return;
            }

            head = queue.Take();
        }
    }

    /// <returns>The client of something the struct names that is not there; −1 where all is.</returns>
    private int FindMissing(Struct head)
    {
        if (head is not Item item)
            return -1;
        if (IsMissing(item, item.Origin))
            return item.Origin.Client;
        if (IsMissing(item, item.RightOrigin))
            return item.RightOrigin.Client;
        return item.Parent is YId parent && IsMissing(item, parent) ? parent.Client : -1;
    }

    private bool IsMissing(Item item, YId id) => !id.IsNone && id.Client != item.Client && id.Clock >= _store.EndOf(id.Client);

    private void Place(Struct head, int offset)
    {
        if (head is not Item item)
        {
            Placement.AddGone(head.Client, head.Clock + offset, head.Length - offset, transaction);
            return;
        }

        // Cut first: what the first units stood beside is known better by those that are there.
        if (offset > 0)
            item = Cut(item, offset);
        if (Placement.TryResolve(item, transaction.Document))
        {
            Placement.Integrate(item, transaction);
            Placed++;
            return;
        }

        Placement.AddGone(item.Client, item.Clock, item.Length, transaction);
        Placeless++;
    }

    private static Item Cut(Item item, int offset)
    {
        Item right = item.SplitOff(offset);
        // Now it names its own left part, which is in the document with the parent it has there.
        (right.Parent, right.Key) = (null, null);
        return right;
    }

    private void Miss(int client, int clock)
    {
        ref int known = ref CollectionsMarshal.GetValueRefOrAddDefault(_missing, client, out bool exists);
        known = exists ? Math.Min(known, clock) : clock;
    }

    /// <summary>All of them, and what their clients have after them, wait for another update.</summary>
    private void HoldWaiting(Dictionary<int, List<Struct>> held)
    {
        foreach (Struct one in _waiting)
        {
            List<Struct> rest = [one, .. _queues[one.Client].TakeRest()];
            if (held.TryGetValue(one.Client, out List<Struct>? known))
                known.InsertRange(0, rest);
            else
                held.Add(one.Client, rest);
        }

        _waiting.Clear();
    }
}
