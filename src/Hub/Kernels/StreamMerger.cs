using System.Buffers;
using System.Text.Json;
using Wire.Jupyter;

namespace Hub.Kernels;

/// <summary>
/// Joins successive stream messages of one request and one stream into one, for a tab that lags: same text, fewer messages. Works on the
/// escaped JSON text, so nothing is decoded and a surrogate pair torn between two messages is whole again.
/// </summary>
internal sealed class StreamMerger
{
    /// <summary>Bytes of text after which a new message is begun: browsers choke on longer ones.</summary>
    public const int MaxTextBytes = 1 << 20;

    private readonly KernelMessage _first;
    private readonly ReadOnlyMemory<byte> _name;
    private readonly ArrayBufferWriter<byte> _text;

    private StreamMerger(KernelMessage first, ReadOnlyMemory<byte> name, ReadOnlyMemory<byte> text)
    {
        _first = first;
        _name = name;
        _text = new ArrayBufferWriter<byte>(Math.Max(text.Length * 2, 256));
        _text.Write(text.Span);
    }

    /// <summary>Bytes held.</summary>
    public long Size => _first.Header.Length + _first.ParentHeader.Length + _first.Metadata.Length + _text.WrittenCount + 64L;

    /// <summary>Begins with a stream message, of which it keeps parts; null when it is none that can be joined (a kernel may write anything).</summary>
    public static StreamMerger? Begin(KernelMessage message) =>
        TryRead(message, out ReadOnlyMemory<byte> name, out ReadOnlyMemory<byte> text) ? new StreamMerger(message, name, text) : null;

    /// <summary>Adds a message, of which it keeps nothing; false when it belongs elsewhere or the text would become too long.</summary>
    public bool TryAdd(KernelMessage message)
    {
        if (!message.ParentHeader.Span.SequenceEqual(_first.ParentHeader.Span)
            || !TryRead(message, out ReadOnlyMemory<byte> name, out ReadOnlyMemory<byte> text)
            || !name.Span.SequenceEqual(_name.Span)
            || _text.WrittenCount + text.Length > MaxTextBytes)
            return false;
        _text.Write(text.Span);
        return true;
    }

    /// <summary>The joined message: header, parent and metadata are those of the first, with a lease of their own.</summary>
    public KernelMessage ToMessage()
    {
        ArrayBufferWriter<byte> content = new(_text.WrittenCount + _name.Length + 32);
        content.Write("{\"name\":\""u8);
        content.Write(_name.Span);
        content.Write("\",\"text\":\""u8);
        content.Write(_text.WrittenSpan);
        content.Write("\"}"u8);
        return _first.WithContent(content.WrittenMemory);
    }

    /// <summary>The escaped text of <c>name</c> and <c>text</c>; false for anything but an object with just those two strings.</summary>
    private static bool TryRead(KernelMessage message, out ReadOnlyMemory<byte> name, out ReadOnlyMemory<byte> text)
    {
        name = text = default;
        if (message.Buffers.Count > 0)
            return false;
        bool named = false, written = false;
        Utf8JsonReader reader = new(message.Content.Span);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isName = reader.ValueTextEquals("name"u8);
                if (!isName && !reader.ValueTextEquals("text"u8))
                    return false;
                if (!reader.Read() || reader.TokenType != JsonTokenType.String)
                    return false;
                ReadOnlyMemory<byte> value = message.Content.Slice((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
                if (isName)
                    (name, named) = (value, true);
                else
                    (text, written) = (value, true);
            }

            return named && written && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
