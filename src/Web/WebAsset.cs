namespace Web;

/// <summary>One file of the hub's own pages; its name holds a hash of its content, so it may be cached for ever.</summary>
public sealed record WebAsset(string Name, string ContentType, ReadOnlyMemory<byte> Content);
