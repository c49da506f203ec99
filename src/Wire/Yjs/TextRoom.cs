namespace Wire.Yjs;

/// <summary>
/// Room for the characters of many items: short texts stand one behind the other in one array, so that an item of a few characters takes no object of its own, and what is
/// typed is joined without a copy. An array lives as long as one of its items, which is why it is small.
/// </summary>
internal sealed class TextRoom
{
    private const int FirstSize = 32;
    private const int MaxSize = 1024;

    private char[] _room = [];
    private int _used;

    /// <summary>A text with its length before it.</summary>
    public (int Length, object Content) Read(ref UpdateReader reader, out int start)
    {
        ReadOnlySpan<byte> bytes = reader.ReadBuffer();
        if (bytes.Length > MaxSize / 4)
        {
            start = 0;
            char[] own = new char[bytes.Length];
            int all = reader.Decode(bytes, own);
            return (all, all == own.Length ? own : own[..all]);
        }

        start = Make(bytes.Length);
        int length = reader.Decode(bytes, _room.AsSpan(start));
        _used = start + length;
        return (length, _room);
    }

    public char[] Take(ReadOnlySpan<char> text, out int start)
    {
        if (text.Length > MaxSize / 4)
        {
            start = 0;
            return text.ToArray();
        }

        start = Make(text.Length);
        text.CopyTo(_room.AsSpan(start));
        _used = start + text.Length;
        return _room;
    }

    /// <returns>Where there is room for so many.</returns>
    private int Make(int length)
    {
        if (_room.Length - _used < length)
            (_room, _used) = (new char[Math.Max(Math.Clamp(_room.Length * 2, FirstSize, MaxSize), length)], 0);
        return _used;
    }
}
