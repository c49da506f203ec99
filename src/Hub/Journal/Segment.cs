namespace Hub.Journal;

/// <summary>One file of a journal, and where in it what begins. Written by one thread, read by many: what is published is in the file.</summary>
/// <param name="path">Its file.</param>
/// <param name="first">Sequence of its first entry.</param>
/// <param name="headLength">Bytes before the first record; 0 when that was not read yet.</param>
internal sealed class Segment(string path, long first, long headLength)
{
    /// <summary>A place in the index every so many bytes: what a reader that starts in the middle passes over at most.</summary>
    private const int IndexEvery = 128 << 10;

    private readonly Lock _gate = new();
    private readonly List<(long Sequence, long Offset)> _index = [];
    private long _last = first - 1;
    private long _bytes = headLength;

    public string Path => path;

    public long First => first;

    /// <summary>Bytes of large buffers that this segment was the first to need.</summary>
    public long BlobBytes { get; set; }

    /// <summary>When its last entry was appended.</summary>
    public long LastTicks { get; set; }

    /// <summary>Length of the file and sequence of the last entry in it.</summary>
    public (long Bytes, long Last) End
    {
        get
        {
            lock (_gate)
                return (_bytes, _last);
        }
    }

    public bool IsEmpty => End.Last < First;

    public static string NameOf(long first) => $"{first:D16}.seg";

    /// <summary>The file now reaches so far.</summary>
    public void Publish(long bytes, long last)
    {
        lock (_gate)
            (_bytes, _last) = (bytes, last);
    }

    /// <summary>A record with this sequence begins here.</summary>
    public void Index(long sequence, long offset)
    {
        lock (_gate)
        {
            if (_index.Count == 0 ? offset >= IndexEvery : sequence > _index[^1].Sequence && offset - _index[^1].Offset >= IndexEvery)
                _index.Add((sequence, offset));
        }
    }

    /// <summary>Where to begin to look for this sequence: at a record at or before it, or at 0, where the head is.</summary>
    public long Find(long sequence)
    {
        lock (_gate)
        {
            int low = 0, high = _index.Count;
            while (low < high)
            {
                int middle = (low + high) / 2;
                if (_index[middle].Sequence <= sequence)
                    low = middle + 1;
                else
                    high = middle;
            }

            return low == 0 ? 0 : _index[low - 1].Offset;
        }
    }
}
