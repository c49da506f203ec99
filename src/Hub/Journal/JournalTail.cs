namespace Hub.Journal;

/// <summary>The newest entries of a journal in memory: a ring that grows with what it holds and gives its room back. Not for several threads.</summary>
internal sealed class JournalTail
{
    /// <summary>What an entry costs beside its bytes: its own object, the message's, two headers.</summary>
    private const int Overhead = 320;

    private const int Smallest = 16;

    private JournalEntry?[] _ring = [];
    private int _start;

    public int Count { get; private set; }

    /// <summary>Memory of all entries, in bytes, roughly.</summary>
    public long Bytes { get; private set; }

    /// <summary>Sequence of the first entry; meaningless when empty.</summary>
    public long First => _ring[_start]!.Sequence;

    public static long CostOf(JournalEntry entry) => entry.Size + Overhead;

    /// <summary>The entry with this sequence, which must be here.</summary>
    public JournalEntry this[long sequence] => _ring[(_start + (int)(sequence - First)) & (_ring.Length - 1)]!;

    /// <summary>Adds the entry that follows the last.</summary>
    public void Add(JournalEntry entry)
    {
        if (Count == _ring.Length)
            Resize(Math.Max(Smallest, _ring.Length * 2));
        _ring[(_start + Count) & (_ring.Length - 1)] = entry;
        Count++;
        Bytes += CostOf(entry);
    }

    public JournalEntry RemoveFirst()
    {
        JournalEntry entry = _ring[_start]!;
        _ring[_start] = null;
        _start = (_start + 1) & (_ring.Length - 1);
        Count--;
        Bytes -= CostOf(entry);
        if (Count == 0)
            (_ring, _start) = ([], 0);
        else if (_ring.Length > Smallest && Count <= _ring.Length / 8)
            Resize(_ring.Length / 2);
        return entry;
    }

    private void Resize(int size)
    {
        JournalEntry?[] ring = new JournalEntry?[size];
        for (int i = 0; i < Count; i++)
            ring[i] = _ring[(_start + i) & (_ring.Length - 1)];
        (_ring, _start) = (ring, 0);
    }
}
