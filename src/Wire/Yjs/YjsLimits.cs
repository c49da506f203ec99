namespace Wire.Yjs;

/// <summary>How much of others' input a document takes; the name of the limit stands in the error.</summary>
public sealed record YjsLimits
{
    public static YjsLimits Default { get; } = new();

    /// <summary>Bytes of one update.</summary>
    public int MaxUpdateBytes { get; init; } = 256 * 1024 * 1024;

    /// <summary>Structs (runs of units made or removed together) that a document holds, those that wait among them.</summary>
    public int MaxStructs { get; init; } = 20_000_000;

    /// <summary>Structs and ranges of removals that wait for others which have not come yet.</summary>
    public int MaxPendingStructs { get; init; } = 200_000;

    /// <summary>Clients that a document knows; each page that was ever open is one.</summary>
    public int MaxClients { get; init; } = 1_000_000;

    /// <summary>Types within types.</summary>
    public int MaxTypeDepth { get; init; } = 200;

    /// <summary>Objects and arrays within one value.</summary>
    public int MaxValueDepth { get; init; } = 200;

    /// <summary>Bytes of the state of one client in <see cref="Awareness"/>.</summary>
    public int MaxAwarenessBytes { get; init; } = 64 * 1024;

    /// <summary>Clients in <see cref="Awareness"/>.</summary>
    public int MaxAwarenessClients { get; init; } = 10_000;
}
