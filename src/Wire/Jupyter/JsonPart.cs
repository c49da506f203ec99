using System.Buffers.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Wire.Jupyter;

/// <summary>Looks at JSON whose bytes are passed on as they are.</summary>
internal static class JsonPart
{
    /// <summary>Throws unless the bytes are exactly one JSON object (or array: the R kernel writes <c>[]</c> for empty objects) in UTF-8.</summary>
    /// <exception cref="MessageFormatException">Names the part.</exception>
    public static void Check(ReadOnlySpan<byte> json, string part, int maxDepth)
    {
        if (json.SequenceEqual("{}"u8))
            return;
        if (!Utf8.IsValid(json))
            throw new MessageFormatException($"{part} is not UTF-8");
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = maxDepth });
            if (!reader.Read() || reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
                throw new MessageFormatException($"{part} is not an object");
            while (reader.Read())
            {
            }
        }
        catch (JsonException e)
        {
            throw new MessageFormatException($"{part} is not JSON within MaxJsonDepth ({maxDepth}): {e.Message}", e);
        }
    }

    /// <summary>
    /// Whether the name the reader stands on is this one, of ASCII letters and underscores, escaped or not. Never throws, unlike the
    /// reader's own comparison at half a surrogate pair: a frame may hold a million such names, and a million exceptions would take minutes.
    /// </summary>
    public static bool NameIs(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        var written = reader.ValueSpan;
        if (!reader.ValueIsEscaped)
            return written.SequenceEqual(name);

        foreach (var expected in name)
        {
            if (written.IsEmpty)
                return false;
            if (written[0] != '\\')
            {
                if (written[0] != expected)
                    return false;
                written = written[1..];
                continue;
            }

            // Of all escapes only \uXXXX can stand for a letter; the reader has seen to it that four digits follow.
            if (written[1] != 'u' || !Utf8Parser.TryParse(written[2..6], out ushort unit, out var digits, 'x') || digits != 4 || unit != expected)
                return false;
            written = written[6..];
        }

        return written.IsEmpty;
    }
}
