namespace Hub.Kernels.Starting;

/// <summary>A start that is under way; given back when it is over, and by itself when it takes too long.</summary>
internal sealed class StartTurn : IDisposable
{
    private readonly StartQueue _queue;
    private readonly long _ticket;
    private readonly ITimer _late;

    public StartTurn(StartQueue queue, long ticket, TimeSpan longest, TimeProvider time)
    {
        (_queue, _ticket) = (queue, ticket);
        _late = time.CreateTimer(_ => queue.Leave(ticket), null, longest, Timeout.InfiniteTimeSpan);
    }

    /// <summary>It went well: how long it took tells those that wait how long they will.</summary>
    public void Succeeded(TimeSpan took) => _queue.Learn(took);

    public void Dispose()
    {
        _late.Dispose();
        _queue.Leave(_ticket);
    }
}
