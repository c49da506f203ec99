namespace Hub.Storage;

/// <summary>
/// A kind of what <see cref="ReadCache{TKey, TValue}"/> remembers. Each room names its own, once for the program; a write says which it may change, and one that
/// says nothing changes all.
/// </summary>
public sealed class DataKind
{
    private long _changes;

    /// <summary>How many writes that may have changed it have ended.</summary>
    internal long Changes => Volatile.Read(ref _changes);

    internal void Changed() => Interlocked.Increment(ref _changes);
}
