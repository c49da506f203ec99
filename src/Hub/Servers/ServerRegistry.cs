using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Hub.Events;
using Hub.Telemetry;

namespace Hub.Servers;

/// <summary>
/// The servers of all users: logical objects, since no process stands behind them. Starting one is instant; stopping one ends what
/// <see cref="IServerPart"/>s keep alive for it. The database knows which are started, so they stay so over a restart of the hub.
/// </summary>
/// <remarks>Each server is an immutable <see cref="ServerState"/> in a dictionary, exchanged whole: no lock, and whoever exchanged it does what follows.</remarks>
public sealed partial class ServerRegistry
{
    private readonly ConcurrentDictionary<string, Entry> _servers = new(StringComparer.Ordinal);
    private readonly ServersStore _store;
    private readonly IServiceProvider _services;
    private readonly EventStream _events;
    private readonly TimeProvider _time;
    private readonly ILogger<ServerRegistry> _logger;
    private readonly Histogram<double> _starts;
    private readonly Histogram<double> _stops;

    public ServerRegistry(
        ServersStore store, IServiceProvider services, EventStream events, TimeProvider time, HubMetrics metrics, ILogger<ServerRegistry> logger)
    {
        _store = store;
        _services = services;
        _events = events;
        _time = time;
        _logger = logger;
        metrics.Meter.CreateObservableGauge("jupyterhub.running.servers", () => _servers.Count, description: "Servers that run now.");
        _starts = metrics.Meter.CreateHistogram<double>("jupyterhub.server.spawn.duration", "s", "Time a start of a server took.");
        _stops = metrics.Meter.CreateHistogram<double>("jupyterhub.server.stop", "s", "Time a stop of a server took, with everything that ran for it.");
    }

    /// <summary>Is the default server of <paramref name="userName"/> started? False while it is being stopped.</summary>
    public bool IsRunning(string userName) => _servers.TryGetValue(userName, out Entry? entry) && entry.State.Phase == ServerPhase.Running;

    /// <summary>The default server of <paramref name="userName"/> and its phase; null when it is stopped.</summary>
    public (UserServer Server, ServerPhase Phase)? Find(string userName) =>
        _servers.TryGetValue(userName, out Entry? entry) ? (Describe(userName, entry), entry.State.Phase) : null;

    /// <summary>All that run or are being stopped.</summary>
    public IReadOnlyList<UserServer> List() => [.. _servers.Select(one => Describe(one.Key, one.Value))];

    /// <summary>Things that run for <paramref name="userName"/> now, of all parts.</summary>
    public int CountRunning(string userName) => _services.GetServices<IServerPart>().Sum(part => part.CountRunning(userName));

    /// <summary>Starts the default server; false when it ran already or cannot be started now.</summary>
    public async Task<bool> StartAsync(string userName, CancellationToken cancellationToken) =>
        await TryStartAsync(userName, cancellationToken) == StartOutcome.Started;

    /// <summary>Starts the default server and says what came of it.</summary>
    public async Task<StartOutcome> TryStartAsync(string userName, CancellationToken cancellationToken)
    {
        if (_servers.TryGetValue(userName, out Entry? there))
            return there.State.Phase == ServerPhase.Running ? StartOutcome.AlreadyRunning : StartOutcome.Stopping;
        long began = _time.GetTimestamp();
        DateTimeOffset now = _time.GetUtcNow();
        (ServerState state, _) = ServerState.Stopped.Apply(new ServerEvent.StartAsked(now));
        if (await _store.AddAsync(userName, now, cancellationToken) is not { } userId)
            return StartOutcome.NoSuchUser;
        // Two may have written it down; the one that enters it here started it.
        if (!_servers.TryAdd(userName, new Entry(userId, state)))
            return StartOutcome.AlreadyRunning;
        Measure(_starts, began, "success");
        LogStarted(userName);
        await _events.PublishAsync(new HubEvent.ServerStarted(now, userName));
        return StartOutcome.Started;
    }

