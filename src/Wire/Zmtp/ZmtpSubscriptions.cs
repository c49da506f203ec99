namespace Wire.Zmtp;

/// <summary>
/// The topics of one subscriber, counted as RFC 29 wants. A match looks up one prefix for each length among the topics, so its
/// cost does not grow with their number. Not safe for threads.
/// </summary>
internal sealed class ZmtpSubscriptions
{
    private readonly Dictionary<byte[], int> _topics = new(ByteStringComparer.Instance);
    private readonly SortedDictionary<int, int> _lengths = [];
    private bool _everything;

    public int Count => _topics.Count;

    public IEnumerable<byte[]> Topics => _topics.Keys;

    /// <returns>True when the topic was not known before.</returns>
    public bool Add(ReadOnlySpan<byte> topic)
    {
        var byTopic = _topics.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (byTopic.TryGetValue(topic, out int times))
        {
            byTopic[topic] = times + 1;
            return false;
        }

        byTopic[topic] = 1;
        _lengths[topic.Length] = _lengths.GetValueOrDefault(topic.Length) + 1;
        _everything |= topic.IsEmpty;
        return true;
    }

    /// <returns>True when this was the last of its subscriptions.</returns>
    public bool Remove(ReadOnlySpan<byte> topic)
    {
        var byTopic = _topics.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (!byTopic.TryGetValue(topic, out int times))
            return false;
        if (times > 1)
        {
            byTopic[topic] = times - 1;
            return false;
        }

        byTopic.Remove(topic);
        if (--_lengths[topic.Length] == 0)
            _lengths.Remove(topic.Length);
        _everything &= !topic.IsEmpty;
        return true;
    }

    /// <summary>Whether a message with this first frame is wanted.</summary>
    public bool Match(ReadOnlySpan<byte> firstFrame)
    {
        if (_everything || _topics.Count == 0)
            return _everything;
        var byTopic = _topics.GetAlternateLookup<ReadOnlySpan<byte>>();
        foreach (int length in _lengths.Keys)
        {
            if (length > firstFrame.Length)
                return false;
            if (byTopic.ContainsKey(firstFrame[..length]))
                return true;
        }

        return false;
    }
}
