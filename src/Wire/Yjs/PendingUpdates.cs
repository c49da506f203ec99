namespace Wire.Yjs;

/// <summary>What came too early: structs that name others, and removals of units, that are not there yet.</summary>
internal sealed class PendingUpdates(StructStore store, YjsLimits limits)
{
    private UpdateContents _held = new(store.Clients);
    private Dictionary<int, int> _missing = [];
    private DeleteSet _removals = new();
    private bool _isFull;

    public int Count { get; private set; }

    public void Apply(UpdateContents contents, YTransaction transaction, ref int placed, ref int placeless)
    {
        Integrate(contents, transaction, ref placed, ref placeless);
        while (_held.Count > 0 && _missing.Any(pair => store.EndOf(pair.Key) > pair.Value))
        {
            UpdateContents again = _held;
            int waiting = again.Count;
            (_held, _missing) = (new UpdateContents(store.Clients), []);
            Integrate(again, transaction, ref placed, ref placeless);
            if (_held.Count >= waiting)
                break;
        }

        DeleteSet all = contents.Deleted;
        all.AddAll(_removals);
        all.Normalise();
        _removals = Removal.Apply(all, transaction);
        Count = _held.Count + _removals.Count;
        if (Count <= limits.MaxPendingStructs)
            return;
        (_held, _missing, _removals, Count, _isFull) = (new UpdateContents(store.Clients), [], new DeleteSet(), 0, true);
    }

    /// <summary>Tells once that there was too much to wait.</summary>
    /// <exception cref="YjsLimitException">What waited was let go; a replica that has it all sends it again when it is asked.</exception>
    public void ThrowIfFull()
    {
        if (!_isFull)
            return;
        _isFull = false;
        throw new YjsLimitException(nameof(YjsLimits.MaxPendingStructs), limits.MaxPendingStructs);
    }

    public byte[] Encode(StateVector known)
    {
        UpdateWriter writer = new();
        UpdateContents all = new(store.Clients);
        all.AddAll(_held);
        all.Deleted.AddAll(_removals);
        all.Write(writer, known);
        return writer.ToArray();
    }

    private void Integrate(UpdateContents contents, YTransaction transaction, ref int placed, ref int placeless)
    {
        Integration integration = new(transaction);
        foreach ((int client, List<Struct> structs) in integration.Run(contents))
            _held.Add(client, structs);
        foreach ((int client, int clock) in integration.Missing)
            _missing[client] = _missing.TryGetValue(client, out int known) ? Math.Min(known, clock) : clock;
        placed += integration.Placed;
        placeless += integration.Placeless;
    }
}
