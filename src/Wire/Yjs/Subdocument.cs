namespace Wire.Yjs;

/// <summary>A document within the document: only its name and options are part of this one.</summary>
/// <param name="Options">An object, as it came.</param>
internal sealed record Subdocument(string Guid, byte[] Options);
