namespace Hub.Kernels;

/// <summary>One tab's connection as the kernel sees it: who it is, how it wants its frames, what it was not sent yet, and whether it should end.</summary>
internal sealed class KernelConnection : IDisposable
{
    private static long s_lastNumber;

    private readonly CancellationTokenSource _closing = new();
    private CloseReason? _reason;

    /// <param name="tab">Who it is.</param>
    /// <param name="framing">How it wants its frames.</param>
    /// <param name="after"><c>seq</c> of its URL: it has everything up to this number; 0 is "numbers, please", null "no numbers".</param>
    public KernelConnection(TabId tab, Framing framing, long? after = null) => (Tab, Framing, IsNumbered, After) = (tab, framing, after is not null, after ?? 0);

    public TabId Tab { get; }

    /// <summary>Rises from connection to connection, whatever the kernel.</summary>
    public long Number { get; } = Interlocked.Increment(ref s_lastNumber);

    public Framing Framing { get; }

    /// <summary>Its messages carry <c>hub_seq</c>.</summary>
    public bool IsNumbered { get; }

    /// <summary>It has everything up to this number; 0 when it does not say.</summary>
    public long After { get; }

    /// <summary>The journal's last number when it began to connect: where a tab begins that has been given nothing yet.</summary>
    public long Begins { get; init; } = long.MaxValue;

    /// <summary>It is of somebody who looks on.</summary>
    public bool ReadsOnly { get; init; }

    /// <summary>After this time without an answer to a ping it is over.</summary>
    public TimeSpan DeadAfter { get; init; }

    /// <summary>See <see cref="TabView.RepeatsTo"/>; 0 when nothing is given again.</summary>
    public long RepeatsTo { get; set; }

    /// <summary>What of the journal the tab has for sure; given by the audience when the tab joins.</summary>
    public HandedPlaces Handed { get; set; } = null!;

    /// <summary>What is to be sent; given by the audience when the tab joins.</summary>
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
