using System.Text;
using System.Text.Json;
using Hub.Http;

namespace Hub.Terminals;

/// <summary>
/// terminado's frames, each a JSON array in a text frame:
/// <code>
/// hub → tab   ["setup", {}]   ["stdout", text]   ["disconnect", 1]
/// tab → hub   ["stdin", text]   ["set_size", rows, columns, height, width]
/// </code>
/// </summary>
internal static class TabFrameCodec
{
    private const int Deepest = 4;

    /// <summary>First of all; a front end sends nothing before it.</summary>
    public static byte[] Setup { get; } = "[\"setup\", {}]"u8.ToArray();

    /// <summary>The shell has ended, and with it the terminal.</summary>
    public static byte[] Disconnect { get; } = "[\"disconnect\", 1]"u8.ToArray();

    /// <summary>Bytes that are no UTF-8 become U+FFFD, as terminado does it.</summary>
    public static byte[] Stdout(ReadOnlySpan<byte> output) => JsonSerializer.SerializeToUtf8Bytes(new[] { "stdout", Encoding.UTF8.GetString(output) }, ApiJson.Options);

    public static TabWish Decode(ReadOnlySpan<byte> frame)
    {
        try
        {
            Utf8JsonReader reader = new(frame, new JsonReaderOptions { MaxDepth = Deepest });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray || !reader.Read() || reader.TokenType != JsonTokenType.String)
                return new TabWish.Malformed("a frame must be a JSON array that begins with a word");
            TabWish wish = reader.ValueTextEquals("stdin"u8) ? ReadText(ref reader) : reader.ValueTextEquals("set_size"u8) ? ReadSize(ref reader) : new TabWish.Nothing();
            while (reader.Read())
            {
                // To the end, so that what is no JSON is found.
            }

            return wish;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return new TabWish.Malformed("a frame must be JSON");
        }
    }

    private static TabWish ReadText(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.String
        ? new TabWish.Type(Encoding.UTF8.GetBytes(reader.GetString()!))
        : new TabWish.Malformed("stdin must be followed by a string");

    private static TabWish ReadSize(ref Utf8JsonReader reader)
    {
        if (!ReadNumber(ref reader, out double rows) || !ReadNumber(ref reader, out double columns))
            return new TabWish.Malformed("set_size must be followed by rows and columns");
        return rows >= 1 && columns >= 1
            ? new TabWish.Resize(new TerminalSize((ushort)Math.Min(rows, TerminalSize.Most), (ushort)Math.Min(columns, TerminalSize.Most)))
            : new TabWish.Nothing();
    }

    private static bool ReadNumber(ref Utf8JsonReader reader, out double number)
    {
        number = 0;
        return reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out number);
    }
}
