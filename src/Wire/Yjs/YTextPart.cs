namespace Wire.Yjs;

/// <summary>A run of a text that looks the same.</summary>
/// <param name="Insert">A <see cref="string"/>, the value of an embed, or a <see cref="YType"/>.</param>
/// <param name="Attributes">Its formats; empty for plain text.</param>
public sealed record YTextPart(object? Insert, IReadOnlyDictionary<string, object?> Attributes);
