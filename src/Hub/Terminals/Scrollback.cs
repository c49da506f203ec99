namespace Hub.Terminals;

/// <summary>
/// The end of what a terminal showed: a ring of at most <paramref name="limit"/> bytes, which are numbered from the first one ever. It is also the queue of every
/// tab: a tab is a number in it, so a slow one costs nothing and delays nobody; what it had not yet when the ring came round is left out, and it is told.
/// </summary>
/// <param name="limit">Bytes kept; it begins small and grows as there is something to keep.</param>
internal sealed class Scrollback(int limit)
{
    private const int FirstSize = 4096;

    private readonly Lock _lock = new();
    private byte[] _ring = new byte[Math.Min(FirstSize, limit)];
    private long _start;
    private long _end;

    /// <summary>Number of the next byte.</summary>
    public long End
    {
        get
        {
            lock (_lock)
                return _end;
        }
    }

    public void Append(ReadOnlySpan<byte> output)
    {
        lock (_lock)
        {
            Grow(output.Length);
            _end += output.Length;
            _start = Math.Max(_start, _end - _ring.Length);
            if (output.Length > _ring.Length)
                output = output[^_ring.Length..];
            Write(_end - output.Length, output);
        }
    }

    /// <summary>What comes next has this number: all before it is lost, which tabs that are behind are told.</summary>
    public void Jump(long number)
    {
        lock (_lock)
            (_start, _end) = (number, number);
    }

    /// <summary>Copies what comes from <paramref name="number"/> on, as much as fits; moves the number to the first byte kept, and then behind what was copied.</summary>
    /// <returns>How many bytes were copied, and how many the number had to skip.</returns>
    public (int Copied, long Skipped) Read(ref long number, Span<byte> into)
    {
        lock (_lock)
        {
            long skipped = Math.Max(0, _start - number);
            number += skipped;
            int length = (int)Math.Min(into.Length, _end - number);
            Copy(number, into[..length]);
            number += length;
            return (length, skipped);
        }
    }

    /// <summary>All that is kept, the number behind it, and whether it is all there ever was.</summary>
    public (byte[] Text, long End, bool IsWhole) Snapshot()
    {
        lock (_lock)
        {
            byte[] all = new byte[_end - _start];
            Copy(_start, all);
            return (all, _end, _start == 0);
        }
    }

    private void Copy(long from, Span<byte> into)
    {
        int at = (int)(from % _ring.Length);
        int first = Math.Min(into.Length, _ring.Length - at);
        _ring.AsSpan(at, first).CopyTo(into);
        _ring.AsSpan(0, into.Length - first).CopyTo(into[first..]);
    }

    private void Write(long number, ReadOnlySpan<byte> text)
    {
        int at = (int)(number % _ring.Length);
        int first = Math.Min(text.Length, _ring.Length - at);
        text[..first].CopyTo(_ring.AsSpan(at));
        text[first..].CopyTo(_ring);
    }

    /// <summary>By doubling, so that a terminal that shows little takes little.</summary>
    private void Grow(int more)
    {
        long wanted = Math.Min(_end - _start + more, limit);
        if (wanted <= _ring.Length)
            return;
        byte[] kept = new byte[_end - _start];
        Copy(_start, kept);
        _ring = new byte[(int)Math.Min(Math.Max(wanted, 2L * _ring.Length), limit)];
        Write(_start, kept);
    }
}
