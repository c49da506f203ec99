namespace Wire.Yjs;

/// <summary>What a document was at one time: which units there were, and which of them were removed. It holds no content; that is in a document that collects no garbage.</summary>
public sealed class YSnapshot
{
    private readonly Dictionary<long, List<DeleteRange>> _removed;

    private YSnapshot(StateVector state, Dictionary<long, List<DeleteRange>> removed) => (State, _removed) = (state, removed);

    public StateVector State { get; }

    /// <exception cref="YjsFormatException">It is none.</exception>
    public static YSnapshot Decode(ReadOnlySpan<byte> bytes)
    {
        UpdateReader reader = new(bytes);
        ClientTable clients = new(YjsLimits.Default.MaxClients);
        DeleteSet removed = DeleteSet.Read(ref reader, clients);
        removed.Normalise();
        StateVector state = StateVector.Read(ref reader);
        return reader.IsAtEnd ? new YSnapshot(state, ByNumber(removed, clients)) : throw reader.Fail("Something follows");
    }

    public byte[] Encode()
    {
        UpdateWriter writer = new();
        ClientTable clients = new(int.MaxValue);
        InTable(clients).Write(writer, clients);
        State.Write(writer);
        return writer.ToArray();
    }

    /// <summary>The document as it was then, as one of its own.</summary>
    /// <exception cref="InvalidOperationException">The document collects garbage: what was removed since has no content any more.</exception>
    /// <exception cref="ArgumentException">The snapshot is of a document that knew more.</exception>
    public YDoc Restore(YDoc document)
    {
        ArgumentNullException.ThrowIfNull(document);
        if (document.CollectsGarbage)
            throw new InvalidOperationException("What was removed is gone from a document that collects garbage.");
        ClientTable clients = document.Store.Clients;
        UpdateContents contents = new(clients);
        foreach ((long number, int clock) in State.Clocks)
        {
            int client = clients.Find(number);
            if (clock == 0)
                continue;
            if (client < 0 || document.Store.EndOf(client) < clock)
                throw new ArgumentException("The snapshot knows units that the document does not.", nameof(document));
            if (document.Store.EndOf(client) > clock)
                document.Transact(_ => document.Store.FindStart(new YId(client, clock)));
            contents.Add(client, [.. document.Store.Of(client).Structs.All().TakeWhile(one => one.Clock < clock)]);
        }

        contents.Deleted.AddAll(InTable(clients));
        UpdateWriter writer = new(1024);
        contents.Write(writer, StateVector.Empty);
        YDoc past = new(limits: document.Limits);
        past.ApplyUpdate(writer.Written);
        return past;
    }

    internal static YSnapshot Of(YDoc document) => new(document.GetStateVector(), ByNumber(DeleteSet.Of(document.Store), document.Store.Clients));

    private static Dictionary<long, List<DeleteRange>> ByNumber(DeleteSet removed, ClientTable clients) =>
        removed.ByClient.ToDictionary(pair => clients.NumberOf(pair.Key), pair => pair.Value);

    private DeleteSet InTable(ClientTable clients)
    {
        DeleteSet set = new();
        foreach ((long number, List<DeleteRange> ranges) in _removed)
            foreach (DeleteRange range in ranges)
                set.Add(clients.PlaceOf(number), range.Clock, range.Length);
        return set;
    }
}
