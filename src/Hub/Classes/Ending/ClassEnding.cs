using System.Collections.Concurrent;
using Hub.Accounts;
using Hub.Classes.Floor;
using Hub.Events;
using Microsoft.Extensions.Options;

namespace Hub.Classes.Ending;

/// <summary>
/// Ends classes: 1. nobody joins any more; 2. guests do nothing more, so that files lie still; 3. the archive is written; 4. the guests go with
/// their homes; 5. the class is over. Whatever fails, the steps after it do not happen, and ending it again begins anew: no file goes before it is archived.
/// Classes whose time is long over are ended by the hub.
/// </summary>
internal sealed partial class ClassEnding(
    ClassesStore classes, ClassFloor floor, ClassExport export, Guests guests, CallerWatch watch, EventStream events, TimeProvider time, IOptions<ClassesOptions> options,
    ILogger<ClassEnding> logger)
    : BackgroundService
{
    /// <summary>Said to who ends a class that cannot be archived.</summary>
    public const string NotArchived = "The archive could not be written, so nobody was removed and the class goes on. The log of the hub says why; often the disk is full.";

    private static readonly TimeSpan s_every = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<long, TaskCompletionSource<EndResult?>> _ending = new();

    /// <summary>Ends the class; whoever asks while it is being ended waits for the same end. Cancelling ends the waiting only.</summary>
    /// <returns>Null when the archive cannot be written: then no guest was removed.</returns>
    public async Task<EndResult?> EndAsync(long classId, string by, CancellationToken cancellationToken)
    {
        TaskCompletionSource<EndResult?> mine = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource<EndResult?> ending = _ending.GetOrAdd(classId, mine);
        if (ReferenceEquals(ending, mine))
            _ = RunAsync(classId, by, mine); // goes on when the asker leaves; its failure arrives through the task
        return await ending.Task.WaitAsync(cancellationToken);
    }

    private async Task RunAsync(long classId, string by, TaskCompletionSource<EndResult?> ending)
    {
        try
        {
            EndResult? result = await EndOnceAsync(classId, by);
            _ending.TryRemove(classId, out _);
            ending.SetResult(result);
        }
        catch (Exception failure)
        {
            _ending.TryRemove(classId, out _);
            ending.SetException(failure);
            _ = ending.Task.Exception; // seen: perhaps nobody waits any more
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(s_every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await EndOverdueAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task EndOverdueAsync(CancellationToken stoppingToken)
    {
        try
        {
            if (options.Value.EndAfterHours == 0)
                return;
            foreach (Class one in await classes.ListOverdueAsync(time.GetUtcNow().AddHours(-options.Value.EndAfterHours), stoppingToken))
                await EndAsync(one.Id, by: "", stoppingToken);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            LogNotEnded(failure);
        }
    }

    private async Task<EndResult?> EndOnceAsync(long classId, string by)
    {
        if (await classes.CloseCodeAsync(classId, closed: true, CancellationToken.None) is not { Ended: null } one)
            return new EndResult(0, 0);
        await floor.CloseAsync(classId, one.IsRunning(time.GetUtcNow()), by);
        IReadOnlyList<ClassMember> leaving = await guests.ListLeavingAsync(classId, CancellationToken.None);
        foreach (ClassMember guest in leaving)
            await guests.LockAsync(guest, locked: true, CancellationToken.None);
        if (await ArchiveAsync(one, leaving) is not { } files)
            return null;
        foreach (ClassMember guest in leaving)
            await guests.RemoveAsync(guest, withHome: true, by, CancellationToken.None);
        await classes.EndAsync(classId, CancellationToken.None);
        if (one.Group is { } group)
            watch.EndHolders(scopes => scopes.NamesGroup(group));
        await events.PublishAsync(new HubEvent.ClassEnded(time.GetUtcNow(), classId, leaving.Count) { By = by });
        LogEnded(classId, files, leaving.Count);
        return new EndResult(files, leaving.Count);
    }

    private async Task<long?> ArchiveAsync(Class one, IReadOnlyList<ClassMember> leaving)
    {
        try
        {
            return await export.KeepAsync(one, CancellationToken.None);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            foreach (ClassMember guest in leaving)
                await guests.LockAsync(guest, locked: false, CancellationToken.None);
            LogNotArchived(failure, one.Id);
            return null;
        }
    }

    [LoggerMessage(605, LogLevel.Information, "Class {ClassId} is over: {Files} files archived, {Guests} guests removed")]
    private partial void LogEnded(long classId, long files, int guests);

    [LoggerMessage(608, LogLevel.Error, "The archive of class {ClassId} could not be written: nobody was removed, and the class goes on")]
    private partial void LogNotArchived(Exception failure, long classId);

    [LoggerMessage(606, LogLevel.Warning, "A class whose time is over could not be ended; it is tried again in a minute")]
    private partial void LogNotEnded(Exception failure);
}
