using System.Collections.Concurrent;

namespace Hub.Storage;

/// <summary>
/// What was read of the database and is still so: all of it is forgotten at the next write, whatever that writes. For what is asked at every request and
/// changes seldom; whoever lost a right is refused from the moment the write that took it returns.
/// </summary>
public sealed class ReadCache<TKey, TValue>(HubDatabase database)
    where TKey : notnull
    where TValue : class
{
    /// <summary>With one more everything is forgotten, which costs one query for each.</summary>
    private const int Most = 10_000;

    private int _sinceCleared;
    private readonly ConcurrentDictionary<TKey, (TValue Value, long AsOf)> _kept = new();

    public TValue? Find(TKey key) => _kept.TryGetValue(key, out (TValue Value, long AsOf) kept) && kept.AsOf == database.Writes && !database.IsShared ? kept.Value : null;

    /// <param name="asOf"><see cref="HubDatabase.Writes"/> from before the reading began.</param>
    public void Keep(TKey key, TValue value, long asOf)
    {
        if (asOf != database.Writes || database.IsShared)
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
