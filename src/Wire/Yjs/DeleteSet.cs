namespace Wire.Yjs;

/// <summary>Which units were removed, by client (yjs, DeleteSet.js).</summary>
internal sealed class DeleteSet
{
    private readonly Dictionary<int, List<DeleteRange>> _byClient = [];

    public bool IsEmpty => _byClient.Count == 0;

    public int Count => _byClient.Values.Sum(ranges => ranges.Count);

    public IReadOnlyDictionary<int, List<DeleteRange>> ByClient => _byClient;

    public void Add(int client, int clock, int length)
    {
        if (!_byClient.TryGetValue(client, out List<DeleteRange>? ranges))
            _byClient.Add(client, ranges = []);
        if (ranges.Count > 0 && ranges[^1].End == clock)
            ranges[^1] = new DeleteRange(ranges[^1].Clock, ranges[^1].Length + length);
        else
            ranges.Add(new DeleteRange(clock, length));
    }

    public void AddAll(DeleteSet other)
    {
        foreach ((int client, List<DeleteRange> ranges) in other._byClient)
            foreach (DeleteRange range in ranges)
                Add(client, range.Clock, range.Length);
    }

    /// <summary>By clock, and what touches is one range.</summary>
    public void Normalise()
    {
        foreach (List<DeleteRange> ranges in _byClient.Values)
        {
            if (ranges.Count < 2)
                continue;
            ranges.Sort(static (left, right) => left.Clock.CompareTo(right.Clock));
            int kept = 0;
            for (int next = 1; next < ranges.Count; next++)
            {
                DeleteRange left = ranges[kept], right = ranges[next];
                if (left.End >= right.Clock)
                    ranges[kept] = new DeleteRange(left.Clock, Math.Max(left.Length, right.End - left.Clock));
                else
                    ranges[++kept] = right;
            }

            ranges.RemoveRange(kept + 1, ranges.Count - kept - 1);
        }
    }

    public bool Holds(YId id)
    {
        if (!_byClient.TryGetValue(id.Client, out List<DeleteRange>? ranges))
            return false;
        int low = 0, high = ranges.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            if (ranges[middle].Clock > id.Clock)
                high = middle - 1;
            else if (ranges[middle].End <= id.Clock)
                low = middle + 1;
            else
                return true;
        }

        return false;
    }

    public void Write(UpdateWriter writer, ClientTable clients)
    {
        writer.WriteVarUint(_byClient.Count);
        if (_byClient.Count == 0)
            return;
        List<int> order = [.. _byClient.Keys];
        order.Sort(clients.Compare);
        foreach (int client in order)
        {
            writer.WriteVarUint(clients.NumberOf(client));
            List<DeleteRange> ranges = _byClient[client];
            writer.WriteVarUint(ranges.Count);
            foreach (DeleteRange range in ranges)
            {
                writer.WriteVarUint(range.Clock);
                writer.WriteVarUint(range.Length);
            }
        }
    }

    public static DeleteSet Read(ref UpdateReader reader, ClientTable clients)
    {
        DeleteSet set = new();
        for (int count = reader.ReadCount(2); count > 0; count--)
        {
            int client = clients.PlaceOf(reader.ReadVarUint());
            for (int ranges = reader.ReadCount(2); ranges > 0; ranges--)
            {
                int clock = reader.ReadClock();
                int length = reader.ReadClock();
                if (length > int.MaxValue - clock)
                    throw reader.Fail("A clock of more than 31 bits");
                if (length > 0)
                    set.Add(client, clock, length);
            }
        }

        return set;
    }

    /// <summary>All that is removed in a document.</summary>
    public static DeleteSet Of(StructStore store)
    {
        DeleteSet set = new();
        foreach (int client in store.Present())
            foreach (Struct one in store.Of(client).Structs.All())
                if (one.IsDeleted)
                    set.Add(client, one.Clock, one.Length);
        return set;
    }
}
