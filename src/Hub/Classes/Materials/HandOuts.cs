using System.Collections.Concurrent;
using System.Threading.Channels;
using Hub.Contents;

namespace Hub.Classes.Materials;

/// <summary>
/// Hands out materials to who joins, a few homes at a time and outside of the request: a whole class joins in one minute. With the queue full somebody's
/// materials wait for the next start of the hub or the teacher's next hand-out; that is logged.
/// </summary>
internal sealed partial class HandOuts(ClassMaterials materials, ClassesStore classes, ILogger<HandOuts> logger) : BackgroundService
{
    private const int QueueLength = 10_000;
    private const int Workers = 4;

    private readonly ConcurrentDictionary<(long ClassId, string UserName), TaskCompletionSource> _waiting = new();
    private readonly Channel<(long ClassId, string UserName)> _queue = Channel.CreateBounded<(long, string)>(QueueLength);

    /// <summary>Queues the materials for somebody; the task ends when they are there, or cannot be.</summary>
    public Task Offer(long classId, string userName)
    {
        TaskCompletionSource done = _waiting.GetOrAdd((classId, userName), static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
        if (_queue.Writer.TryWrite((classId, userName)))
            return done.Task;
        _waiting.TryRemove((classId, userName), out _);
        LogFull(userName, classId);
        return Task.CompletedTask;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.WhenAll([.. Enumerable.Range(0, Workers).Select(_ => WorkAsync(stoppingToken)), CatchUpAsync(stoppingToken)]);
    }

    /// <summary>What a former process of the hub did not get to.</summary>
    private async Task CatchUpAsync(CancellationToken stoppingToken)
    {
        try
        {
            foreach ((long classId, string userName) in await classes.ListWaitingAsync(stoppingToken))
                _ = Offer(classId, userName);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            LogNotListed(failure);
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task WorkAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach ((long classId, string userName) in _queue.Reader.ReadAllAsync(stoppingToken))
            {
                _waiting.TryRemove((classId, userName), out TaskCompletionSource? done);
                await HandOutAsync(classId, userName, stoppingToken);
                done?.TrySetResult();
            }
        }
        catch (OperationCanceledException)
        {
            // The hub stops: who waits is found again by the next one.
        }
    }

    private async Task HandOutAsync(long classId, string userName, CancellationToken stoppingToken)
    {
        try
        {
            if (await classes.FindAsync(classId, stoppingToken) is not { } one || await classes.FindMemberAsync(classId, userName, stoppingToken) is not { } member)
                return;
            HandOutResult begun = await materials.HandOutAsync(one, member, ContentPath.Root, stoppingToken);
            // What was handed out before they came belongs to it.
            HandOutResult handed = await materials.HandOutHandedAsync(one, member with { Folder = begun.Folder }, ContentPath.Root, stoppingToken);
            if ((begun.Problem ?? handed.Problem) is { } problem)
                LogProblem(userName, classId, problem);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            LogFailed(failure, userName, classId);
        }
    }

    [LoggerMessage(600, LogLevel.Warning, "The materials of class {ClassId} did not all reach {User}: {Problem}")]
    private partial void LogProblem(string user, long classId, string problem);

    [LoggerMessage(601, LogLevel.Error, "The materials of class {ClassId} could not be handed out to {User}")]
    private partial void LogFailed(Exception failure, string user, long classId);

    [LoggerMessage(602, LogLevel.Warning, "Too many wait for materials: those of class {ClassId} for {User} wait for the next hand-out")]
    private partial void LogFull(string user, long classId);

    [LoggerMessage(603, LogLevel.Warning, "Who still waits for materials could not be found out; the next hand-out reaches them")]
    private partial void LogNotListed(Exception failure);
}
