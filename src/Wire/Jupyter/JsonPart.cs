using System.Text.Json;
using System.Text.Unicode;

namespace Wire.Jupyter;

/// <summary>Checks a JSON part whose bytes are passed on as they are.</summary>
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
}
