namespace Wire.Yjs;

/// <summary>What a document has of one client.</summary>
internal sealed class ClientStructs
{
    public StructList Structs { get; } = new();

    public int End => Structs.End;

    /// <summary>Number of the last transaction that added to it.</summary>
    public long Transaction { get; set; }

    /// <summary>What <see cref="End"/> was before that transaction.</summary>
    public int EndBefore { get; set; }
}
