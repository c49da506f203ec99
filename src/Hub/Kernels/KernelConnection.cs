namespace Hub.Kernels;

/// <summary>One tab's connection as the kernel sees it: who it is, how it wants its frames, what it was not sent yet, and whether it should end.</summary>
internal sealed class KernelConnection : IDisposable
{
    private static long s_lastNumber;

    private readonly CancellationTokenSource _closing = new();
    private CloseReason? _reason;

    public KernelConnection(TabId tab, Framing framing) => (Tab, Framing) = (tab, framing);

    public TabId Tab { get; }

    /// <summary>Rises from connection to connection, whatever the kernel.</summary>
    public long Number { get; } = Interlocked.Increment(ref s_lastNumber);

    public Framing Framing { get; }

    /// <summary>What is to be sent; given by the audience when the tab joins, the same one it left if it returns.</summary>
    public TabBacklog Backlog { get; set; } = null!;

    /// <summary>Set when the hub wants the connection to end.</summary>
    public CancellationToken Closing => _closing.Token;

    /// <summary>Why; null while it should go on. The first reason wins.</summary>
    public CloseReason? Reason => Volatile.Read(ref _reason);

    public void Close(CloseReason reason)
    {
        if (Interlocked.CompareExchange(ref _reason, reason, null) is not null)
            return;
        try
        {
            _closing.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself in the same moment.
        }
    }

    public void Dispose() => _closing.Dispose();
}
