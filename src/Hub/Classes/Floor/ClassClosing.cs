using Hub.Accounts;
using Hub.Events;

namespace Hub.Classes.Floor;

/// <summary>
/// Closes classes when their time is over, though nobody does anything: hands go down, visits end, whoever reached students by the class has what is open of
/// it closed, and pages are told. It sleeps until the next class closes, and looks again when a class is made or changed, and each minute, since the
/// machine's clock may be set.
/// </summary>
internal sealed partial class ClassClosing(ClassesStore classes, ClassFloor floor, CallerWatch watch, EventStream events, TimeProvider time, ILogger<ClassClosing> logger) : BackgroundService
{
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(1);

    /// <summary>After the database was away.</summary>
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(5);

    /// <summary>Classes whose time was over by then have closed.</summary>
    private DateTimeOffset _closedUntil = time.GetUtcNow();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using EventReader changes = events.Subscribe(happened => happened is HubEvent.ClassCreated or HubEvent.ClassChanged { What: "settings" });
        try
        {
            while (true)
            {
                TimeSpan rest = await CloseAsync(stoppingToken);
                await WaitAsync(changes, rest, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The hub ends.
        }
    }

    /// <summary>Closes what is due; returns how long nothing will be.</summary>
    private async Task<TimeSpan> CloseAsync(CancellationToken cancellationToken)
    {
        try
        {
            DateTimeOffset now = time.GetUtcNow();
            foreach (Class one in await classes.ListClosedAsync(_closedUntil, now, cancellationToken))
            {
                await floor.TimeOverAsync(one, cancellationToken);
                if (one.Group is { } group)
                    watch.EndHolders(scopes => scopes.NamesGroup(group));
                LogClosed(one.Id);
            }
            _closedUntil = now;
            TimeSpan rest = await classes.FindNextClosingAsync(now, cancellationToken) is { } next ? next - time.GetUtcNow() : s_longest;
            return rest < s_longest ? rest : s_longest;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            LogNotClosed(failure);
            return s_again;
        }
    }

    private async Task WaitAsync(EventReader changes, TimeSpan rest, CancellationToken stoppingToken)
    {
        // Timers count milliseconds: one that is early would find nothing to close, and come back at once.
        using CancellationTokenSource over = new(rest > TimeSpan.Zero ? rest + TimeSpan.FromMilliseconds(1) : TimeSpan.Zero, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, stoppingToken);
        try
        {
            await changes.WaitAsync(either.Token);
            while (changes.TryTake(out _))
            {
                // However many changed, one look is enough.
            }
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            // It is time.
        }
    }

    [LoggerMessage(609, LogLevel.Information, "The time of class {ClassId} is over: hands are down, and visits have ended")]
    private partial void LogClosed(long classId);

    [LoggerMessage(610, LogLevel.Warning, "Whether the time of a class is over could not be looked up, or it could not be closed; it is tried again in five seconds")]
    private partial void LogNotClosed(Exception failure);
}
