using Microsoft.Win32.SafeHandles;

namespace Hub.Journal;

/// <summary>
/// Walks through the records of a segment, whole ones only. It reads ahead in pieces; a record is a slice of a piece that nobody writes to any
/// more, so that entries can keep it.
/// </summary>
internal sealed class SegmentScan(SafeFileHandle file, long end)
{
    private const int Piece = 256 << 10;

    private ReadOnlyMemory<byte> _ahead;

    /// <summary>Where the next record begins.</summary>
    public long Offset { get; private set; }

    /// <summary>Up to where the file may be read.</summary>
    public long End { get; set; } = end;

    /// <summary>Reads the head, after which the records begin.</summary>
    /// <returns>False when there is none.</returns>
    public bool ReadHead(out long first, List<(string MessageId, long Sequence)> open)
    {
        first = 0;
        Offset = 0;
        _ahead = default;
        int prefix = JournalRecordCodec.Magic.Length + JournalRecordCodec.Prefix;
        int length = Ensure(prefix) ? JournalRecordCodec.Measure(_ahead.Span[JournalRecordCodec.Magic.Length..]) : 0;
        if (length <= 0 || !Ensure(JournalRecordCodec.Magic.Length + length))
            return false;
        int head = JournalRecordCodec.DecodeHead(_ahead.Span, out first, open);
        Pass(head);
        return head > 0;
    }

    /// <summary>Goes to a record that is known to begin there.</summary>
    public void GoTo(long offset)
    {
        if (offset == Offset)
            return;
        Offset = offset;
        _ahead = default;
    }

    /// <summary>The next record.</summary>
    /// <returns>False at the end, and when what comes is no whole record: then <see cref="Offset"/> is before <see cref="End"/>.</returns>
    public bool TryNext(out ReadOnlyMemory<byte> record)
    {
        record = default;
        int length = Ensure(JournalRecordCodec.Prefix) ? JournalRecordCodec.Measure(_ahead.Span) : 0;
        if (length <= 0 || !Ensure(length) || !JournalRecordCodec.IsWhole(_ahead.Span[..length]))
            return false;
        record = _ahead[..length];
        Pass(length);
        return true;
    }

    private void Pass(int length)
    {
        Offset += length;
        _ahead = _ahead[length..];
    }

    private bool Ensure(int length)
    {
        if (_ahead.Length >= length)
            return true;
        // A length that is nonsense must not become an allocation.
        if (length > End - Offset)
            return false;
        byte[] piece = new byte[(int)Math.Min(Math.Max(length, Piece), End - Offset)];
        _ahead.CopyTo(piece);
        int filled = _ahead.Length;
        while (filled < piece.Length)
        {
            int read = RandomAccess.Read(file, piece.AsSpan(filled), Offset + filled);
            if (read == 0)
                break;
            filled += read;
        }

        _ahead = piece.AsMemory(0, filled);
        return filled >= length;
    }
}
