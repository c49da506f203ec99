namespace Wire.Yjs;

/// <summary>
/// All structs of one client by clock, without a gap. In blocks, so that taking one apart in the middle of a million moves a few hundred and not half of them.
/// </summary>
internal sealed class StructList
{
    private const int BlockSize = 256;

    private readonly List<Block> _blocks = [];

    public int Count { get; private set; }

    /// <summary>Clock of the next unit of the client.</summary>
    public int End { get; private set; }

    public StructPlace Last => new(_blocks.Count - 1, _blocks[^1].Count - 1);

    public Struct this[StructPlace place] => _blocks[place.Block].Structs[place.Index];

    public void Add(Struct added)
    {
        if (added.Clock != End)
            throw new InvalidOperationException("Structs of a client follow one another.");
        if (_blocks.Count == 0 || _blocks[^1].Count == BlockSize)
            _blocks.Add(new Block(_blocks.Count == 0 ? 4 : BlockSize));
        _blocks[^1].Insert(_blocks[^1].Count, added);
        End = added.End;
        Count++;
    }

    /// <summary>The struct that holds the unit; it must be there.</summary>
    public StructPlace Find(int clock)
    {
        if ((uint)clock >= (uint)End)
            throw new InvalidOperationException("No such unit.");
        int low = 0, high = _blocks.Count - 1;
        // Most of what is asked for was made last.
        if (_blocks[high].Structs[0].Clock <= clock)
            low = high;
        while (low < high)
        {
            int middle = (low + high + 1) >>> 1;
            if (_blocks[middle].Structs[0].Clock <= clock)
                low = middle;
            else
                high = middle - 1;
        }

        Block block = _blocks[low];
        int first = 0, last = block.Count - 1;
        if (block.Structs[last].Clock <= clock)
            first = last;
        while (first < last)
        {
            int middle = (first + last + 1) >>> 1;
            if (block.Structs[middle].Clock <= clock)
                first = middle;
            else
                last = middle - 1;
        }

        return new StructPlace(low, first);
    }

    public bool TryNext(ref StructPlace place)
    {
        if (place.Index + 1 < _blocks[place.Block].Count)
            place.Index++;
        else if (place.Block + 1 < _blocks.Count)
            place = new StructPlace(place.Block + 1, 0);
        else
            return false;
        return true;
    }

    public bool TryPrevious(ref StructPlace place)
    {
        if (place.Index > 0)
            place.Index--;
        else if (place.Block > 0)
            place = new StructPlace(place.Block - 1, _blocks[place.Block - 1].Count - 1);
        else
            return false;
        return true;
    }

    public void Replace(StructPlace place, Struct other) => _blocks[place.Block].Structs[place.Index] = other;

    /// <returns>Where it stands now.</returns>
    public StructPlace InsertAfter(StructPlace place, Struct added)
    {
        Block block = _blocks[place.Block];
        if (block.Count == BlockSize)
        {
            _blocks.Insert(place.Block + 1, block.SplitOff());
            if (place.Index >= block.Count)
            {
                place = new StructPlace(place.Block + 1, place.Index - block.Count);
                block = _blocks[place.Block];
            }
        }

        block.Insert(place.Index + 1, added);
        Count++;
        return place with { Index = place.Index + 1 };
    }

    /// <summary>Takes out one that its left neighbour took into itself, and leaves <paramref name="place"/> at that neighbour.</summary>
    public void RemoveMerged(ref StructPlace place)
    {
        StructPlace removed = place;
        TryPrevious(ref place);
        _blocks[removed.Block].Remove(removed.Index);
        Count--;
        if (_blocks[removed.Block].Count == 0)
            _blocks.RemoveAt(removed.Block);
    }

    public IEnumerable<Struct> From(StructPlace place)
    {
        do
            yield return this[place];
        while (TryNext(ref place));
    }

    public IEnumerable<Struct> All() => Count == 0 ? [] : From(default);

    /// <summary>How many there are from a place to the end.</summary>
    public int CountFrom(StructPlace place)
    {
        int before = place.Index;
        for (int block = 0; block < place.Block; block++)
            before += _blocks[block].Count;
        return Count - before;
    }

    private sealed class Block(int capacity)
    {
        public Struct[] Structs { get; private set; } = new Struct[capacity];

        public int Count { get; private set; }

        public void Insert(int index, Struct added)
        {
            if (Count == Structs.Length)
            {
                Struct[] larger = new Struct[Math.Min(BlockSize, Count * 2)];
                Structs.CopyTo(larger, 0);
                Structs = larger;
            }

            if (index < Count)
                Array.Copy(Structs, index, Structs, index + 1, Count - index);
            Structs[index] = added;
            Count++;
        }

        public void Remove(int index)
        {
            Count--;
            Array.Copy(Structs, index + 1, Structs, index, Count - index);
            Structs[Count] = null!;
        }

        public Block SplitOff()
        {
            Block right = new(BlockSize);
            int kept = Count / 2;
            Array.Copy(Structs, kept, right.Structs, 0, Count - kept);
            Array.Clear(Structs, kept, Count - kept);
            right.Count = Count - kept;
            Count = kept;
            return right;
        }
    }
}
