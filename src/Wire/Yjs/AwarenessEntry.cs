namespace Wire.Yjs;

/// <summary>What a client says of itself.</summary>
/// <param name="Clock">How often it said something.</param>
/// <param name="State">JSON as it came; null once it is gone.</param>
/// <param name="Heard">When it said so last.</param>
internal sealed record AwarenessEntry(long Clock, string? State, DateTimeOffset Heard);
