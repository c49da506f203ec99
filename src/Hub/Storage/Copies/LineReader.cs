using System.Text;

namespace Hub.Storage.Copies;

/// <summary>Lines of a text that may be anything: none longer than a limit, and none missing unnoticed.</summary>
internal sealed class LineReader(TextReader text, int longest)
{
    private readonly char[] _buffer = new char[16 << 10];
    private int _at;
    private int _end;

    /// <summary>Of the line last returned, from 1.</summary>
    public int Number { get; private set; }

    /// <exception cref="InvalidDataException">The text ends, or the line is too long.</exception>
    public string Next()
    {
        Number++;
        StringBuilder line = new();
        while (true)
        {
            if (_at == _end)
            {
                (_at, _end) = (0, text.Read(_buffer));
                if (_end == 0)
                    throw new InvalidDataException("it is cut off.");
            }
            int found = _buffer.AsSpan(_at, _end - _at).IndexOf('\n');
            int length = found < 0 ? _end - _at : found;
            if (line.Length + length > longest)
                throw new InvalidDataException($"a line is longer than {longest} characters.");
            line.Append(_buffer, _at, length);
            _at += found < 0 ? length : length + 1;
            if (found >= 0)
                return line.ToString();
        }
    }
}
