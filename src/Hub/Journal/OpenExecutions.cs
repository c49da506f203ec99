using System.Text.Json;
using Wire.Jupyter;

namespace Hub.Journal;

/// <summary>
/// Which executions of a kernel have begun and not ended, and where in the journal they begin: what retention spares as long as it can.
/// An execution ends with its reply or with <c>idle</c>, whichever comes first: some kernels leave one of them out.
/// </summary>
internal sealed class OpenExecutions
{
    /// <summary>More are not remembered: the oldest then counts as ended. A kernel's queue is bounded too, by <c>Kernels:MaxPendingPerKernel</c>.</summary>
    public const int Most = 4096;

    private readonly Dictionary<string, long> _open = new(StringComparer.Ordinal);

    // In order of beginning; those that ended stay until they come to the front.
    private readonly Queue<(string MessageId, long Sequence)> _order = new();

    /// <summary>Sequence of the request of the oldest execution that has not ended; <see cref="long.MaxValue"/> when all have.</summary>
    public long Oldest
    {
        get
        {
            while (_order.TryPeek(out (string MessageId, long Sequence) first))
            {
                if (_open.TryGetValue(first.MessageId, out long sequence) && sequence == first.Sequence)
                    return sequence;
                _order.Dequeue();
            }

            return long.MaxValue;
        }
    }

    /// <summary>In order of beginning.</summary>
    public IEnumerable<(string MessageId, long Sequence)> All => _order.Where(one => _open.TryGetValue(one.MessageId, out long sequence) && sequence == one.Sequence);

    public void Begin(string messageId, long sequence)
    {
        if (_open.Count >= Most && Oldest != long.MaxValue)
            _open.Remove(_order.Dequeue().MessageId);
        _open[messageId] = sequence;
        _order.Enqueue((messageId, sequence));
        // Ended ones behind an endless one must not pile up.
        if (_order.Count > (2 * _open.Count) + 64)
        {
            (string, long)[] kept = [.. All];
            _order.Clear();
            foreach ((string, long) one in kept)
                _order.Enqueue(one);
        }
    }

    public void See(JournalEntry entry)
    {
        KernelMessage message = entry.Message;
        if (entry.Kind == JournalKind.Asked)
        {
            if (message.MessageType == MessageTypes.ExecuteRequest)
                Begin(message.MessageId, entry.Sequence);
        }
        else if (_open.Count > 0 && EndsAnExecution(message))
        {
            _open.Remove(message.ParentMessageId);
        }
    }

    private static bool EndsAnExecution(KernelMessage message) =>
        message.MessageType == MessageTypes.ExecuteReply || (message.Channel == KernelChannel.IOPub && message.MessageType == MessageTypes.Status && IsIdle(message.Content));

    private static bool IsIdle(ReadOnlyMemory<byte> content)
    {
        Utf8JsonReader reader = new(content.Span);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1)
                    continue;
                bool wanted = reader.ValueTextEquals("execution_state"u8);
                reader.Read();
                if (wanted)
                    return reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("idle"u8);
                reader.Skip();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A kernel may say anything; this is then no idle.
        }

        return false;
    }
}
