using System.Collections.Concurrent;
using Hub.Http;
using Hub.Kernels;

namespace Hub.Sessions;

/// <summary>
/// All sessions, in memory; the database only remembers them for the next run of the hub, so that a slow database disturbs nobody's
/// kernel. A session whose kernel is gone is forgotten when somebody looks.
/// </summary>
public sealed partial class SessionRegistry(SessionStore store, KernelRegistry kernels, ILogger<SessionRegistry> logger)
{
    private readonly ConcurrentDictionary<string, Session> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<(ServerKey Server, string Path), Task<SessionStart>> _starting = [];
    private readonly Lock _admission = new();

    /// <summary>The sessions of all servers of a user whose kernels are there.</summary>
    public Task<IReadOnlyList<(Session Session, LiveKernel Kernel)>> ListOfUserAsync(string userName) => ListAsync(session => session.UserName == userName);

    /// <summary>The sessions of one server whose kernels are there.</summary>
    public Task<IReadOnlyList<(Session Session, LiveKernel Kernel)>> ListAsync(ServerKey server) => ListAsync(session => session.Server == server);

    private async Task<IReadOnlyList<(Session Session, LiveKernel Kernel)>> ListAsync(Func<Session, bool> wanted)
    {
        List<(Session, LiveKernel)> living = [];
        List<Session> gone = [];
        foreach (Session session in _sessions.Values.Where(wanted).OrderBy(session => session.Path, StringComparer.Ordinal))
        {
            if (kernels.Find(session.Server, session.KernelId) is { } kernel)
                living.Add((session, kernel));
            else
                gone.Add(session);
        }

        await ForgetGoneAsync(gone);
        return living;
    }

    /// <summary>The sessions of everybody, whether their kernels are there or not.</summary>
    public IReadOnlyCollection<Session> ListAll() => [.. _sessions.Values];

    /// <summary>One session with its kernel; null when there is none of this id, or its kernel is gone.</summary>
    public (Session Session, LiveKernel Kernel)? Find(ServerKey server, string id) =>
        _sessions.TryGetValue(id, out Session? session) && session.Server == server && kernels.Find(server, session.KernelId) is { } kernel ? (session, kernel) : null;

