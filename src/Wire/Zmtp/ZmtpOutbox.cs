using System.Buffers;

namespace Wire.Zmtp;

/// <summary>
/// What waits to leave to one peer: messages up to the send high-water marks, and commands. At the connecting side of DEALER and REQ
/// it outlives the connection: what was not handed whole to the operating system is sent again by the next connection.
/// </summary>
/// <remarks>
/// Whoever finds nobody writing becomes the writer (<see cref="ZmtpConnection.BeginWriting"/>), so there is one at a time and
/// no lock is held across an await. The writer asks for batches until there is none; short messages leave together in one send.
/// </remarks>
internal sealed class ZmtpOutbox(ZmtpOptions options, RoomSignal room)
{
    /// <summary>Longest batch of copied messages.</summary>
    public const int BatchBytes = 64 * 1024;

    // A longer message leaves from its own array: copying it would cost more than one more send.
    private const int CopiedBytes = 16 * 1024;

    // Answers to a peer that pings and does not read: beyond these it gets none, which the protocol allows (any traffic is life).
    private const int MaxQueuedAnswers = 16;

    private readonly Lock _gate = new();
    private readonly Queue<byte[]> _messages = new();
    private readonly Queue<byte[]> _commands = new();
    private ZmtpConnection? _connection;
    private TaskCompletionSource? _settled;
    private bool _writing;
    private bool _closed;
    private bool _forgetBatch;
    private int _inBatch;
    private long _bytes;

    /// <summary>Nothing waits and nothing is being written.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_gate)
                return _messages.Count == 0 && _commands.Count == 0 && !_writing;
        }
    }

    public bool IsFull
    {
        get
        {
            lock (_gate)
                return Full(1);
        }
    }

    public ZmtpConnection? Connection => Volatile.Read(ref _connection);

    /// <returns>False when it is full or closed.</returns>
    public bool TryAdd(byte[] message)
    {
        ZmtpConnection? writer;
        lock (_gate)
        {
            if (_closed || Full(message.Length))
                return false;
            _messages.Enqueue(message);
            _bytes += message.Length;
            writer = ClaimWriting();
        }

        writer?.BeginWriting();
        return true;
    }

    /// <summary>Queues a command ahead of all messages; it is lost with its connection.</summary>
    /// <param name="answer">It answers the peer, so the peer decides how many there are and the queue is short.</param>
    public void AddCommand(byte[] command, bool answer = false)
    {
        ZmtpConnection? writer;
        lock (_gate)
        {
            if (_closed || _connection is null || (answer && _commands.Count >= MaxQueuedAnswers))
                return;
            _commands.Enqueue(command);
            writer = ClaimWriting();
        }

        writer?.BeginWriting();
    }

    public void Attach(ZmtpConnection connection)
    {
        ZmtpConnection? writer;
        lock (_gate)
        {
            _connection = connection;
            writer = ClaimWriting();
        }

        writer?.BeginWriting();
    }

    /// <summary>No more writing by this connection, which is closed already; ends when its writer has.</summary>
    public Task DetachAsync()
    {
        lock (_gate)
        {
            _connection = null;
            _commands.Clear();
            return _writing ? (_settled ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;
        }
    }

    /// <summary>Takes nothing more; what is there may still leave.</summary>
    public void Close()
    {
        lock (_gate)
            _closed = true;
        room.Pulse();
    }

    /// <summary>Forgets all messages. What is being written may still leave, but is not sent again by the next connection.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            byte[][] begun = [.. _messages.Take(_inBatch)];
            _messages.Clear();
            _bytes = 0;
            foreach (byte[] message in begun)
            {
                _messages.Enqueue(message);
                _bytes += message.Length;
            }

            _forgetBatch = true;
        }

        room.Pulse();
    }

    /// <summary>Ends when all is written or the connection is gone, whichever is first.</summary>
    public Task SettleAsync()
    {
        lock (_gate)
            return _writing ? (_settled ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;
    }

    /// <summary>Called by the writer only: the batch before is written, what is next? False ends the writing.</summary>
    /// <param name="copies">Where short messages are put together; rented when first needed, returned here at the end.</param>
    public bool TakeBatch(ref byte[]? copies, out ReadOnlyMemory<byte> batch)
    {
        bool any;
        byte[]? done = null;
        bool freed = _inBatch > 0;
        lock (_gate)
        {
            for (; _inBatch > 0; _inBatch--)
                Remove();
            _forgetBatch = false;
            any = Next(ref copies, out batch);
            if (!any)
            {
                // Taken before the writing ends: from then on the next writer may put messages together in it.
                (done, copies) = (copies, null);
                EndWriting();
            }
        }

        if (done is not null)
            ArrayPool<byte>.Shared.Return(done);
        if (freed)
            room.Pulse();
        return any;
    }

    /// <summary>Called by the writer only: the connection failed after so many bytes of the last batch.</summary>
    public void GiveUp(int written)
    {
        lock (_gate)
        {
            for (; _inBatch > 0 && (_forgetBatch || _messages.Peek().Length <= written); _inBatch--)
                written -= Remove();
            _inBatch = 0;
            EndWriting();
        }
    }

    private bool Next(ref byte[]? copies, out ReadOnlyMemory<byte> batch)
    {
        batch = default;
        if (_connection is null)
            return false;
        if (_commands.TryDequeue(out byte[]? command))
        {
            batch = command;
            return true;
        }

        if (!_messages.TryPeek(out byte[]? first))
            return false;
        _inBatch = 1;
        if (_messages.Count == 1 || first.Length > CopiedBytes)
        {
            batch = first;
            return true;
        }

        copies ??= ArrayPool<byte>.Shared.Rent(BatchBytes);
        int length = 0;
        _inBatch = 0;
        foreach (byte[] message in _messages)
        {
            if (message.Length > CopiedBytes || length + message.Length > BatchBytes)
                break;
            message.CopyTo(copies, length);
            length += message.Length;
            _inBatch++;
        }

        batch = copies.AsMemory(0, length);
        return true;
    }

    // A message longer than the limit of bytes passes when it is alone, or it could never be sent.
    private bool Full(int more) =>
        _messages.Count >= options.SendHighWaterMark || (_messages.Count > 0 && _bytes + more > options.SendHighWaterMarkBytes);

    private int Remove()
    {
        int length = _messages.Dequeue().Length;
        _bytes -= length;
        return length;
    }

    private ZmtpConnection? ClaimWriting()
    {
        if (_writing || _connection is null || (_messages.Count == 0 && _commands.Count == 0))
            return null;
        _writing = true;
        return _connection;
    }

    private void EndWriting()
    {
        _writing = false;
        _settled?.TrySetResult();
        _settled = null;
    }
}