    /// <summary>Stops it with all its parts; false when it did not run. Whoever asks while it is being stopped waits for the same end.</summary>
    /// <remarks>Cancelling ends the waiting, not the stopping.</remarks>
    public async Task<bool> StopAsync(string userName, CancellationToken cancellationToken)
    {
        for (; ; )
        {
            if (!_servers.TryGetValue(userName, out Entry? entry))
                return false;
            (ServerState state, ServerEffect effect) = entry.State.Apply(new ServerEvent.StopAsked(_time.GetUtcNow()));
            if (effect == ServerEffect.None)
            {
                await entry.Ended.Task.WaitAsync(cancellationToken);
                return true;
            }
            Entry stopping = entry with { State = state };
            if (!_servers.TryUpdate(userName, stopping, entry))
                continue;
            _ = EndAsync(userName, stopping); // goes on when the asker leaves; its failure arrives through Ended
            await stopping.Ended.Task.WaitAsync(cancellationToken);
            return true;
        }
    }

    /// <summary>Notes that the user did something just now; cheap, written to the database now and then.</summary>
    public void NoteActivity(string userName) => NoteActivity(userName, _time.GetUtcNow());

    /// <summary>Notes that the user did something at a time in the past; time never goes back.</summary>
    public void NoteActivity(string userName, DateTimeOffset at)
    {
        // A lost race was lost to a newer activity or to a stop: either makes this one worthless.
        if (_servers.TryGetValue(userName, out Entry? entry))
            _servers.TryUpdate(userName, entry with { State = entry.State.Apply(new ServerEvent.UserActed(at)).State }, entry);
    }

    /// <summary>Takes over what the database says is started; called once, before requests are answered.</summary>
    internal async Task LoadAsync(CancellationToken cancellationToken)
    {
        foreach (UserServer server in await _store.ListAsync(cancellationToken))
            _servers[server.UserName] = new Entry(server.UserId, new ServerState(ServerPhase.Running, server.Started, server.LastActivity));
    }

    private async Task EndAsync(string userName, Entry stopping)
    {
        long began = _time.GetTimestamp();
        try
        {
            foreach (IServerPart part in _services.GetServices<IServerPart>())
                await part.StopAllAsync(userName, CancellationToken.None);
            await _store.RemoveAsync(stopping.UserId, CancellationToken.None);
            _servers.TryRemove(userName, out _);
            Measure(_stops, began, "success");
            LogStopped(userName);
            await _events.PublishAsync(new HubEvent.ServerStopped(_time.GetUtcNow(), userName));
            stopping.Ended.SetResult();
        }
        catch (Exception failure)
        {
            Measure(_stops, began, "failure");
            LogStopFailed(failure, userName);
            // It runs again, so that stopping can be tried again.
            _servers[userName] = new Entry(stopping.UserId, stopping.State with { Phase = ServerPhase.Running });
            stopping.Ended.SetException(failure);
            _ = stopping.Ended.Task.Exception; // seen: perhaps nobody waits any more
        }
    }

    private void Measure(Histogram<double> durations, long began, string status) =>
        durations.Record(_time.GetElapsedTime(began).TotalSeconds, new KeyValuePair<string, object?>("status", status));

    private static UserServer Describe(string userName, Entry entry) => new(entry.UserId, userName, entry.State.Started, entry.State.LastActivity);

    [LoggerMessage(1000, LogLevel.Debug, "The server of {User} is started")]
    private partial void LogStarted(string user);

    [LoggerMessage(1001, LogLevel.Debug, "The server of {User} is stopped")]
    private partial void LogStopped(string user);

    [LoggerMessage(1002, LogLevel.Error, "The server of {User} could not be stopped; it counts as running")]
    private partial void LogStopFailed(Exception failure, string user);

    private sealed record Entry(long UserId, ServerState State)
    {
        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
