using Hub.Kernels;

namespace Hub.Terminals;

/// <summary>One tab at a terminal: how far it is in the output, how big it is, and why it is to end.</summary>
/// <param name="readsOnly">It is of somebody who looks on: what it types and its size count for nothing.</param>
internal sealed class TerminalTab(bool readsOnly) : IDisposable
{
    private readonly CancellationTokenSource _closing = new();
    private long _next;
    private long _movedAt;
    private CloseReason? _reason;

    public bool ReadsOnly { get; } = readsOnly;

    /// <summary>Woken when there is more to show, or the terminal has ended.</summary>
    public WakeSignal More { get; } = new();

    /// <summary>Its own size; null until it said one.</summary>
    public TerminalSize? Size { get; set; }

    /// <summary>The history it was shown was not whole: programs are to draw their screens anew.</summary>
    public bool NeedsDrawing { get; set; }

    /// <summary>Number of the byte it is to be sent next.</summary>
    public long Next => Volatile.Read(ref _next);

    /// <summary>When it last took something in, as a timestamp.</summary>
    public long MovedAt => Volatile.Read(ref _movedAt);

    /// <summary>Cancelled when it is to end.</summary>
    public CancellationToken Closing => _closing.Token;

    /// <summary>Why; the first cause wins. Null while it is to go on.</summary>
    public CloseReason? Reason => Volatile.Read(ref _reason);

    /// <summary>It has everything before this byte.</summary>
    public void MoveTo(long next, long now)
    {
        Volatile.Write(ref _next, next);
        Volatile.Write(ref _movedAt, now);
    }

    /// <summary>It keeps up.</summary>
    public void Moves(long now) => Volatile.Write(ref _movedAt, now);

    public void Close(CloseReason reason)
    {
        if (Interlocked.CompareExchange(ref _reason, reason, null) is null)
            _closing.Cancel();
    }

    public void Dispose() => _closing.Dispose();
}
