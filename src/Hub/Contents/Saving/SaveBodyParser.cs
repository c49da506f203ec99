using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Hub.Contents.Saving;

/// <summary>
/// Reads the body of a save while it arrives, in pieces of any size, without ever holding its content: <see cref="System.Text.Json.Utf8JsonReader"/> wants
/// a string whole, and a file of 100 MB is one string. Knows just the outer object; the content goes to the sink, unescaped if it is a string, the
/// other members are kept (they are small, see <c>maxMemberBytes</c>) and parsed in the end. Does no input or output itself.
/// </summary>
/// <param name="maxContentJsonBytes">Longest content that is not a string; <paramref name="contentLimitName"/> is the option it comes from.</param>
/// <param name="maxMemberBytes">Longest sum of all other members and their names.</param>
internal sealed class SaveBodyParser(ISaveBodySink sink, long maxContentJsonBytes, string contentLimitName, int maxMemberBytes)
{
    private static readonly SearchValues<byte> s_stringEnds = SearchValues.Create([(byte)'"', (byte)'\\', .. Enumerable.Range(0, 0x20).Select(code => (byte)code)]);

    private readonly Dictionary<string, byte[]> _members = new(StringComparer.Ordinal);
    private readonly ArrayBufferWriter<byte> _kept = new();
    private Expect _expect = Expect.Start;
    private string _name = "";
    private bool _isContent;
    private bool _hasContent;
    private int _memberBytes;
    private long _contentBytes;

    // Inside of a value that is kept or passed on as JSON.
    private int _depth;
    private bool _inString;
    private bool _escaped;

    // Inside of the content string.
    private int _escapeLength;
    private int _escapeCode;
    private int _highSurrogate;
    private Utf8Check _utf8;

    private enum Expect
    {
        Start,
        NameOrEnd,
        Name,
        InName,
        Colon,
        Value,
        InValue,
        InContentString,
        CommaOrEnd,
        Nothing,
        NullBody,
    }

    /// <summary>True until something other than white space has come.</summary>
    public bool IsEmpty => _expect == Expect.Start;

    /// <exception cref="ContentException">Not JSON, not an object, or longer than a limit.</exception>
    public void Feed(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[Step(bytes)..];
    }

    /// <summary>The body is complete.</summary>
    /// <returns>Null for an empty body, <c>null</c> or <c>{}</c>, which all ask for nothing.</returns>
    /// <exception cref="ContentException">It is not.</exception>
    public SaveBody? Finish()
    {
        if (_expect == Expect.Start)
            return null;
        if (_expect == Expect.NullBody)
            return _kept.WrittenSpan.SequenceEqual("null"u8) ? null : throw Invalid();
        if (_expect != Expect.Nothing)
            throw Invalid();
        return _members.Count == 0 && !_hasContent ? null : SaveBody.From(_members, _hasContent);
    }

