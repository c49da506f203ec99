namespace Wire.Yjs;

/// <summary>How far a replica knows each client: the clock of the next unit it does not have.</summary>
public sealed class StateVector
{
    private readonly Dictionary<long, int> _clocks;

    private StateVector(Dictionary<long, int> clocks) => _clocks = clocks;

    /// <summary>By the number of the client.</summary>
    public IReadOnlyDictionary<long, int> Clocks => _clocks;

    public static StateVector Empty { get; } = new([]);

    /// <exception cref="YjsFormatException">It is none.</exception>
    public static StateVector Decode(ReadOnlySpan<byte> bytes)
    {
        UpdateReader reader = new(bytes);
        StateVector vector = Read(ref reader);
        return reader.IsAtEnd ? vector : throw reader.Fail("Something follows");
    }

    /// <summary>The highest number first, as Yjs does.</summary>
    public byte[] Encode()
    {
        UpdateWriter writer = new();
        Write(writer);
        return writer.ToArray();
    }

    internal static StateVector Of(Dictionary<long, int> clocks) => new(clocks);

    internal static StateVector Read(ref UpdateReader reader)
    {
        Dictionary<long, int> clocks = [];
        for (int count = reader.ReadCount(2); count > 0; count--)
            clocks[reader.ReadVarUint()] = reader.ReadClock();
        return new StateVector(clocks);
    }

    internal void Write(UpdateWriter writer)
    {
        writer.WriteVarUint(_clocks.Count);
        foreach ((long client, int clock) in _clocks.OrderByDescending(pair => pair.Key))
        {
            writer.WriteVarUint(client);
            writer.WriteVarUint(clock);
        }
    }
}