    /// <summary>
    /// The session of a path: the one that is there, or a new one with its kernel. Two who ask at the same time get the same. A dead kernel
    /// is restarted, since whoever opens a document wants one that runs.
    /// </summary>
    public Task<SessionStart> OpenAsync(KernelOwner owner, SessionWish wish, CancellationToken cancellationToken)
    {
        (ServerKey Server, string Path) key = (owner.Server, wish.Path!);
        lock (_admission)
        {
            if (!_starting.TryGetValue(key, out Task<SessionStart>? start))
            {
                _starting[key] = start = Task.Run(() => OpenAloneAsync(owner, wish), CancellationToken.None);
                _ = start.ContinueWith(_ =>
                {
                    lock (_admission)
                        _starting.Remove(key);
                }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }

            return start.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Renames a session, changes its type or gives it another kernel; the old kernel ends unless another session has it too.</summary>
    public async Task<SessionStart> ChangeAsync(Session session, KernelOwner owner, SessionWish wish, CancellationToken cancellationToken)
    {
        LiveKernel? kernel = kernels.Find(owner.Server, session.KernelId);
        LiveKernel? former = null;
        string path = wish.Path ?? session.Path;
        if (wish.KernelId is { } id && id != session.KernelId)
        {
            if (kernels.Find(owner.Server, id) is not { } other)
                return new SessionStart.UnknownKernel(id);
            (former, kernel) = (kernel, other);
        }
        else if (wish.KernelId is null && wish.KernelName is { } name)
        {
            KernelStart start = await kernels.StartAsync(owner, name, path, StartDirectory.OfDocument(path), null, cancellationToken);
            if (start is not KernelStart.Started started)
                return new SessionStart.NoKernel(start);
            (former, kernel) = (kernel, started.Kernel);
        }

        if (kernel is null)
            return new SessionStart.UnknownKernel(session.KernelId);
        Session changed = session with { Path = path, Name = wish.Name ?? session.Name, Type = wish.Type ?? session.Type, KernelId = kernel.Id };
        _sessions[session.Id] = changed;
        await SaveAsync(changed);
        if (former is not null && former != kernel)
            await StopUnlessSharedAsync(former);
        return new SessionStart.Ready(changed, kernel);
    }

    /// <summary>Ends a session, and its kernel unless another session has it too.</summary>
    public async Task CloseAsync(Session session)
    {
        await ForgetAsync([session]);
        if (kernels.Find(session.Server, session.KernelId) is { } kernel)
            await StopUnlessSharedAsync(kernel);
    }

    /// <summary>Fills the memory with what the former run of the hub knew; those whose kernels are gone are forgotten.</summary>
    internal async Task LoadAsync(CancellationToken cancellationToken)
    {
        List<Session> gone = [];
        foreach (Session session in await store.LoadAsync(cancellationToken))
        {
            _sessions[session.Id] = session;
            if (kernels.Find(session.Server, session.KernelId) is null)
                gone.Add(session);
        }

        await ForgetGoneAsync(gone);
    }

    private async Task<SessionStart> OpenAloneAsync(KernelOwner owner, SessionWish wish)
    {
        Session? there = _sessions.Values.FirstOrDefault(session => session.Server == owner.Server && session.Path == wish.Path);
        if (there is not null && kernels.Find(owner.Server, there.KernelId) is { } kernel)
        {
            if (kernel.Phase == KernelPhase.Dead && await kernels.RestartAsync(kernel, CancellationToken.None) is (false, var why))
                return new SessionStart.NoKernel(new KernelStart.Failed("restart", why ?? ""));
            return new SessionStart.Ready(there, kernel);
        }

        KernelStart start = wish.KernelId is { } id && kernels.Find(owner.Server, id) is { } running
            ? new KernelStart.Started(running)
            : await kernels.StartAsync(owner, wish.KernelName, wish.Path!, StartDirectory.OfDocument(wish.Path!), wish.KernelId, CancellationToken.None);
        if (start is not KernelStart.Started started)
            return new SessionStart.NoKernel(start);
        Session session = new(there?.Id ?? Guid.NewGuid().ToString(), owner.UserId, owner.UserName, wish.Path!, wish.Name ?? "", wish.Type!, started.Kernel.Id, owner.ServerName);
        _sessions[session.Id] = session;
        await SaveAsync(session);
        return new SessionStart.Ready(session, started.Kernel);
    }

    private async Task StopUnlessSharedAsync(LiveKernel kernel)
    {
        if (!_sessions.Values.Any(session => session.KernelId == kernel.Id))
            await kernels.StopAsync(kernel);
    }

    private async Task SaveAsync(Session session)
    {
        try
        {
            await store.SaveAsync(session, CancellationToken.None);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogNotSaved(logger, e, session.Id, session.UserName);
        }
    }

    private async Task ForgetGoneAsync(IReadOnlyCollection<Session> gone)
    {
        // While nobody can say which kernels run, theirs may.
        if (kernels.IsComplete)
            await ForgetAsync(gone);
    }

    private async Task ForgetAsync(IReadOnlyCollection<Session> gone)
    {
        List<string> ids = [.. gone.Where(session => _sessions.TryRemove(KeyValuePair.Create(session.Id, session))).Select(session => session.Id)];
        if (ids.Count == 0)
            return;
        try
        {
            await store.DeleteAsync(ids, CancellationToken.None);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // They go at the next start of the hub: their kernels are not there then.
            LogNotForgotten(logger, e, ids.Count);
        }
    }

    [LoggerMessage(1300, LogLevel.Warning, "Session {SessionId} of {UserName} could not be saved; it works, but a restarted hub will not show it")]
    private static partial void LogNotSaved(ILogger logger, Exception e, string sessionId, string userName);

    [LoggerMessage(1301, LogLevel.Warning, "{Count} ended sessions could not be deleted from the database")]
    private static partial void LogNotForgotten(ILogger logger, Exception e, int count);
}
