namespace Wire.Yjs;

/// <summary>
/// An update taken apart: structs by client and clock, and what was removed.
/// <code>
/// clients, then for each: structs, client, first clock, the structs; then removed: clients, for each: client, ranges, (clock, length)…
/// </code>
/// </summary>
internal sealed class UpdateContents(ClientTable clients)
{
    private readonly List<(int Client, List<Struct> Structs)> _byClient = [];
    private readonly Dictionary<int, int> _places = [];

    public IReadOnlyList<(int Client, List<Struct> Structs)> ByClient => _byClient;

    public DeleteSet Deleted { get; private set; } = new();

    public int Count { get; private set; }

    /// <summary>Clients that stand several times are read as one, by clock.</summary>
    /// <exception cref="YjsFormatException">It is no update.</exception>
    /// <exception cref="YjsLimitException">It is beyond a limit.</exception>
    public static UpdateContents Read(ReadOnlySpan<byte> update, UpdateScope scope)
    {
        if (update.Length > scope.Limits.MaxUpdateBytes)
            throw new YjsLimitException(nameof(YjsLimits.MaxUpdateBytes), scope.Limits.MaxUpdateBytes);
        UpdateReader reader = new(update);
        UpdateContents contents = new(scope.Clients);
        for (long count = reader.ReadCount(3); count > 0; count--)
        {
            int number = reader.ReadCount(2);
            int client = scope.Clients.PlaceOf(reader.ReadVarUint());
            int clock = reader.ReadClock();
            // What is announced may be a lie of eight bytes for each.
            List<Struct> structs = new(Math.Min(number, 1024));
            for (; number > 0; number--)
            {
                Struct one = ItemCodec.Read(ref reader, scope, client, clock);
                clock = one.End;
                if (one is not GapStruct)
                    structs.Add(one);
            }

            if (contents.Count + structs.Count > scope.Limits.MaxStructs)
                throw new YjsLimitException(nameof(YjsLimits.MaxStructs), scope.Limits.MaxStructs);
            if (structs.Count > 0)
                contents.Add(client, structs);
        }

        contents.Deleted = DeleteSet.Read(ref reader, scope.Clients);
        return reader.IsAtEnd ? contents : throw reader.Fail("Something follows");
    }

    /// <summary>What is known already is left out where that is easily seen.</summary>
    public void Add(int client, List<Struct> structs)
    {
        if (!_places.TryGetValue(client, out int known))
        {
            _places.Add(client, _byClient.Count);
            _byClient.Add((client, structs));
            Count += structs.Count;
            return;
        }

        List<Struct> all = _byClient[known].Structs;
        Count -= all.Count;
        bool isBehind = all[^1].End > structs[0].Clock;
        all.AddRange(structs);
        if (isBehind)
            Order(all);
        Count += all.Count;
    }

    public void AddAll(UpdateContents other)
    {
        foreach ((int client, List<Struct> structs) in other._byClient)
            Add(client, [.. structs]);
        Deleted.AddAll(other.Deleted);
    }

    /// <summary>Leaves out what a replica knows, takes what overlaps once, and writes gaps as gaps.</summary>
    public void Write(UpdateWriter writer, StateVector known)
    {
        List<(int Client, List<Struct> Structs, int From)> some = [];
        foreach ((int client, List<Struct> structs) in _byClient)
        {
            int from = known.Clocks.GetValueOrDefault(clients.NumberOf(client));
            if (structs[^1].End > from)
                some.Add((client, structs, from));
        }

        some.Sort((left, right) => clients.Compare(left.Client, right.Client));
        writer.WriteVarUint(some.Count);
        UpdateWriter body = new();
        foreach ((int client, List<Struct> structs, int from) in some)
        {
            body.Clear();
            (int count, int first) = WriteRun(body, structs, from);
            writer.WriteVarUint(count);
            writer.WriteVarUint(clients.NumberOf(client));
            writer.WriteVarUint(first);
            writer.WriteBytes(body.Written);
        }

        Deleted.Normalise();
        Deleted.Write(writer, clients);
    }

    private (int Count, int First) WriteRun(UpdateWriter body, List<Struct> structs, int from)
    {
        int count = 0, first = -1, end = 0;
        foreach (Struct one in structs)
        {
            int start = Math.Max(one.Clock, first < 0 ? from : end);
            if (start >= one.End)
                continue;
            if (first < 0)
                first = start;
            else if (start > end)
            {
                new GapStruct(one.Client, end, start - end).Write(body, clients, 0);
                count++;
            }

            one.Write(body, clients, start - one.Clock);
            end = one.End;
            count++;
        }

        return (count, first);
    }

    /// <summary>By clock, without those of which another holds every unit.</summary>
    private static void Order(List<Struct> structs)
    {
        Struct[] sorted = [.. structs.OrderBy(one => one.Clock).ThenByDescending(one => one.Length)];
        structs.Clear();
        int end = 0;
        foreach (Struct one in sorted)
        {
            if (one.End <= end)
                continue;
            structs.Add(one);
            end = one.End;
        }
    }
}
