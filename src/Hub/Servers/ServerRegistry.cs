using System.Collections.Concurrent;
using Hub.Events;

namespace Hub.Servers;

/// <summary>The servers of all users: logical objects, since no process stands behind them. Starting one is instant.</summary>
public sealed class ServerRegistry(IEnumerable<IServerPart> parts, EventStream events, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, UserServer> _running = new(StringComparer.Ordinal);

    /// <summary>Is the default server of <paramref name="userName"/> started?</summary>
    public bool IsRunning(string userName) => _running.ContainsKey(userName);

    /// <summary>The started default server of <paramref name="userName"/>, or null.</summary>
    public UserServer? Find(string userName) => _running.GetValueOrDefault(userName);

    /// <summary>Starts the default server; false when it ran already.</summary>
    public Task<bool> StartAsync(string userName, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        bool started = _running.TryAdd(userName, new UserServer(userName, now, now));
        if (started)
            events.Publish(new HubEvent.ServerStarted(now, userName));
        return Task.FromResult(started);
    }

    /// <summary>Stops it with all its parts; false when it did not run.</summary>
    public async Task<bool> StopAsync(string userName, CancellationToken cancellationToken)
    {
        if (!_running.TryRemove(userName, out _))
            return false;
        foreach (IServerPart part in parts)
            await part.StopAllAsync(userName, cancellationToken);
        events.Publish(new HubEvent.ServerStopped(time.GetUtcNow(), userName));
        return true;
    }

    /// <summary>Notes that the user did something just now; cheap, written to the database now and then.</summary>
    public void NoteActivity(string userName)
    {
        if (_running.TryGetValue(userName, out UserServer? server))
            _running.TryUpdate(userName, server with { LastActivity = time.GetUtcNow() }, server);
    }
}
