using System.Buffers;

namespace Wire.Jupyter;

/// <summary>
/// Remembers the header read last on a channel. The outputs of a cell have headers that differ in nothing but the values of <c>msg_id</c> and
/// <c>date</c>, of equal length; for such a one two comparisons replace the parse. Everything else is parsed.
/// </summary>
internal sealed class HeaderCache
{
    // What a JSON string may hold without changing where things lie or needing a closer look: ASCII but control characters, quote and backslash.
    private static readonly SearchValues<byte> Plain =
        SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(one => (byte)one).Where(one => one is not ((byte)'"' or (byte)'\\'))]);

    private volatile Template? _last;

    /// <exception cref="MessageFormatException">As of <see cref="MessageHeader.Parse"/>.</exception>
    public HeaderShape Read(ReadOnlyMemory<byte> json, MessageLimits limits)
    {
        if (_last is { } last && last.Fits(json.Span))
            return last.Shape;
        var shape = MessageHeader.Parse(json, "header", limits).Shape;
        _last = Template.Of(json.Span, shape);
        return shape;
    }

    /// <param name="Json">A copy, so that it holds no message.</param>
    /// <param name="First">The two values that vary, in the order in which they stand.</param>
    /// <param name="Second">The later one.</param>
    private sealed record Template(byte[] Json, HeaderShape Shape, Range First, Range Second)
    {
        /// <summary>Null when one of the two fields is absent or no plain text.</summary>
        public static Template? Of(ReadOnlySpan<byte> json, HeaderShape shape)
        {
            var (one, other) = (shape.At(HeaderField.MessageId), shape.At(HeaderField.Date));
            if (one is not { Length: > 0, Escaped: false } || other is not { Length: > 0, Escaped: false })
                return null;
            if (one.Start > other.Start)
                (one, other) = (other, one);
            return new Template(json.ToArray(), shape, one.Start..(one.Start + one.Length), other.Start..(other.Start + other.Length));
        }

        public bool Fits(ReadOnlySpan<byte> json)
        {
            ReadOnlySpan<byte> known = Json;
            return json.Length == known.Length
                && json[..First.Start].SequenceEqual(known[..First.Start])
                && json[First.End..Second.Start].SequenceEqual(known[First.End..Second.Start])
                && json[Second.End..].SequenceEqual(known[Second.End..])
                && !json[First].ContainsAnyExcept(Plain)
                && !json[Second].ContainsAnyExcept(Plain);
        }
    }
}
