using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Hub.Events;
using Hub.Http;
using Hub.Telemetry;
using Microsoft.Extensions.Options;

namespace Hub.Servers;

/// <summary>
/// The servers of all users: logical objects, since no process stands behind them. Starting one is instant; stopping one ends what
/// <see cref="IServerPart"/>s keep alive for it. The database knows which are started, so they stay so over a restart of the hub. Every user has one without a
/// name; those with names are made, and remembered until they are removed.
/// </summary>
/// <remarks>Each server is an immutable <see cref="ServerState"/> in a dictionary, exchanged whole: no lock, and whoever exchanged it does what follows.</remarks>
public sealed partial class ServerRegistry : IDisposable
{
    private readonly ConcurrentDictionary<ServerKey, Entry> _servers = new();
    private readonly ServersStore _store;
    private readonly IServiceProvider _services;
    private readonly EventStream _events;
    private readonly IOptions<ServersOptions> _options;
    private readonly TimeProvider _time;
    private readonly ILogger<ServerRegistry> _logger;
    private readonly Histogram<double> _starts;
    private readonly Histogram<double> _stops;

    public ServerRegistry(
        ServersStore store, IServiceProvider services, EventStream events, IOptions<ServersOptions> options, TimeProvider time, HubMetrics metrics, ILogger<ServerRegistry> logger)
    {
        _store = store;
        _services = services;
        _events = events;
        _options = options;
        _time = time;
        _logger = logger;
        metrics.Meter.CreateObservableGauge("jupyterhub.running.servers", () => _servers.Count(one => one.Value.State.Phase != ServerPhase.Stopped), description: "Servers that run now.");
        _starts = metrics.Meter.CreateHistogram<double>("jupyterhub.server.spawn.duration", "s", "Time a start of a server took.");
        _stops = metrics.Meter.CreateHistogram<double>("jupyterhub.server.stop", "s", "Time a stop of a server took, with everything that ran for it.");
    }

    /// <summary>Does anybody have a named server, running or not?</summary>
    internal bool HasNamed => _namedCount > 0;

    /// <summary>Is the default server of <paramref name="userName"/> started? False while it is being stopped.</summary>
    public bool IsRunning(string userName) => IsRunning(ServerKey.Default(userName));

    /// <summary>Is the server started? False while it is being stopped.</summary>
    public bool IsRunning(ServerKey server) => _servers.TryGetValue(server, out Entry? entry) && entry.State.Phase == ServerPhase.Running;

    /// <summary>The default server of <paramref name="userName"/> and its phase; null when it is stopped.</summary>
    public (UserServer Server, ServerPhase Phase)? Find(string userName) => Find(ServerKey.Default(userName));

    /// <summary>A server and its phase; null for one that is not there, and for a default server that is stopped.</summary>
    public (UserServer Server, ServerPhase Phase)? Find(ServerKey server) =>
        _servers.TryGetValue(server, out Entry? entry) ? (Describe(server, entry), entry.State.Phase) : null;

    /// <summary>Is it remembered, running or not? Default servers are while they run.</summary>
    public bool Has(ServerKey server) => _servers.ContainsKey(server);

    /// <summary>All that run or are being stopped.</summary>
    public IReadOnlyList<UserServer> List() => [.. _servers.Where(one => one.Value.State.Phase != ServerPhase.Stopped).Select(one => Describe(one.Key, one.Value))];

    /// <summary>The servers of one user: the default one if it runs, and all named ones in the order of their names.</summary>
    public IReadOnlyList<(UserServer Server, ServerPhase Phase)> ListOf(string userName)
    {
        IReadOnlyCollection<string> names = NamesOf(userName);
        // So it is with nearly everybody, and lists of users ask for hundreds.
        if (names.Count == 0)
            return Find(userName) is { } only ? [only] : [];
        return [.. names.Prepend("").Select(name => Find(new ServerKey(userName, name))).OfType<(UserServer, ServerPhase)>()];
    }

