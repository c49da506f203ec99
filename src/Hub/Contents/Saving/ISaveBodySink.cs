namespace Hub.Contents.Saving;

/// <summary>Where the <c>content</c> of a save goes, piece by piece, while its body is still arriving.</summary>
internal interface ISaveBodySink
{
    /// <summary>Content begins.</summary>
    /// <param name="isText">True: the pieces are the decoded bytes of a JSON string; false: the JSON of any other value as it stands.</param>
    /// <param name="format">The body's <c>format</c> if it stood before the content, else null.</param>
    void Begin(bool isText, string? format);

    /// <summary>The next bytes of it; what they stand in is reused afterwards.</summary>
    void Add(ReadOnlySpan<byte> bytes);
}
