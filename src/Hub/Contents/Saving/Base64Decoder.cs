using System.Buffers;
using System.Buffers.Text;

namespace Hub.Contents.Saving;

/// <summary>
/// Decodes base64 that comes in pieces. White space is passed over (Jupyter breaks lines after 76 characters) and padding at the end may be missing;
/// anything else that is no base64 is refused with its place, since a file that was silently cut is worse than one that was not saved.
/// </summary>
internal sealed class Base64Decoder
{
    private const int QuadsAtOnce = 4096;

    private static readonly SearchValues<byte> s_white = SearchValues.Create((byte)' ', (byte)'\n', (byte)'\r', (byte)'\t');

    private readonly byte[] _letters = new byte[4 * QuadsAtOnce];
    private readonly byte[] _decoded = new byte[3 * QuadsAtOnce];
    private int _count;
    private long _position;
    private bool _padded;

    /// <summary>Decodes the next letters into <paramref name="output"/>.</summary>
    /// <exception cref="ContentException">A character that is no base64.</exception>
    public void Add(ReadOnlySpan<byte> letters, IBufferWriter<byte> output)
    {
        while (!letters.IsEmpty)
        {
            int run = letters.IndexOfAny(s_white);
            run = run < 0 ? letters.Length : run;
            int taken = Math.Min(run, _letters.Length - _count);
            letters[..taken].CopyTo(_letters.AsSpan(_count));
            _count += taken;
            if (_count == _letters.Length)
                Decode(output);
            letters = letters[taken..];
            int white = letters.IndexOfAnyExcept(s_white);
            letters = white < 0 ? [] : letters[white..];
        }
    }

    /// <summary>Decodes what is left; to be called once.</summary>
    /// <exception cref="ContentException">The text stops in the middle of a byte.</exception>
    public void Finish(IBufferWriter<byte> output)
    {
        if (_count % 4 == 1)
            throw Wrong(_position + _count, "it stops in the middle of a byte");
        while (_count % 4 != 0)
            _letters[_count++] = (byte)'=';
        Decode(output);
    }

    private void Decode(IBufferWriter<byte> output)
    {
        if (_count == 0)
            return;
        ReadOnlySpan<byte> letters = _letters.AsSpan(0, _count);
        if (_padded)
            throw Wrong(_position, "there is more after the padding");
        OperationStatus status = Base64.DecodeFromUtf8(letters, _decoded, out int consumed, out int written);
        if (status != OperationStatus.Done)
            throw Wrong(_position + consumed + FirstWrong(letters[consumed..]), "it is not base64");
        _padded = letters[^1] == '=';
        output.Write(_decoded.AsSpan(0, written));
        _position += _count;
        _count = 0;
    }

    private static int FirstWrong(ReadOnlySpan<byte> letters)
    {
        for (int at = 0; at < letters.Length; at++)
            if (!char.IsAsciiLetterOrDigit((char)letters[at]) && letters[at] is not ((byte)'+' or (byte)'/'))
                return at;
        return 0;
    }

    private static ContentException Wrong(long position, string why) =>
        new(ContentFailure.BadRequest, $"'content' cannot be decoded as base64: {why} (character {position + 1}, white space not counted)");
}
