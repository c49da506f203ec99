namespace Wire.Jupyter;

/// <summary>
/// Remembers the parent header read last. All outputs of a cell have the same one, so that most messages need neither a parse nor new
/// texts. It keeps a copy of its own: a slice would hold the whole message, buffers and all, for as long as the kernel is quiet.
/// </summary>
internal sealed class ParentHeaderCache
{
    private volatile MessageHeader? _header;

    /// <exception cref="MessageFormatException">As of <see cref="MessageHeader.Parse"/>.</exception>
    public MessageHeader Parse(ReadOnlyMemory<byte> json, MessageLimits limits)
    {
        if (_header is { } known && known.Json.Span.SequenceEqual(json.Span))
            return known;
        return _header = MessageHeader.Parse(json.ToArray(), "parent_header", limits);
    }
}
