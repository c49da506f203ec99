using System.Collections.Concurrent;
using Hub.Accounts;
using Hub.Events;

namespace Hub.Classes.Floor;

/// <summary>
/// What happens while a class meets: hands that are up, and what the class is told. Hands are kept in memory and in the database, so that they are up after a
/// restart of the hub; they go down with leaving the class and with its end, as every visit does.
/// </summary>
internal sealed class ClassFloor(FloorStore store, ClassesStore classes, Visits visits, EventStream events, TimeProvider time) : IRaisedHands, IUserPart, IHostedService
{
    private readonly ConcurrentDictionary<(long ClassId, string UserName), DateTimeOffset> _hands = new();

    /// <summary>When each class was last told to have closed: so that a class that a teacher closes is not told again by the clock.</summary>
    private readonly ConcurrentDictionary<long, DateTimeOffset> _closed = new();

    /// <summary>
    /// Held by whoever moves a class to another time, until its closing is told: the clock, which may look at the same moment, would tell it first and as
    /// nobody's doing.
    /// </summary>
    public SemaphoreSlim Moves { get; } = new(1, 1);

    public DateTimeOffset? RaisedAt(long classId, string userName) => _hands.TryGetValue((classId, userName), out DateTimeOffset at) ? at : null;

    /// <summary>Puts a student's hand up; returns since when it is.</summary>
    public async Task<DateTimeOffset> RaiseAsync(Class one, ClassMember member, CancellationToken cancellationToken)
    {
        if (RaisedAt(one.Id, member.UserName) is { } already)
            return already;
        await store.RaiseAsync(one.Id, member.UserId, cancellationToken);
        DateTimeOffset at = _hands.GetOrAdd((one.Id, member.UserName), time.GetUtcNow());
        await events.PublishAsync(new HubEvent.HandMoved(time.GetUtcNow(), member.UserName, one.Id, Raised: true) { By = member.UserName });
        // It may have closed meanwhile, and then nobody lowers this hand any more.
        if (!one.IsRunning(time.GetUtcNow()))
            await LowerAsync(one.Id, member.UserName, "", CancellationToken.None);
        return at;
    }

    /// <summary>Puts a hand down; nothing happens when it is.</summary>
    public async Task LowerAsync(long classId, string userName, string by, CancellationToken cancellationToken)
    {
        if (!_hands.TryRemove((classId, userName), out _))
            return;
        await store.LowerAsync(classId, userName, cancellationToken);
        await events.PublishAsync(new HubEvent.HandMoved(time.GetUtcNow(), userName, classId, Raised: false) { By = by });
    }

    /// <summary>Tells everybody in the class something, now or when they open a page.</summary>
    /// <param name="path">The file it is about, within the class' folder.</param>
    public async Task<ClassMessage> SayAsync(Class one, Caller by, string text, string? path, CancellationToken cancellationToken)
    {
        ClassMessage message = await store.AddMessageAsync(one.Id, by.DisplayName, text, path, cancellationToken);
        HashSet<string> members = [.. (await classes.ListMembersAsync(one.Id, cancellationToken)).Select(member => member.UserName)];
        await events.PublishAsync(new HubEvent.ClassTold(time.GetUtcNow(), one.Id, message.Id, path is null ? "message" : "file", members) { By = by.UserName });
        return message;
    }

    /// <summary>Somebody is not in the class any more, or not as what they were.</summary>
    public async Task LeftAsync(long classId, string userName)
    {
        await visits.EndOfAsync(classId, userName);
        await LowerAsync(classId, userName, "", CancellationToken.None);
    }

    /// <summary>The class meets no more, since its time is over: told once for each time it closes.</summary>
    public async Task TimeOverAsync(Class one, CancellationToken cancellationToken)
    {
        await Moves.WaitAsync(cancellationToken);
        try
        {
            if (one.Closes is not { } closes || !_closed.TryGetValue(one.Id, out DateTimeOffset told) || told < closes)
                await CloseAsync(one.Id, ran: true, by: "");
        }
        finally
        {
            Moves.Release();
        }
    }

    /// <summary>The class meets no more, since somebody moved, ended or deleted it.</summary>
    /// <param name="ran">It did until now, so its people are told.</param>
    public async Task CloseAsync(long classId, bool ran, string by)
    {
        await visits.EndAllAsync(classId);
        foreach ((long ClassId, string) hand in _hands.Keys.Where(hand => hand.ClassId == classId))
            _hands.TryRemove(hand, out _);
        await store.LowerAllAsync(classId, CancellationToken.None);
        if (!ran)
            return;
        DateTimeOffset now = time.GetUtcNow();
        _closed[classId] = now;
        HashSet<string> members = [.. (await classes.ListMembersAsync(classId, CancellationToken.None)).Select(member => member.UserName)];
        await events.PublishAsync(new HubEvent.ClassClosed(now, classId, members) { By = by });
    }

    public async Task RenamedAsync(long userId, string from, string to, CancellationToken cancellationToken)
    {
        await visits.EndOfAsync(null, from);
        foreach ((long classId, _) in _hands.Keys.Where(hand => hand.UserName == from))
        {
            if (_hands.TryRemove((classId, from), out DateTimeOffset at))
                _hands[(classId, to)] = at;
        }
    }

    public async Task DeletedAsync(long userId, string userName, CancellationToken cancellationToken)
    {
        await visits.EndOfAsync(null, userName);
        foreach ((long, string UserName) hand in _hands.Keys.Where(hand => hand.UserName == userName))
            _hands.TryRemove(hand, out _);
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // Classes may have closed while no hub was there.
        await store.LowerLeftOverAsync(cancellationToken);
        foreach ((long classId, string userName, DateTimeOffset at) in await store.ListHandsAsync(cancellationToken))
            _hands[(classId, userName)] = at;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
