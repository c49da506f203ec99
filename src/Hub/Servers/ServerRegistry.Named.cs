using System.Collections.Concurrent;
using System.Collections.Immutable;
using Hub.Http;

namespace Hub.Servers;

/// <summary>Named servers: made, changed and removed one at a time, so that limits hold and a name is free only when nothing of it is left.</summary>
public sealed partial class ServerRegistry
{
    private readonly ConcurrentDictionary<string, ImmutableSortedSet<string>> _names = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _naming = new(1, 1);
    private volatile int _namedCount;

    public void Dispose() => _naming.Dispose();

    /// <summary>The named servers of a user, sorted.</summary>
    public IReadOnlyCollection<string> NamesOf(string userName) => _names.GetValueOrDefault(userName, ImmutableSortedSet<string>.Empty);

    /// <summary>Remembers a new named server; it does not run yet. Whether its name may be one is the caller's to ask, see <see cref="NamedServersHandler"/>.</summary>
    internal async Task<NamingOutcome> CreateAsync(ServerKey server, string displayName, string userOptions, CancellationToken cancellationToken)
    {
        await _naming.WaitAsync(cancellationToken);
        try
        {
            if (_servers.ContainsKey(server))
                return NamingOutcome.Exists;
            if (NamesOf(server.UserName).Count >= _options.Value.NamedPerUser)
                return NamingOutcome.TooMany;
            DateTimeOffset now = _time.GetUtcNow();
            if (await _store.CreateAsync(server, displayName, userOptions, now, cancellationToken) is not { } userId)
                return NamingOutcome.NoSuchUser;
            _servers[server] = new Entry(userId, new ServerState(ServerPhase.Stopped, now, now), displayName, userOptions);
            Remember(server);
            return NamingOutcome.Done;
        }
        finally
        {
            _naming.Release();
        }
    }

    /// <summary>Changes what a named server that does not run is called and remembers; nulls stay as they are.</summary>
    internal async Task<NamingOutcome> ChangeAsync(ServerKey server, string? name, string? displayName, string? userOptions, CancellationToken cancellationToken)
    {
        await _naming.WaitAsync(cancellationToken);
        try
        {
            if (!_servers.TryGetValue(server, out Entry? before))
                return NamingOutcome.NoSuchServer;
            var after = new ServerKey(server.UserName, name ?? server.Name);
            if (before.State.Phase != ServerPhase.Stopped)
                return NamingOutcome.Active;
            if (after != server && _servers.ContainsKey(after))
                return NamingOutcome.Exists;
            Entry changed = before with { DisplayName = displayName ?? before.DisplayName, UserOptions = userOptions ?? before.UserOptions };
            // Out of reach while it changes: it cannot start under a name it is just losing.
            if (!_servers.TryRemove(KeyValuePair.Create(server, before)))
                return NamingOutcome.Active;
            try
            {
                await _store.ChangeAsync(before.UserId, server.Name, Describe(after, changed), CancellationToken.None);
                (before, server, ServerKey former) = (changed, after, server);
                if (former == after)
                    return NamingOutcome.Done;
                Forget(former);
                Remember(after);
                foreach (IServerPart part in _services.GetServices<IServerPart>())
                    await part.RenamedAsync(changed.UserId, former, after.Name, CancellationToken.None);
                return NamingOutcome.Done;
            }
            finally
            {
                _servers[server] = before;
            }
        }
        finally
        {
            _naming.Release();
        }
    }

    /// <summary>Forgets a named server and all that is kept for it; it must not run.</summary>
    internal async Task<NamingOutcome> RemoveAsync(ServerKey server, CancellationToken cancellationToken)
    {
        await _naming.WaitAsync(cancellationToken);
        try
        {
            if (!_servers.TryGetValue(server, out Entry? entry))
                return NamingOutcome.NoSuchServer;
            if (entry.State.Phase != ServerPhase.Stopped || !_servers.TryRemove(KeyValuePair.Create(server, entry)))
                return NamingOutcome.Active;
            try
            {
                // First what others hold of it: should this fail half way, it is a server less shared, not a share without its server.
                foreach (IServerPart part in _services.GetServices<IServerPart>())
                    await part.RemovedAsync(entry.UserId, server, CancellationToken.None);
                await _store.RemoveAsync(entry.UserId, server.Name, CancellationToken.None);
            }
            catch (Exception failure)
            {
                // Perhaps nobody waits any more to whom it could be said.
                LogRemoveFailed(failure, server.ToString());
                _servers[server] = entry;
                throw;
            }
            Forget(server);
            LogRemoved(server.ToString());
            return NamingOutcome.Done;
        }
        finally
        {
            _naming.Release();
        }
    }

    /// <summary>The user is called otherwise; none of their servers runs.</summary>
    internal async Task UserRenamedAsync(string from, string to, CancellationToken cancellationToken)
    {
        await _naming.WaitAsync(cancellationToken);
        try
        {
            foreach (string name in NamesOf(from))
            {
                Forget(new ServerKey(from, name));
                if (_servers.TryRemove(new ServerKey(from, name), out Entry? entry))
                {
                    _servers[new ServerKey(to, name)] = entry;
                    Remember(new ServerKey(to, name));
                }
            }
        }
        finally
        {
            _naming.Release();
        }
    }

    /// <summary>The user is gone, and from the database their servers are, too.</summary>
    internal async Task UserDeletedAsync(string userName, CancellationToken cancellationToken)
    {
        await _naming.WaitAsync(cancellationToken);
        try
        {
            foreach (string name in NamesOf(userName))
            {
                Forget(new ServerKey(userName, name));
                _servers.TryRemove(new ServerKey(userName, name), out _);
            }
        }
        finally
        {
            _naming.Release();
        }
    }

    private void Remember(ServerKey server)
    {
        _names.AddOrUpdate(
            server.UserName, static (_, name) => ImmutableSortedSet.Create(StringComparer.Ordinal, name), static (_, names, name) => names.Add(name), server.Name);
        Interlocked.Increment(ref _namedCount);
    }

    private void Forget(ServerKey server)
    {
        ImmutableSortedSet<string> left = _names.AddOrUpdate(
            server.UserName, static (_, _) => ImmutableSortedSet<string>.Empty, static (_, names, name) => names.Remove(name), server.Name);
        if (left.IsEmpty)
            _names.TryRemove(KeyValuePair.Create(server.UserName, left));
        Interlocked.Decrement(ref _namedCount);
    }

    [LoggerMessage(1005, LogLevel.Error, "Server {Server} could not be removed; it is still there")]
    private partial void LogRemoveFailed(Exception failure, string server);

    [LoggerMessage(1006, LogLevel.Debug, "Server {Server} is removed")]
    private partial void LogRemoved(string server);
}
