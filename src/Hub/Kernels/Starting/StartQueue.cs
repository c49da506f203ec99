using Microsoft.Extensions.Options;

namespace Hub.Kernels.Starting;

/// <summary>
/// Lets as many kernels start at the same moment as the machine has cores for: a start is mostly work of the processor, so thirty at once would all be slow
/// where thirty in turn are ready one after the other. Fair by <see cref="StartOrder"/>; and while memory is short, nobody starts.
/// </summary>
public sealed class StartQueue
{
    /// <summary>How often those that wait are told of their place, and memory is looked at; less often when thousands wait, since each counts those before it.</summary>
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    private const int CountedPerLook = 1_000;

    // Of the old mean against the newest start: the last ten or so count.
    private const double Inertia = 0.9;

    private readonly Lock _gate = new();
    private readonly StartOrder _order;
    private readonly Dictionary<long, TaskCompletionSource> _turns = [];
    private readonly StartsOptions _options;
    private readonly MachineMemory _memory;
    private readonly TimeProvider _time;
    private readonly int _atOnce;
    private TimeSpan? _mean;

    /// <param name="options">How many at the same moment, and how much memory is kept free.</param>
    /// <param name="memory">Says how much is.</param>
    /// <param name="time">By which starts take long.</param>
    public StartQueue(IOptions<StartsOptions> options, MachineMemory memory, TimeProvider time)
    {
        (_options, _memory, _time) = (options.Value, memory, time);
        _atOnce = _options.AtOnce > 0 ? _options.AtOnce : 2 * Environment.ProcessorCount;
        _order = new StartOrder(_atOnce);
    }

    /// <summary>Starts that wait for their turn.</summary>
    internal int Waiting
    {
        get
        {
            lock (_gate)
                return _order.Waiting;
        }
    }

    /// <summary>What a start that was asked for now would wait for.</summary>
    internal StartPlace Tail
    {
        get
        {
            lock (_gate)
                return PlaceBehind(_order.Waiting);
        }
    }

    /// <summary>Memory by which starts are admitted.</summary>
    internal long? FreeBytes => _memory.Available;

    /// <summary>Nobody waits, a start more would be admitted, and there is memory for it: a good moment for what nobody waits for.</summary>
    internal bool IsQuiet
    {
        get
        {
            lock (_gate)
                return _order.Waiting == 0 && _order.UnderWay < _atOnce && HasRoom();
        }
    }

    /// <summary>Waits for the turn of a start.</summary>
    /// <param name="userName">Whose it is.</param>
    /// <param name="moved">Told where it is in the queue, when it must wait, and again when that changed.</param>
    /// <returns>To be given back when the start is over.</returns>
    /// <exception cref="KernelStartException">Too many wait, or memory stays short.</exception>
    internal async Task<StartTurn> EnterAsync(string userName, Action<StartPlace> moved, CancellationToken cancellationToken)
    {
        long ticket;
        TaskCompletionSource turn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_order.Waiting >= _options.MaxWaiting)
                throw new KernelStartException("no_capacity", $"{_order.Waiting} kernels wait to be started already, as many as {StartsOptions.Section}:{nameof(StartsOptions.MaxWaiting)} allows. Try again in a minute.", "too many starts wait");
            ticket = _order.Enter(userName);
            _turns[ticket] = turn;
        }

        Admit();
        try
        {
            await WaitAsync(ticket, turn.Task, moved, cancellationToken);
            return new StartTurn(this, ticket, _options.LongestTurn, _time);
        }
        catch
        {
            Leave(ticket);
            throw;
        }
    }

    /// <summary>A start is over or no longer wanted; again does nothing.</summary>
    internal void Leave(long ticket)
    {
        lock (_gate)
        {
            _order.Leave(ticket);
            _turns.Remove(ticket);
        }

        Admit();
    }

    /// <summary>A start took this long.</summary>
    internal void Learn(TimeSpan took)
    {
        lock (_gate)
            _mean = _mean is { } mean ? (mean * Inertia) + (took * (1 - Inertia)) : took;
    }

    private async Task WaitAsync(long ticket, Task turn, Action<StartPlace> moved, CancellationToken cancellationToken)
    {
        StartPlace? told = null;
        long? fullSince = null;
        while (!turn.IsCompleted)
        {
            StartPlace place = PlaceOf(ticket);
            if (place.Ahead != told?.Ahead || place.IsFull != told.IsFull)
                moved(told = place);
            fullSince = place.IsFull ? fullSince ?? _time.GetTimestamp() : null;
            if (fullSince is { } since && _time.GetElapsedTime(since) >= _options.WaitForMemory)
                throw new KernelStartException("no_capacity", $"The machine has had no memory free for another kernel for {_options.WaitForMemory} ({StartsOptions.Section}:{nameof(StartsOptions.WaitForMemory)}). Shut down kernels you no longer need, or try again later.", "no memory is free");
            await Task.WhenAny(turn, Task.Delay(s_look * (1 + (Waiting / CountedPerLook)), _time, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            // Memory that became free tells nobody.
            if (!turn.IsCompleted)
                Admit();
        }
    }

    private void Admit()
    {
        lock (_gate)
        {
            while (_order.Waiting > 0 && _order.UnderWay < _atOnce && HasRoom() && _order.Admit() is { } next)
                _turns[next].TrySetResult();
        }
    }

    private bool HasRoom() => _options.KeepFreeBytes == 0 || _memory.Available is not { } available
        || available - (_options.BytesPerStart * (_order.UnderWay + 1)) >= _options.KeepFreeBytes;

    private StartPlace PlaceOf(long ticket)
    {
        lock (_gate)
            return PlaceBehind(_order.AheadOf(ticket));
    }

    private StartPlace PlaceBehind(int ahead)
    {
        // Those under way are half done on average.
        TimeSpan? estimate = _mean is { } mean ? mean * ((ahead / _atOnce) + 0.5) : null;
        return new StartPlace(ahead, estimate, _order.UnderWay < _atOnce && !HasRoom());
    }
}
