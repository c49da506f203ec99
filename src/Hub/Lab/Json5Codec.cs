// Longer than most files: a parser reads best in one piece.
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Hub.Lab;

/// <summary>
/// Reads JSON5 (https://spec.json5.org), in which people write JupyterLab settings: comments, trailing commas, single quotes, bare keys,
/// hexadecimal numbers. Explicit depth limit; the text itself is limited by the caller.
/// </summary>
internal ref struct Json5Codec
{
    private const int MaxDepth = 64;

    private readonly ReadOnlySpan<char> _text;
    private int _at;

    private Json5Codec(ReadOnlySpan<char> text) => _text = text;

    /// <summary>The value the text denotes, or in <paramref name="problem"/> what is wrong and where.</summary>
    public static bool TryParse(string text, out JsonNode? value, out string problem)
    {
        Json5Codec codec = new(text);
        try
        {
            value = codec.ReadValue(0);
            codec.SkipBlank();
            if (codec._at < text.Length)
                throw new FormatException("something follows the value");
            problem = "";
            return true;
        }
        catch (FormatException wrong)
        {
            int line = text.AsSpan(0, Math.Min(codec._at, text.Length)).Count('\n') + 1;
            problem = $"line {line}: {wrong.Message}";
            value = null;
            return false;
        }
    }

    private JsonNode? ReadValue(int depth)
    {
        if (depth > MaxDepth)
            throw new FormatException($"nested deeper than {MaxDepth}");
        SkipBlank();
        return Peek() switch
        {
            '{' => ReadObject(depth),
            '[' => ReadArray(depth),
            '"' or '\'' => JsonValue.Create(ReadString()),
            '\0' => throw new FormatException("a value is missing"),
            _ => ReadWordOrNumber(),
        };
    }

    private JsonObject ReadObject(int depth)
    {
        JsonObject members = [];
        _at++;
        for (; ; )
        {
            SkipBlank();
            if (Peek() == '}')
            {
                _at++;
                return members;
            }
            string key = Peek() is '"' or '\'' ? ReadString() : ReadKey();
            SkipBlank();
            Expect(':');
            members[key] = ReadValue(depth + 1); // a key twice: the last wins, as in JavaScript
            SkipBlank();
            if (Peek() != '}')
                Expect(',');
        }
    }

    private JsonArray ReadArray(int depth)
    {
        JsonArray items = [];
        _at++;
        for (; ; )
        {
            SkipBlank();
            if (Peek() == ']')
            {
                _at++;
                return items;
            }
            items.Add(ReadValue(depth + 1));
            SkipBlank();
            if (Peek() != ']')
                Expect(',');
        }
    }

    private string ReadKey()
    {
        int start = _at;
        while (_at < _text.Length && (char.IsLetterOrDigit(_text[_at]) || _text[_at] is '_' or '$' or '\u200C' or '\u200D'))
            _at++;
        if (_at == start || char.IsDigit(_text[start]))
            throw new FormatException("a key is missing or needs quotes");
        return _text[start.._at].ToString();
    }

    private string ReadString()
    {
        char quote = _text[_at++];
        StringBuilder text = new();
        while (_at < _text.Length)
        {
            char letter = _text[_at++];
            if (letter == quote)
                return text.ToString();
            if (letter == '\\')
                ReadEscape(text);
            else if (letter is '\n' or '\r')
            {
                _at--; // the string's line is the wrong one, not the next
                throw new FormatException("a string ends with its line");
            }
            else
                text.Append(letter);
        }
        throw new FormatException("a string has no end");
    }

    private void ReadEscape(StringBuilder text)
    {
        if (_at >= _text.Length)
            throw new FormatException("a string has no end");
        char letter = _text[_at++];
        switch (letter)
        {
            case 'b': text.Append('\b'); break;
            case 'f': text.Append('\f'); break;
            case 'n': text.Append('\n'); break;
            case 'r': text.Append('\r'); break;
            case 't': text.Append('\t'); break;
            case 'v': text.Append('\v'); break;
            case '0': text.Append('\0'); break;
            case 'x': text.Append(ReadHex(2)); break;
            case 'u': text.Append(ReadHex(4)); break;
            case '\r':
                if (Peek() == '\n')
                    _at++;
                break; // a continued line
            case '\n' or '\u2028' or '\u2029': break;
            default: text.Append(letter); break;
        }
    }

    private char ReadHex(int digits)
    {
        if (_at + digits > _text.Length || !ushort.TryParse(_text.Slice(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code))
            throw new FormatException("an escape is not hexadecimal");
        _at += digits;
        return (char)code;
    }

    private JsonValue? ReadWordOrNumber()
    {
        int start = _at;
        while (_at < _text.Length && (char.IsLetterOrDigit(_text[_at]) || _text[_at] is '+' or '-' or '.'))
            _at++;
        ReadOnlySpan<char> word = _text[start.._at];
        switch (word)
        {
            case "true": return JsonValue.Create(true);
            case "false": return JsonValue.Create(false);
            case "null": return null;
        }
        bool negative = word.StartsWith('-');
        ReadOnlySpan<char> digits = word.StartsWith('-') || word.StartsWith('+') ? word[1..] : word;
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            && long.TryParse(digits[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long hex))
            return JsonValue.Create(negative ? -hex : hex);
        if (long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long whole))
            return JsonValue.Create(negative ? -whole : whole);
        if (digits.Length > 0
            && (char.IsAsciiDigit(digits[0]) || digits[0] == '.')
            && double.TryParse(digits, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out double number)
            && double.IsFinite(number))
            return JsonValue.Create(negative ? -number : number);
        throw new FormatException(word.IsEmpty ? $"'{Peek()}' is not expected here" : $"'{word[..Math.Min(word.Length, 40)]}' is no value");
    }

    private void Expect(char wanted)
    {
        if (Peek() != wanted)
            throw new FormatException($"'{wanted}' is missing");
        _at++;
    }

    private readonly char Peek() => _at < _text.Length ? _text[_at] : '\0';

    private void SkipBlank()
    {
        while (_at < _text.Length)
        {
            if (char.IsWhiteSpace(_text[_at]) || _text[_at] == '\uFEFF')
            {
                _at++;
            }
            else if (_text[_at..].StartsWith("//", StringComparison.Ordinal))
            {
                int end = _text[_at..].IndexOfAny('\n', '\r');
                _at = end < 0 ? _text.Length : _at + end;
            }
            else if (_text[_at..].StartsWith("/*", StringComparison.Ordinal))
            {
                int end = _text[(_at + 2)..].IndexOf("*/", StringComparison.Ordinal);
                if (end < 0)
                    throw new FormatException("a comment has no end");
                _at += end + 4;
            }
            else
            {
                return;
            }
        }
    }
}