    /// <summary>Things that run for <paramref name="userName"/> now, of all parts and servers.</summary>
    public int CountRunning(string userName) => _services.GetServices<IServerPart>().Sum(part => part.CountRunning(userName));

    /// <summary>Starts the default server; false when it ran already or cannot be started now.</summary>
    public async Task<bool> StartAsync(string userName, CancellationToken cancellationToken) =>
        await TryStartAsync(userName, cancellationToken) == StartOutcome.Started;

    /// <summary>Starts the default server and says what came of it.</summary>
    public Task<StartOutcome> TryStartAsync(string userName, CancellationToken cancellationToken) => TryStartAsync(ServerKey.Default(userName), cancellationToken);

    /// <summary>Starts a server and says what came of it; a named one must be there already.</summary>
    public async Task<StartOutcome> TryStartAsync(ServerKey server, CancellationToken cancellationToken)
    {
        Entry? there = _servers.GetValueOrDefault(server);
        if (there is { State.Phase: not ServerPhase.Stopped })
            return there.State.Phase == ServerPhase.Running ? StartOutcome.AlreadyRunning : StartOutcome.Stopping;
        if (!server.IsDefault && !_options.Value.AllowNamed)
            return StartOutcome.NotAllowed;
        if (!server.IsDefault && there is null)
            return StartOutcome.NoSuchServer;
        long began = _time.GetTimestamp();
        DateTimeOffset now = _time.GetUtcNow();
        (ServerState state, _) = ServerState.Stopped.Apply(new ServerEvent.StartAsked(now));
        if (there is null)
        {
            if (await _store.AddAsync(server.UserName, now, cancellationToken) is not { } userId)
                return StartOutcome.NoSuchUser;
            // Two may have written it down; the one that enters it here started it.
            if (!_servers.TryAdd(server, new Entry(userId, state)))
                return StartOutcome.AlreadyRunning;
        }
        else
        {
            if (!await _store.StartAsync(there.UserId, server.Name, now, cancellationToken))
                return StartOutcome.NoSuchServer;
            // Started by another, or removed or renamed between: all of them have written down what is true.
            if (!_servers.TryUpdate(server, there with { State = state }, there))
                return IsRunning(server) ? StartOutcome.AlreadyRunning : StartOutcome.NoSuchServer;
        }
        Measure(_starts, began, "success");
        LogStarted(server.ToString());
        await _events.PublishAsync(new HubEvent.ServerStarted(now, server.UserName) { ServerName = server.Name });
        return StartOutcome.Started;
    }

    /// <summary>Stops the default server, see <see cref="StopAsync(ServerKey, CancellationToken)"/>.</summary>
    public Task<bool> StopAsync(string userName, CancellationToken cancellationToken) => StopAsync(ServerKey.Default(userName), cancellationToken);

    /// <summary>Stops it with all its parts; false when it did not run. Whoever asks while it is being stopped waits for the same end.</summary>
    /// <remarks>Cancelling ends the waiting, not the stopping.</remarks>
    public async Task<bool> StopAsync(ServerKey server, CancellationToken cancellationToken)
    {
        for (; ; )
        {
            if (!_servers.TryGetValue(server, out Entry? entry) || entry.State.Phase == ServerPhase.Stopped)
                return false;
            (ServerState state, ServerEffect effect) = entry.State.Apply(new ServerEvent.StopAsked(_time.GetUtcNow()));
            if (effect == ServerEffect.None)
            {
                await entry.Ended.Task.WaitAsync(cancellationToken);
                return true;
            }
            Entry stopping = entry with { State = state };
            if (!_servers.TryUpdate(server, stopping, entry))
                continue;
            _ = EndAsync(server, stopping); // goes on when the asker leaves; its failure arrives through Ended
            await stopping.Ended.Task.WaitAsync(cancellationToken);
            return true;
        }
    }

