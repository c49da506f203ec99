using Dapper;
using Hub.Http;
using Hub.Storage;

namespace Hub.Servers;

/// <summary>Servers in the database: default ones while they run, named ones until they are removed.</summary>
public sealed class ServersStore(HubDatabase database)
{
    /// <summary>All that are remembered, and whether they run.</summary>
    public Task<IReadOnlyList<(UserServer Server, bool Running)>> ListAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<(UserServer, bool)>>(async connection =>
            [.. (await connection.QueryAsync<Row>(
                """
                SELECT user_id, users.name AS user_name, servers.name, started, servers.last_activity, running, servers.display_name, user_options
                FROM servers JOIN users ON users.id = user_id;
                """)).Select(row => (row.ToServer(), row.Running != 0))],
            cancellationToken);

    /// <summary>Writes down that the default server runs; null when there is no such user, else the user's row.</summary>
    public Task<long?> AddAsync(string userName, DateTimeOffset started, CancellationToken cancellationToken) =>
        database.WriteAsync((connection, transaction) => connection.ExecuteScalarAsync<long?>(
            """
            INSERT INTO servers (user_id, name, started, last_activity) SELECT id, '', @at, @at FROM users WHERE name = @userName
            ON CONFLICT (user_id, name) DO UPDATE SET started = @at, last_activity = @at
            RETURNING user_id;
            """,
            new { userName, at = StoredTime.ToStored(started) },
            transaction), cancellationToken);

    /// <summary>Remembers a named server, which does not run yet; null when there is no such user, else the user's row.</summary>
    public Task<long?> CreateAsync(ServerKey server, string displayName, string userOptions, DateTimeOffset at, CancellationToken cancellationToken) =>
        database.WriteAsync((connection, transaction) => connection.ExecuteScalarAsync<long?>(
            """
            INSERT INTO servers (user_id, name, started, last_activity, running, display_name, user_options)
            SELECT id, @Name, @at, @at, 0, @displayName, @userOptions FROM users WHERE name = @UserName
            RETURNING user_id;
            """,
            new { server.UserName, server.Name, displayName, userOptions, at = StoredTime.ToStored(at) },
            transaction), cancellationToken);

    /// <summary>Writes down that a named server runs; false when it is not there any more.</summary>
    public Task<bool> StartAsync(long userId, string name, DateTimeOffset at, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) => await connection.ExecuteAsync(
            "UPDATE servers SET running = 1, started = @at, last_activity = @at WHERE user_id = @userId AND name = @name;",
            new { userId, name, at = StoredTime.ToStored(at) },
            transaction) > 0, cancellationToken);

    /// <summary>Writes down that a server does not run: of a default one nothing stays.</summary>
    public Task StopAsync(UserServer server, CancellationToken cancellationToken) =>
        database.WriteAsync((connection, transaction) => connection.ExecuteAsync(
            server.Name.Length == 0
                ? "DELETE FROM servers WHERE user_id = @UserId AND name = '';"
                : "UPDATE servers SET running = 0, last_activity = @at WHERE user_id = @UserId AND name = @Name;",
            new { server.UserId, server.Name, at = StoredTime.ToStored(server.LastActivity) },
            transaction), cancellationToken);

    /// <summary>Changes what a named server is called and remembers.</summary>
    public Task ChangeAsync(long userId, string name, UserServer after, CancellationToken cancellationToken) =>
        database.WriteAsync((connection, transaction) => connection.ExecuteAsync(
            "UPDATE servers SET name = @Name, display_name = @DisplayName, user_options = @UserOptions WHERE user_id = @userId AND name = @before;",
            new { userId, before = name, after.Name, after.DisplayName, after.UserOptions },
            transaction), cancellationToken);

    /// <summary>Forgets a named server.</summary>
    public Task RemoveAsync(long userId, string name, CancellationToken cancellationToken) =>
        database.WriteAsync((connection, transaction) => connection.ExecuteAsync(
            "DELETE FROM servers WHERE user_id = @userId AND name = @name;", new { userId, name }, transaction), cancellationToken);

    /// <summary>Writes down who was active when, for servers and their users, in one transaction; time never goes back.</summary>
    public Task SaveActivityAsync(IReadOnlyList<UserServer> active, CancellationToken cancellationToken) =>
        database.WriteAsync((connection, transaction) => connection.ExecuteAsync(
            """
            UPDATE servers SET last_activity = @At WHERE user_id = @UserId AND name = @Name AND last_activity < @At;
            UPDATE users SET last_activity = @At WHERE id = @UserId AND (last_activity IS NULL OR last_activity < @At);
            """,
            active.Select(server => new { server.UserId, server.Name, At = StoredTime.ToStored(server.LastActivity) }),
            transaction), cancellationToken);

    private sealed record Row
    {
        public long UserId { get; init; }

        public string UserName { get; init; } = "";

        public string Name { get; init; } = "";

        public long Started { get; init; }

        public long LastActivity { get; init; }

        public long Running { get; init; }

        public string DisplayName { get; init; } = "";

        public string UserOptions { get; init; } = "";

        public UserServer ToServer() => new(UserId, UserName, StoredTime.FromStored(Started), StoredTime.FromStored(LastActivity))
        {
            Name = Name,
            DisplayName = DisplayName,
            UserOptions = UserOptions,
        };
    }
}
