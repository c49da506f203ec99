namespace Hub.Journal.Recording;

/// <summary>
/// Joins what a recorder has kept with what the hub's own new subscription hears, so that nothing is missing and nothing comes twice. Both hear the
/// same messages in the same order; each begins somewhere. The recorder's are passed on until the two meet, then the own ones.
/// </summary>
/// <remarks><code>
/// recorder   a b c d e f …            own   e f g …        (own ahead: its messages wait until the recorder comes to e)
/// recorder   a b c d e f …            own   c d e f g …    (own behind: its messages are passed over until one is new)
/// </code></remarks>
/// <typeparam name="T">A message.</typeparam>
/// <param name="idOf">Its <c>msg_id</c>, unique within the kernel's life.</param>
/// <param name="maxWaiting">Most messages of the own subscription that wait for the recorder; more, and a gap is assumed.</param>
public sealed class SpliceState<T>(Func<T, string> idOf, int maxWaiting = 65_536)
{
    private readonly HashSet<string> _passed = new(StringComparer.Ordinal);
    private readonly Queue<string> _passedInOrder = new();
    private readonly List<T> _waiting = [];
    private string? _lastPassed;

    /// <summary>Only the own subscription counts any more: the feed can be closed.</summary>
    public bool IsLive { get; private set; }

    /// <summary>The two did not meet: between what was passed on last and what comes next something may be missing, or come twice.</summary>
    public bool HasGap { get; private set; }

    /// <summary>A message of the recorder's feed came; returns what is to be passed on, in order.</summary>
    public IReadOnlyList<T> Fed(T message)
    {
        if (IsLive)
            return [];
        string id = idOf(message);
        if (_waiting.Count > 0 && idOf(_waiting[0]) == id)
            return GoLive();
        _lastPassed = id;
        if (_passed.Add(id))
            _passedInOrder.Enqueue(id);
        if (_passedInOrder.Count > maxWaiting)
            _passed.Remove(_passedInOrder.Dequeue());
        return [message];
    }

    /// <summary>A message of the own subscription came; returns what is to be passed on, in order.</summary>
    public IReadOnlyList<T> Heard(T message)
    {
        if (IsLive)
            return [message];
        string id = idOf(message);
        if (_waiting.Count == 0 && _passed.Contains(id))
        {
            // Behind the recorder; with its newest it has caught up.
            if (id == _lastPassed)
                GoLive();
            return [];
        }

        _waiting.Add(message);
        if (_waiting.Count <= maxWaiting)
            return [];
        HasGap = true;
        return GoLive();
    }

    /// <summary>The feed has ended, or never began; returns what is to be passed on, in order.</summary>
    /// <param name="complete">The recorder was there to the end of the kernel's life or had nothing to add: no gap.</param>
    public IReadOnlyList<T> FeedEnded(bool complete = false)
    {
        if (IsLive)
            return [];
        HasGap |= !complete;
        return GoLive();
    }

    private T[] GoLive()
    {
        IsLive = true;
        T[] waited = [.. _waiting];
        _waiting.Clear();
        _passed.Clear();
        _passedInOrder.Clear();
        return waited;
    }
}
