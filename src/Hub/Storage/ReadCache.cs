using System.Collections.Concurrent;

namespace Hub.Storage;

/// <summary>
/// What was read of the database and is still so: all of it is forgotten at the next write that may have changed one of its kinds. For what is asked at every
/// request and changes seldom; whoever lost a right is refused from the moment the write that took it returns.
/// </summary>
/// <param name="kinds">Everything that what is remembered here is made of.</param>
public sealed class ReadCache<TKey, TValue>(HubDatabase database, params DataKind[] kinds)
    where TKey : notnull
    where TValue : class
{
    private int _sinceCleared;
    private readonly ConcurrentDictionary<TKey, (TValue Value, long AsOf)> _kept = new();

    /// <summary>With one more everything is forgotten, which costs one query for each.</summary>
    public int Most { get; init; } = 10_000;

    /// <summary>To be asked before the reading begins. It only grows, and with every write that may have changed something of this.</summary>
    public long AsOf
    {
        get
        {
            long sum = database.Writes;
            foreach (DataKind kind in kinds)
                sum += kind.Changes;
            return sum;
        }
    }

    public TValue? Find(TKey key) => _kept.TryGetValue(key, out (TValue Value, long AsOf) kept) && kept.AsOf == AsOf && !database.IsShared ? kept.Value : null;

    /// <param name="asOf"><see cref="AsOf"/> from before the reading began.</param>
    public void Keep(TKey key, TValue value, long asOf)
    {
        if (asOf != AsOf || database.IsShared)
            return;
        if (Interlocked.Increment(ref _sinceCleared) >= Most)
        {
            // What is kept again and again counts each time: the dictionary's own count would stop everybody.
            Interlocked.Exchange(ref _sinceCleared, 0);
            _kept.Clear();
        }
        _kept[key] = (value, asOf);
    }
}
