using System.Text;
using Wire.Jupyter;
using Wire.Zmtp;

namespace Hub.Journal.Recording;

/// <summary>What a recorder has of one kernel: everything it published since the hub last said what it has, in a journal that is mostly in memory.</summary>
internal sealed class Recording : IAsyncDisposable
{
    // On a busy machine the hub may have heard a message, and been killed and started again, before it has come to the recorder.
    private static readonly TimeSpan s_lag = TimeSpan.FromSeconds(3);

    private readonly KernelJournal _journal;
    private readonly TimeProvider _time;
    private readonly SubscriberSocket _socket;
    private readonly long _spillBeyond;
    private TaskCompletionSource? _waiting;
    private string? _trimmed;
    private long _trimmedSequence;
    private long _held;

    public Recording(KernelJournal journal, string endpoint, long memoryBytes, TimeProvider time)
    {
        (_journal, Endpoint, _spillBeyond, _time) = (journal, endpoint, memoryBytes / 4, time);
        _socket = new SubscriberSocket(ZmtpOptions.Default, time);
        _socket.Subscribe(default);
        _socket.Start(Take);
        _socket.Connect(ZmtpEndpoint.Parse(endpoint));
    }

    public string Endpoint { get; }

    /// <summary>Whether the kernel is there.</summary>
    public bool IsConnected => _socket.PeerCount > 0;

    /// <summary>Completes when something came after this call.</summary>
    public Task WhenArrived()
    {
        TaskCompletionSource fresh = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return (Interlocked.CompareExchange(ref _waiting, fresh, null) ?? fresh).Task;
    }

    /// <summary>Everything up to this message is in the hub's journal and not needed here any more. An unknown message changes nothing.</summary>
    public async Task TrimAsync(string messageId, CancellationToken cancellationToken)
    {
        if (await FindAsync(messageId, cancellationToken) is not { } sequence)
            return;
        (_trimmed, _trimmedSequence) = (messageId, sequence);
        long freed = _journal.Trim(sequence);
        Interlocked.Exchange(ref _held, Math.Max(0, Interlocked.Read(ref _held) - freed));
    }

    /// <summary>
    /// A reader that begins after this message; after the last trimmed one if it is that, or if the message was dropped with others after that: those
    /// then count as skipped; and else, once it is not just late, with the whole.
    /// </summary>
    public async Task<(JournalReader Reader, bool Seamless)> ReadAsync(string afterMessageId, CancellationToken cancellationToken)
    {
        if (_trimmed is not null && afterMessageId == _trimmed)
            return (_journal.Read(_trimmedSequence), true);
        long? found = await AwaitAsync(afterMessageId, cancellationToken);
        // A hub that was killed had it, and had not come to say so.
        if (found is null && _trimmed is not null && _journal.FirstSequence > _trimmedSequence + 1)
            found = _trimmedSequence;
        return (_journal.Read(found ?? Math.Max(0, _journal.FirstSequence - 1)), found is not null || (afterMessageId.Length == 0 && _trimmed is null && _journal.FirstSequence <= 1));
    }

    public async ValueTask DisposeAsync() => await _socket.DisposeAsync();

    private ValueTask Take(ZmtpMessage message)
    {
        ReadOnlyMemory<byte>[] frames = new ReadOnlyMemory<byte>[message.Count];
        for (int i = 0; i < frames.Length; i++)
            frames[i] = message[i];
        KernelMessage heard = new() { Channel = KernelChannel.IOPub, Header = default, ParentHeader = default, Metadata = default, Content = default, Buffers = frames };
        if (message.TakeLease() is { } lease)
            heard.With(lease);
        JournalEntry entry = _journal.Append(JournalKind.Said, heard, isCounted: heard.IsPooled);
        if (entry.IsCounted)
            heard.Release();
        // Nobody takes it: onto the disk with what has gathered.
        if (Interlocked.Add(ref _held, JournalTail.CostOf(entry)) > _spillBeyond)
        {
            Interlocked.Exchange(ref _held, 0);
            _journal.Push();
        }

        if (Volatile.Read(ref _waiting) is not null)
            Interlocked.Exchange(ref _waiting, null)?.TrySetResult();
        return ValueTask.CompletedTask;
    }

    private async Task<long?> AwaitAsync(string messageId, CancellationToken cancellationToken)
    {
        Task late = Task.Delay(s_lag, _time, cancellationToken);
        while (true)
        {
            Task arrived = WhenArrived();
            if (await FindAsync(messageId, cancellationToken) is { } found)
                return found;
            if (messageId.Length == 0 || await Task.WhenAny(arrived, late) == late)
                return null;
        }
    }

    /// <summary>Looks for a message by its id, oldest first. The quotes make sure that an id is not taken for a longer one.</summary>
    private async Task<long?> FindAsync(string messageId, CancellationToken cancellationToken)
    {
        if (messageId.Length == 0)
            return null;
        byte[] quoted = Encoding.UTF8.GetBytes($"\"{messageId}\"");
        using JournalReader reader = _journal.Read(0);
        long? found = null;
        while (await reader.NextAsync(1_000, 4 << 20, cancellationToken) is { Count: > 0 } some)
        {
            foreach (JournalEntry entry in some)
            {
                found ??= entry.Kind == JournalKind.Said && HeaderOf(entry.Message.Buffers).Span.IndexOf(quoted) >= 0 ? entry.Sequence : null;
                entry.Release();
            }

            if (found is not null)
                return found;
        }

        return null;
    }

    /// <summary>The header follows the delimiter and the signature.</summary>
    private static ReadOnlyMemory<byte> HeaderOf(IReadOnlyList<ReadOnlyMemory<byte>> frames)
    {
        for (int i = 0; i + 2 < frames.Count; i++)
        {
            if (frames[i].Span.SequenceEqual(ZmqMessageCodec.Delimiter))
                return frames[i + 2];
        }

        return default;
    }
}