    private int Step(ReadOnlySpan<byte> bytes)
    {
        switch (_expect)
        {
            case Expect.InName or Expect.InValue:
                return Keep(bytes);
            case Expect.InContentString:
                return Unescape(bytes);
            case Expect.NullBody:
                return KeepNull(bytes);
            default:
                if (bytes[0] is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
                    return Token(bytes[0]);
                return 1;
        }
    }

    /// <summary>One significant byte between values. Returns 0 where the byte belongs to the value that begins.</summary>
    private int Token(byte first)
    {
        switch (_expect, (char)first)
        {
            case (Expect.Start, '{'):
                _expect = Expect.NameOrEnd;
                return 1;
            case (Expect.Start, 'n'):
                _expect = Expect.NullBody;
                return 0;
            case (Expect.Start, _):
                throw new ContentException(ContentFailure.BadRequest, "Invalid JSON in body of request: it must be an object");
            case (Expect.NameOrEnd, '}') or (Expect.CommaOrEnd, '}'):
                _expect = Expect.Nothing;
                return 1;
            case (Expect.NameOrEnd, '"') or (Expect.Name, '"'):
                Begin(Expect.InName);
                return 0;
            case (Expect.Colon, ':'):
                _expect = Expect.Value;
                return 1;
            case (Expect.CommaOrEnd, ','):
                _expect = Expect.Name;
                return 1;
            case (Expect.Value, '"') when _isContent:
                BeginContent(isText: true);
                _expect = Expect.InContentString;
                return 1;
            case (Expect.Value, '"' or '{' or '[' or '-' or 't' or 'f' or 'n' or (>= '0' and <= '9')):
                // Null is no content at all, unless there was one before; nothing else begins with n.
                if (_isContent && (first != 'n' || _hasContent))
                    BeginContent(isText: false);
                Begin(Expect.InValue);
                return 0;
            default:
                throw Invalid();
        }
    }

    private void Begin(Expect what)
    {
        _expect = what;
        _kept.ResetWrittenCount();
        _depth = 0;
        _inString = false;
        _escaped = false;
    }

    private void BeginContent(bool isText)
    {
        if (_hasContent)
            throw new ContentException(ContentFailure.BadRequest, "Invalid JSON in body of request: 'content' is given twice");
        _hasContent = true;
        string? format = _members.TryGetValue("format", out byte[]? json) && json is [(byte)'"', .., (byte)'"'] ? Encoding.UTF8.GetString(json[1..^1]) : null;
        sink.Begin(isText, format);
    }

    /// <summary>Passes over a name or a value, to its end or the end of the bytes, finding the end by quotes and brackets alone.</summary>
    private int Keep(ReadOnlySpan<byte> bytes)
    {
        int at = 0;
        bool ended = false;
        while (at < bytes.Length && !ended)
        {
            byte next = bytes[at];
            if (_escaped)
                _escaped = false;
            else if (_inString)
            {
                _escaped = next == '\\';
                if (next == '"')
                {
                    _inString = false;
                    ended = _depth == 0;
                }
            }
            else if (next == '"')
                _inString = true;
            else if (next is (byte)'{' or (byte)'[')
                _depth++;
            else if (_depth == 0 && next is (byte)',' or (byte)'}' or (byte)']' or (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
            {
                // The end of a number or word; what ended it is no part of it.
                Take(bytes[..at]);
                End();
                return at;
            }
            else if (next is (byte)'}' or (byte)']')
                ended = --_depth == 0;
            at++;
        }
        Take(bytes[..at]);
        if (ended)
            End();
        return at;
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        if (_expect == Expect.InValue && _isContent && _hasContent)
        {
            _contentBytes += bytes.Length;
            if (_contentBytes > maxContentJsonBytes)
                throw new ContentException(ContentFailure.TooLarge, $"The content is longer than {contentLimitName} ({maxContentJsonBytes} bytes)");
            sink.Add(bytes);
            return;
        }
        _memberBytes += bytes.Length;
        if (_memberBytes > maxMemberBytes)
            throw new ContentException(ContentFailure.TooLarge, $"The body without its content is longer than Contents:MaxModelBytes ({maxMemberBytes} bytes)");
        _kept.Write(bytes);
    }

    private void End()
    {
        if (_expect == Expect.InName)
        {
            _name = Name(_kept.WrittenSpan);
            _isContent = _name == "content";
            _expect = Expect.Colon;
            return;
        }
        _expect = Expect.CommaOrEnd;
        if (_isContent && _hasContent)
            return;
        byte[] value = _kept.WrittenSpan.ToArray();
        RequireJson(value);
        if (!_isContent)
            _members[_name] = value;
    }

    private int KeepNull(ReadOnlySpan<byte> bytes)
    {
        foreach (byte next in bytes)
        {
            if (next is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
                continue;
            if (_kept.WrittenCount >= 4)
                throw Invalid();
            _kept.Write([next]);
        }
        return bytes.Length;
    }

    /// <summary>Passes on plain stretches of the content string as they are, and its escapes as what they stand for.</summary>
    private int Unescape(ReadOnlySpan<byte> bytes)
    {
        if (_escapeLength > 0)
        {
            Escape(bytes[0]);
            return 1;
        }
        int plain = bytes.IndexOfAny(s_stringEnds);
        if (plain != 0)
        {
            ReadOnlySpan<byte> stretch = plain < 0 ? bytes : bytes[..plain];
            RequireNoHalf();
            Emit(stretch);
            return stretch.Length;
        }
        if (bytes[0] == '\\')
        {
            _escapeLength = 1;
            return 1;
        }
        if (bytes[0] != '"')
            throw Invalid();
        RequireNoHalf();
        if (!_utf8.IsComplete)
            throw NotUnicode();
        _expect = Expect.CommaOrEnd;
        return 1;
    }

    /// <summary>One byte after a backslash: the letter, or one of the four digits after <c>u</c>.</summary>
    private void Escape(byte next)
    {
        if (_escapeLength == 1 && next == 'u')
        {
            _escapeLength = 2;
            _escapeCode = 0;
            return;
        }
        if (_escapeLength == 1)
        {
            byte meant = (char)next switch
            {
                '"' or '\\' or '/' => next,
                'b' => (byte)'\b',
                'f' => (byte)'\f',
                'n' => (byte)'\n',
                'r' => (byte)'\r',
                't' => (byte)'\t',
                _ => throw Invalid(),
            };
            _escapeLength = 0;
            RequireNoHalf();
            Emit([meant]);
            return;
        }
        if (!Utf8Parser.TryParse([next], out byte digit, out _, 'x'))
            throw Invalid();
        _escapeCode = (_escapeCode << 4) | digit;
        if (++_escapeLength == 6)
        {
            _escapeLength = 0;
            Unit(_escapeCode);
        }
    }

    private void Unit(int code)
    {
        Span<byte> encoded = stackalloc byte[4];
        if (char.IsHighSurrogate((char)code))
        {
            RequireNoHalf();
            _highSurrogate = code;
            return;
        }
        int full = code;
        if (char.IsLowSurrogate((char)code))
        {
            if (_highSurrogate == 0)
                throw NotUnicode();
            full = char.ConvertToUtf32((char)_highSurrogate, (char)code);
            _highSurrogate = 0;
        }
        RequireNoHalf();
        Emit(encoded[..new Rune(full).EncodeToUtf8(encoded)]);
    }

    private void Emit(ReadOnlySpan<byte> bytes)
    {
        if (!_utf8.Add(bytes))
            throw NotUnicode();
        sink.Add(bytes);
    }

    private void RequireNoHalf()
    {
        if (_highSurrogate != 0)
            throw NotUnicode();
    }

    private static string Name(ReadOnlySpan<byte> quoted)
    {
        try
        {
            Utf8JsonReader reader = new(quoted);
            reader.Read();
            return reader.GetString()!;
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            throw Invalid();
        }
    }

    private static void RequireJson(byte[] value)
    {
        try
        {
            JsonDocument.Parse(value).Dispose();
        }
        catch (JsonException)
        {
            throw Invalid();
        }
    }

    private static ContentException Invalid() => new(ContentFailure.BadRequest, "Invalid JSON in body of request");

    private static ContentException NotUnicode() => new(ContentFailure.BadRequest, "Invalid JSON in body of request: 'content' is not valid Unicode");
}