    /// <summary>Stops all servers of a user; false when none ran.</summary>
    public async Task<bool> StopAllAsync(string userName, CancellationToken cancellationToken)
    {
        bool[] stopped = await Task.WhenAll(ListOf(userName).Select(one => StopAsync(one.Server.Key, cancellationToken)));
        return stopped.Contains(true);
    }

    /// <summary>Notes that the user did something just now; cheap, written to the database now and then.</summary>
    public void NoteActivity(ServerKey server) => NoteActivity(server, _time.GetUtcNow());

    /// <summary>Notes that the user did something at a time in the past; time never goes back.</summary>
    public void NoteActivity(ServerKey server, DateTimeOffset at)
    {
        // A lost race was lost to a newer activity or to a stop: either makes this one worthless.
        if (_servers.TryGetValue(server, out Entry? entry))
            _servers.TryUpdate(server, entry with { State = entry.State.Apply(new ServerEvent.UserActed(at)).State }, entry);
    }

    /// <summary>Takes over what the database knows; called once, before requests are answered.</summary>
    internal async Task LoadAsync(CancellationToken cancellationToken)
    {
        foreach ((UserServer server, bool running) in await _store.ListAsync(cancellationToken))
        {
            _servers[server.Key] = new Entry(
                server.UserId, new ServerState(running ? ServerPhase.Running : ServerPhase.Stopped, server.Started, server.LastActivity), server.DisplayName, server.UserOptions);
            if (server.Name.Length > 0)
                Remember(server.Key);
        }
    }

    private async Task EndAsync(ServerKey server, Entry stopping)
    {
        long began = _time.GetTimestamp();
        try
        {
            foreach (IServerPart part in _services.GetServices<IServerPart>())
                await part.StopAllAsync(server, CancellationToken.None);
            await _store.StopAsync(Describe(server, stopping), CancellationToken.None);
            if (server.IsDefault)
                _servers.TryRemove(server, out _);
            else
                _servers[server] = new Entry(stopping.UserId, stopping.State with { Phase = ServerPhase.Stopped }, stopping.DisplayName, stopping.UserOptions);
            Measure(_stops, began, "success");
            LogStopped(server.ToString());
            await _events.PublishAsync(new HubEvent.ServerStopped(_time.GetUtcNow(), server.UserName) { ServerName = server.Name });
            stopping.Ended.SetResult();
        }
        catch (Exception failure)
        {
            Measure(_stops, began, "failure");
            LogStopFailed(failure, server.ToString());
            // It runs again, so that stopping can be tried again.
            _servers[server] = new Entry(stopping.UserId, stopping.State with { Phase = ServerPhase.Running }, stopping.DisplayName, stopping.UserOptions);
            stopping.Ended.SetException(failure);
            _ = stopping.Ended.Task.Exception; // seen: perhaps nobody waits any more
        }
    }

    private void Measure(Histogram<double> durations, long began, string status) =>
        durations.Record(_time.GetElapsedTime(began).TotalSeconds, new KeyValuePair<string, object?>("status", status));

    private static UserServer Describe(ServerKey server, Entry entry) => new(entry.UserId, server.UserName, entry.State.Started, entry.State.LastActivity)
    {
        Name = server.Name,
        DisplayName = entry.DisplayName,
        UserOptions = entry.UserOptions,
    };

    [LoggerMessage(1000, LogLevel.Debug, "Server {Server} is started")]
    private partial void LogStarted(string server);

    [LoggerMessage(1001, LogLevel.Debug, "Server {Server} is stopped")]
    private partial void LogStopped(string server);

    [LoggerMessage(1002, LogLevel.Error, "Server {Server} could not be stopped; it counts as running")]
    private partial void LogStopFailed(Exception failure, string server);

    private sealed record Entry(long UserId, ServerState State, string DisplayName = "", string UserOptions = "{}")
    {
        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
