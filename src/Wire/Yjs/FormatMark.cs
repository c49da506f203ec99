namespace Wire.Yjs;

/// <summary>From here on the text has a format, or has it no more.</summary>
/// <param name="Json">Its value as it came; <c>null</c> where it ends.</param>
internal sealed record FormatMark(string Key, string Json);
